"""Attainment bar, timeline and charts: SVG without inline style, and a table beside every chart.

Positions are percentages for drawing only; every number that a person reads comes from `figures`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from spm.core.money import RATE_SCALE, minor_digits
from spm.web.templatetags.figures import (
    EN_DASH,
    days_text,
    measured_text,
    money,
    month_text,
    quantity,
    rate_text,
    reader_locale,
)
from spm.web.templatetags.figures import rate as rate_figure

register = template.Library()

ECHARTS = "vendor/echarts/echarts.min.js"
COMPACT_TOP = RATE_SCALE * 3 // 2
"""Where the bars in tables end: one scale for all rows, so that they can be compared."""
LABEL_GAP = 11
"""Edge labels nearer to each other than this share of the bar (in percent) would touch: the later one is left out."""


def _percent(part: int, whole: int) -> str:
    """A position along the axis for an SVG attribute."""
    return f"{max(0, min(100, part * 100 / whole)):.2f}%"


@register.simple_tag
def attainment(
    *,
    rate: int | None,
    edges: Sequence[int | tuple[int, str]] = (),
    pace: int | None = None,
    low: int | None = None,
    high: int | None = None,
    label: str = "",
    compact: bool = False,
) -> SafeString:
    """Draw credit against quota with tier edges, the pace of today and the forecast's band: ratios at RATE_SCALE."""
    if rate is None:
        return format_html('<span class="unknown">{}</span>', label or gettext("unknown"))
    pairs = [edge if isinstance(edge, tuple) else (edge, "") for edge in edges]
    widest = max([RATE_SCALE, rate, high or 0, *(edge for edge, _ in pairs)]) * 107 // 100
    top = COMPACT_TOP if compact else widest
    values = {
        "bar": _percent(rate, top),
        "marks": _marks(pairs, top),
        "goal": _percent(RATE_SCALE, top),
        "pace": _percent(pace, top) if pace is not None else "",
        "band": _band(low, high, top),
        "is_over": rate >= RATE_SCALE,
        "compact": compact,
        "label": rate_text(rate, digits=1, fixed=True) if compact else label or rate_text(rate, digits=1),
        "summary": _attainment_summary(rate, pairs, pace, low, high),
    }
    return SafeString(render_to_string("components/attainment.html", values))


def _marks(pairs: Iterable[tuple[int, str]], top: int) -> list[dict[str, Any]]:
    marks: list[dict[str, Any]] = []
    last = float("-inf")
    for edge, text in sorted(pairs):
        place = edge * 100 / top
        shown = place - last >= LABEL_GAP
        last = place if shown else last
        anchor = "start" if place < LABEL_GAP / 2 else "end" if place > 100 - LABEL_GAP / 2 else "middle"
        marks.append(
            {"at": _percent(edge, top), "text": text or rate_text(edge, digits=1), "shown": shown, "anchor": anchor}
        )
    return marks


def _band(low: int | None, high: int | None, top: int) -> dict[str, str]:
    if low is None or high is None:
        return {}
    return {"at": _percent(low, top), "width": _percent(high - low, top)}


def _attainment_summary(
    rate: int, pairs: Iterable[tuple[int, str]], pace: int | None, low: int | None, high: int | None
) -> str:
    parts = [gettext("%(rate)s of quota") % {"rate": rate_text(rate, digits=1)}]
    if pace is not None:
        parts.append(gettext("pace for today %(rate)s") % {"rate": rate_text(pace, digits=1)})
    if low is not None and high is not None:
        span = {"low": rate_text(low, digits=0), "high": rate_text(high, digits=0)}
        parts.append(gettext("forecast %(low)s to %(high)s") % span)
    edges = ", ".join(rate_text(edge, digits=1) for edge, _ in sorted(pairs))
    if edges:
        parts.append(gettext("tier edges at %(edges)s") % {"edges": edges})
    return "; ".join(parts)


SPARK = (72, 20, 3)
"""Width, height and margin of a course in a table, in units of its own drawing."""


@register.simple_tag
def sparkline(values: Sequence[int | None], *, unit: str, currency: str) -> SafeString:
    """Draw the course of a figure of performance, oldest first, and say it in words; a missing value is a gap."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return format_html('<span class="muted">{}</span>', EN_DASH)
    ends = {"first": measured_text(known[0], unit, currency), "last": measured_text(known[-1], unit, currency)}
    label = gettext("From %(first)s to %(last)s") % ends
    width, height, margin = SPARK
    low, high = min(known), max(known)
    step = (width - 2 * margin) / max(1, len(values) - 1)
    places = [
        None
        if value is None
        else (margin + step * index, height - margin - (value - low) * (height - 2 * margin) / ((high - low) or 1))
        for index, value in enumerate(values)
    ]
    parts: list[list[str]] = [[]]
    for place in places:
        if place is None:
            parts.append([])
        else:
            parts[-1].append(f"{place[0]:.1f},{place[1]:.1f}")
    last = next(place for place in reversed(places) if place is not None)
    lines = [" ".join(part) for part in parts if len(part) > 1]
    values_of = {"lines": lines, "x": f"{last[0]:.1f}", "y": f"{last[1]:.1f}", "label": label}
    return SafeString(render_to_string("components/sparkline.html", values_of))


@register.simple_tag
def timeline(
    lanes: Iterable[Mapping[str, Any]], *, start: date, until: date, today: date | None = None, label: str = ""
) -> SafeString:
    """Draw what holds for one person when: lanes of half-open spans on one axis [start, until)."""
    length = (until - start).days
    drawn = [
        {
            "label": lane["label"],
            "spans": [_span(span, start, until) for span in lane["spans"] if _overlaps(span, start, until)],
        }
        for lane in lanes
    ]
    values = {
        "lanes": drawn,
        "ticks": _ticks(start, until),
        "today": _percent((today - start).days, length) if today and start <= today < until else "",
        "label": label or gettext("Timeline %(days)s") % {"days": days_text(start, until)},
    }
    return SafeString(render_to_string("components/timeline.html", values))


def _overlaps(span: Mapping[str, Any], start: date, until: date) -> bool:
    return span["start"] < until and (span.get("until") is None or span["until"] > start)


def _span(span: Mapping[str, Any], start: date, until: date) -> dict[str, Any]:
    length = (until - start).days
    first, last = max(span["start"], start), min(span.get("until") or until, until)
    return {
        "label": span["label"],
        "days": days_text(span["start"], span.get("until")),
        "at": _percent((first - start).days, length),
        "width": _percent((last - first).days, length),
        "tone": span.get("tone", "blue"),
        "url": span.get("url", ""),
        "is_open": span.get("until") is None,
    }


def _ticks(start: date, until: date) -> list[dict[str, str]]:
    """Marks at the first days of months, at most about eight of them."""
    months = (until.year - start.year) * 12 + until.month - start.month
    step = next(size for size in (1, 3, 6, 12, 24, 60, 120, 1200) if months // size <= 8)
    first = start.year * 12 + start.month - 1
    ticks = []
    for month in range(first + (-first % step), until.year * 12 + until.month, step):
        on = date(month // 12, month % 12 + 1, 1)
        if start <= on < until:
            text = str(on.year) if step >= 12 else month_text(on)
            ticks.append({"at": _percent((on - start).days, (until - start).days), "text": text})
    return ticks


@register.simple_tag
def chart(
    *,
    id: str,
    kind: str,
    title: str,
    data: Mapping[str, Any],
    summary: str = "",
    horizontal: bool = False,
    total: bool = False,
    height: str = "medium",
) -> SafeString:
    """Draw `data` as a chart whose title says the finding, with a summary in words and its table.

    `data` holds categories, series of (name, values, role), unit (money in minor units, rate at RATE_SCALE, count),
    currency, labels and edges. A missing value is None. Without the vendor's script the table is open.
    """
    currency = data.get("currency") or ""
    unit = data.get("unit", "count")
    options = {
        "kind": kind,
        "horizontal": horizontal,
        "total": total,
        "divisor": 10 ** minor_digits(currency) if unit == "money" else RATE_SCALE if unit == "rate" else 1,
        "language": str(reader_locale()).replace("_", "-"),
        "words": {"total": gettext("Total"), "quota": gettext("Quota"), "range": gettext("Range")},
    }
    source = vendor_url(ECHARTS)
    values = {
        "id": id,
        "title": title,
        "summary": summary,
        "height": height,
        "source": source,
        "json": _json({**data, **options, "unit": unit}),
        "table": _chart_table(data, unit, currency, total=total),
    }
    return SafeString(render_to_string("components/chart.html", values))


def _json(value: Mapping[str, Any]) -> SafeString:
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return mark_safe(text.translate({ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}))


def _chart_table(data: Mapping[str, Any], unit: str, currency: str, *, total: bool) -> dict[str, Any]:
    series = data["series"]
    columns = [each["values"] for each in series]
    rows = [
        {"name": name, "cells": [_cell(column[index], unit, currency) for column in columns]}
        for index, name in enumerate(data["categories"])
    ]
    sums = [_cell(sum(value or 0 for value in column), unit, currency) for column in columns] if total else []
    head = data.get("labels", {}).get("category", "")
    return {"head": head, "columns": [each["name"] for each in series], "rows": rows, "sums": sums}


def _cell(value: int | None, unit: str, currency: str) -> SafeString:
    if unit == "money":
        return SafeString(money(value, currency))
    return SafeString(rate_figure(value)) if unit == "rate" else SafeString(quantity(value))


@register.simple_tag
def vendor_url(path: str) -> str:
    """Give the address of a vendor's file, or nothing where it was not installed."""
    collected = getattr(staticfiles_storage, "hashed_files", None)
    if collected:
        return staticfiles_storage.url(path) if path in collected else ""
    return staticfiles_storage.url(path) if finders.find(path) or staticfiles_storage.exists(path) else ""


@register.simple_tag
def vendor_style(path: str) -> SafeString:
    """Link a vendor's stylesheet when it is installed."""
    url = vendor_url(f"vendor/{path}")
    return format_html('<link rel="stylesheet" href="{}">', url) if url else SafeString("")


@register.simple_tag
def vendor_script(path: str) -> SafeString:
    """Load a vendor's script when it is installed."""
    url = vendor_url(f"vendor/{path}")
    return format_html('<script src="{}" defer></script>', url) if url else SafeString("")
