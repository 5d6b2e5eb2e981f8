"""Cards, states, findings and the other pieces that pages are put together from.

Each tag renders one template of `templates/components/`; a tag with an end tag wraps what stands between.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from spm.web.templatetags.states import state_label, state_tone

register = template.Library()


@register.simple_tag
def icon(name: str, *, label: str = "") -> SafeString:
    """Draw an icon of `static/icons.svg`; without a label it is decoration."""
    hidden = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" focusable="false" {}><use href="{}#{}"></use></svg>', hidden, static("icons.svg"), name
    )


@register.simple_tag
def badge(text: str, *, tone: str = "neutral", icon: str = "") -> SafeString:
    """Show a short word in a tone: neutral, info, success, warning, danger."""
    return format_html('<span class="pill pill-{}">{}{}</span>', tone, _icon_or_dot(icon), text)


def _icon_or_dot(name: str) -> SafeString:
    return icon(name) if name else mark_safe('<span class="pill-dot" aria-hidden="true"></span>')


@register.simple_tag
def state(value: object, *, label: str = "") -> SafeString:
    """Show the state of a thing as a badge, with the tone that the state's name has everywhere."""
    return badge(label or state_label(value), tone=state_tone(value))


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str = "",
    purpose: str = "",
    id: str = "",
    action_url: str = "",
    action_label: str = "",
    flush: bool = False,
    level: int = 2,
) -> SafeString:
    """Frame what belongs together; `flush` leaves out the padding, for tables."""
    return _render("card", locals())


@register.simple_block_tag
def stats(content: str) -> SafeString:
    """Lay stat tiles out in one row that wraps."""
    return format_html('<dl class="stats">{}</dl>', content)


@register.simple_tag
def stat(
    *,
    label: str,
    value: object,
    delta: object = "",
    tone: str = "",
    definition: str = "",
    url: str = "",
    note: object = "",
) -> SafeString:
    """Show one number with its name, its change (`tone` up, down or empty) and what it means."""
    return _render("stat", locals())


@register.simple_tag
def findings(rows: Iterable[Any] | None, *, title: str = "", grouped: bool = False) -> SafeString:
    """List findings: what is wrong, why it matters, what to do next. Shows nothing when there are none.

    `grouped` puts those of one code together and shows the first three of them; the others are behind a disclosure with their count.
    """
    found = [_finding(row) for row in rows or ()]
    if not found:
        return SafeString("")
    groups: dict[object, list[dict[str, Any]]] = {}
    for place, row in enumerate(found):
        groups.setdefault(row["code"] or place if grouped else "", []).append(row)
    shown = [(rows[:FIRST], rows[FIRST:]) if grouped else (rows, []) for rows in groups.values()]
    return _render("findings", {"groups": shown, "title": title})


FIRST = 3
"""Findings of one code that are shown where they are grouped."""


def _finding(row: Any) -> dict[str, Any]:
    names = ("code", "where", "what", "why", "fix", "url")
    read = row.get if isinstance(row, Mapping) else lambda name, default="": getattr(row, name, default)
    finding = {name: read(name, "") for name in names}
    severity = str(read("severity", "ERROR")).lower()
    tones = {"error": "danger", "warning": "warning", "notice": "info", "info": "info"}
    words = {
        "error": gettext("Error"),
        "warning": gettext("Warning"),
        "notice": gettext("Notice"),
        "info": gettext("Notice"),
    }
    icons = {"error": "error", "warning": "alert", "notice": "info", "info": "info"}
    return finding | {"tone": tones[severity], "word": words.get(severity, gettext("Notice")), "icon": icons[severity]}


@register.simple_block_tag
def callout(content: str, *, title: str = "", tone: str = "info") -> SafeString:
    """Say something about the whole page or card in a tone: info, success, warning, danger."""
    icons = {"info": "info", "success": "success", "warning": "alert", "danger": "error"}
    return _render("callout", {"content": content, "title": title, "tone": tone, "icon": icons[tone]})


@register.simple_tag
def empty(
    *,
    title: str,
    text: str = "",
    icon: str = "seedling",
    action_url: str = "",
    action_label: str = "",
    guide_url: str = "",
    guide_label: str = "",
) -> SafeString:
    """Say what belongs here, the one next action, and where the guide explains it."""
    return _render("empty", locals())


@register.simple_block_tag
def pairs(content: str, *, columns: int = 1) -> SafeString:
    """Lay out names and values, one below the other or in two or three columns."""
    return format_html('<dl class="pairs pairs-{}">{}</dl>', columns, content)


@register.simple_tag
def pair(label: str, value: object) -> SafeString:
    """Show one name and its value inside `pairs`; None and empty text show a dash that is read as "not set"."""
    if value is None or value == "":
        value = format_html(
            '<span class="muted"><span aria-hidden="true">–</span><span class="visually-hidden">{}</span></span>',
            gettext("not set"),
        )
    return format_html('<div class="pair"><dt>{}</dt><dd>{}</dd></div>', label, value)


@register.simple_tag
def diff(rows: Iterable[tuple[object, object, object]]) -> SafeString:
    """Show (label, old, new) rows as old → new; equal rows are dimmed."""
    changes = [{"label": name, "old": old, "new": new, "same": old == new} for name, old, new in rows]
    return _render("diff", {"rows": changes})


@register.simple_tag
def why(url: str, text: str = "") -> SafeString:
    """Link a number to its trace."""
    return format_html('<a class="why" href="{}">{}{}</a>', url, icon("trace"), text or gettext("Why"))


@register.simple_tag
def initials(name: str) -> SafeString:
    """Draw the first and last initial of a name on the name's own tint; decoration beside the name itself."""
    words = name.split()
    letters = "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()
    return format_html(
        '<span class="avatar-initials avatar-tint-{}" aria-hidden="true">{}</span>', sum(name.encode()) % 6, letters
    )


@register.simple_tag
def person(name: str, *, url: str = "", note: object = "") -> SafeString:
    """Show a person as initials, name and a note such as the position."""
    label = format_html('<a href="{}">{}</a>', url, name) if url else format_html("<span>{}</span>", name)
    small = format_html('<span class="person-note">{}</span>', note) if note else ""
    return format_html(
        '<span class="person">{}<span class="person-text">{}{}</span></span>',
        initials(name),
        label,
        small,
    )


@register.simple_tag
def browser(user_agent: str) -> str:
    """Say which browser on which system a user agent string names, as far as it does.

    >>> browser("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")
    'Chrome on Linux'
    """
    names = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "CrOS", "Linux")
    name = next((word for mark, word in names if mark in user_agent), "")
    system = next((word for word in systems if word in user_agent), "").replace("Mac OS X", "macOS")
    if not name or not system:
        return user_agent[:60] or gettext("Unknown browser")
    return gettext("%(browser)s on %(system)s") % {"browser": name, "system": system}


@register.simple_tag(takes_context=True)
def job(
    context: template.Context, job: Any, *, poll_url: str = "", retry_url: str = "", cancel_url: str = ""
) -> SafeString:
    """Show a long piece of work; while queued or running it asks `poll_url` for itself every two seconds."""
    status = str(getattr(job, "state", "")).lower()
    values = {
        "job": job,
        "poll_url": poll_url if status in ("queued", "running") else "",
        "retry_url": retry_url if status in ("failed", "cancelled") else "",
        "cancel_url": cancel_url if status in ("queued", "running") else "",
        "status": status,
        "request": context.get("request"),
        "csrf_token": context.get("csrf_token"),
    }
    return SafeString(render_to_string("components/job.html", values))


def _render(name: str, values: Mapping[str, Any]) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", dict(values)))
