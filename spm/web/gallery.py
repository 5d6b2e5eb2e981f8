"""The gallery: every building block of pages in its states, for those who build pages and for the browser tests.

Its numbers are specimens of type, not facts of a company. It is wired with DEBUG and in tests only.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from spm.core.findings import Finding, Severity
from spm.core.money import RATE_SCALE

DAY = date(2026, 5, 15)
PERCENT = RATE_SCALE // 100


@dataclass(frozen=True, slots=True)
class Specimen:
    """A job in one of its states."""

    label: str
    state: str
    percent: int | None = None
    remaining_seconds: int | None = None
    detail: str = ""
    findings: list[Finding] = field(default_factory=list)


class SpecimenForm(forms.Form):
    """Each kind of field once."""

    name = forms.CharField(label=_("Plan name"), help_text=_("As it appears on statements."))
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Rate"), choices=[("FLAT", _("Flat")), ("MARGINAL", _("Marginal"))])
    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX, up to 50 MB."), required=False)
    scope = forms.ChoiceField(
        label=_("Who it is for"),
        choices=[("TITLE", _("Everyone with the title")), ("POSITION", _("Single positions"))],
        widget=forms.RadioSelect,
    )
    is_draft = forms.BooleanField(label=_("Keep as draft"), required=False)


class SpecimenFilter(forms.Form):
    """A filter of two fields."""

    q = forms.CharField(label=_("Person or deal"), required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), ("HELD", _("Held"))], required=False)


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every building block."""
    if "toast" in request.GET:
        messages.success(request, _("The plan was published. It counts from 1 July 2026."))
        messages.error(request, _("The run stopped: 3 people have no quota in Q2. Set them, then run again."))
    pages = Paginator(_rows(), 4).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": SpecimenForm(),
        "refused": SpecimenForm({"name": "", "starts_on": "31.02.2026"}, prefix="refused"),
        "filter_form": SpecimenFilter(request.GET),
        "page": pages,
        "day": DAY,
        "until": date(2026, 7, 1),
        "moment": datetime(2026, 5, 15, 9, 30, tzinfo=UTC),
        "findings": _findings(),
        "jobs": _jobs(),
        "changes": [("Name", "AE 2026", "AE 2026 H2"), ("Rate above quota", "8 %", "9.5 %"), ("Cap", None, "200 %")],
        "charts": _charts(),
    }
    return render(request, "web/gallery.html", context | _bars() | _timeline())


def gallery_job(request: HttpRequest) -> HttpResponse:
    """Show a running job alone, as its page would while it polls."""
    return render(request, "web/_gallery_job.html", {"job": _jobs()[1]})


def _rows() -> list[dict[str, Any]]:
    names = ["Amara Okafor", "Jonas Weber", "Priya Raman", "Luis Ortega", "Hanna Lindqvist", "Wei Chen", "Zoë Martin"]
    states = ["PAYABLE", "HELD", "PAID", "EARNED", "PAYABLE", "STALE", "PAID"]
    return [
        {
            "id": index,
            "name": name,
            "title": "Account executive",
            "earned": 1_240_050 - index * 333_333,
            "attainment": (128 - index * 17) * PERCENT,
            "deals": 14 - index,
            "state": states[index],
        }
        for index, name in enumerate(names)
    ]


def _findings() -> list[Finding]:
    return [
        Finding(
            code="TIER_GAP",
            where="AE 2026, tier 3",
            what="There is no rate between 80 % and 100 %.",
            why="Nobody on this plan was calculated.",
            fix="Close the gap in tier 3.",
        ),
        Finding(
            code="RATE_MISSING",
            where="",
            what="Two deals in CHF have no exchange rate for 31 March.",
            why="They are left out of attainment.",
            fix="Import the rates of March.",
            severity=Severity.WARNING,
        ),
        Finding(
            code="LATE_FACT",
            where="",
            what="Four deals of a locked period changed.",
            fix="The next run posts the difference.",
            severity=Severity.NOTICE,
        ),
    ]


def _jobs() -> list[Specimen]:
    return [
        Specimen("Nightly run of 15 May", "QUEUED"),
        Specimen("Import opportunities.csv", "RUNNING", 62, 48, "5,456 of 8,800 rows"),
        Specimen("Recalculate Q2", "SUCCEEDED", 100, detail="214 people, 1,932 deals, 3.4 s"),
        Specimen("Import orders.xlsx", "FAILED", 12, detail="Nothing was written.", findings=_findings()[:1]),
    ]


def _bars() -> dict[str, Any]:
    edges = [(50 * PERCENT, "4 %"), (80 * PERCENT, "6 %"), (100 * PERCENT, "8 %"), (120 * PERCENT, "12 %")]
    return {
        "edges": edges,
        "attained": 71 * PERCENT,
        "over": 112 * PERCENT,
        "pace": 76 * PERCENT,
        "low": 71 * PERCENT,
        "high": 96 * PERCENT,
    }


def _timeline() -> dict[str, Any]:
    spans: list[tuple[str, list[tuple[str, date, date | None, str]]]] = [
        (
            "Position",
            [("SDR West", date(2025, 1, 1), date(2026, 2, 1), "grey"), ("AE West", date(2026, 2, 1), None, "blue")],
        ),
        (
            "Territory",
            [("California", date(2026, 2, 1), date(2026, 9, 1), "green"), ("West", date(2026, 9, 1), None, "green")],
        ),
        (
            "Plan",
            [("SDR 2025", date(2025, 1, 1), date(2026, 2, 1), "grey"), ("AE 2026", date(2026, 2, 1), None, "violet")],
        ),
        (
            "Quota",
            [
                ("$350,000", date(2026, 1, 1), date(2026, 4, 1), "teal"),
                ("$410,000", date(2026, 4, 1), date(2026, 7, 1), "teal"),
            ],
        ),
        ("Leave", [("Parental", date(2026, 10, 1), date(2026, 12, 1), "amber")]),
    ]
    keys = ("label", "start", "until", "tone")
    lanes = [{"label": name, "spans": [dict(zip(keys, span, strict=True)) for span in row]} for name, row in spans]
    return {"lanes": lanes, "lanes_from": date(2026, 1, 1), "lanes_until": date(2027, 1, 1)}


def _charts() -> list[dict[str, Any]]:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    people = [row["name"] for row in _rows()]
    money = {"unit": "money", "currency": "USD"}
    won = [41_200_00, 38_050_00, 52_300_00, 47_900_00, 61_100_00, None]
    forecast = [
        {"name": "Won and forecast", "values": [100_00, 220_00, 340_00, 455_00, 560_00, 690_00]},
        {"name": "Low", "role": "low", "values": [None, None, None, 455_00, 500_00, 560_00]},
        {"name": "High", "role": "high", "values": [None, None, None, 455_00, 640_00, 830_00]},
        {"name": "Quota", "values": [110_00, 220_00, 330_00, 440_00, 550_00, 660_00]},
    ]
    stages = [
        {"name": "Won", "values": won[:4]},
        {"name": "Commit", "values": won[1:5]},
        {"name": "Best case", "values": won[:4]},
    ]
    attained = [{"name": "Attainment", "values": [row["attainment"] for row in _rows()]}]
    steps = [{"name": "Change", "values": [820_00, 140_00, -95_00, -210_00, 60_00]}]
    passed = [{"name": "Opportunities", "values": [1240, 780, 410, 166]}]
    return [
        {
            "id": "c_bar",
            "kind": "bar",
            "title": "May was the strongest month so far",
            "data": {"categories": months, "series": [{"name": "Won", "values": won}], **money},
        },
        {
            "id": "c_band",
            "kind": "band",
            "title": "Will we make the second quarter?",
            "data": {"categories": months, "series": forecast, **money},
        },
        {
            "id": "c_stack",
            "kind": "stacked",
            "title": "Commit covers what is missing in April",
            "data": {"categories": months[:4], "series": stages, **money},
        },
        {
            "id": "c_line",
            "kind": "line",
            "title": "Won deals keep ahead of last year",
            "data": {"categories": months, "series": [forecast[0], forecast[3]], **money},
        },
        {
            "id": "c_att",
            "kind": "attainment",
            "horizontal": True,
            "title": "Two of seven are over quota",
            "data": {"categories": people, "series": attained, "unit": "rate", "edges": [80 * PERCENT]},
        },
        {
            "id": "c_fall",
            "kind": "waterfall",
            "total": True,
            "title": "Slipped deals took back half of what was new",
            "data": {"categories": ["Open", "New", "Lost", "Slipped", "Pulled in"], "series": steps, **money},
        },
        {
            "id": "c_funnel",
            "kind": "funnel",
            "title": "Every second demo leads to a proposal",
            "data": {"categories": ["Qualified", "Demo", "Proposal", "Won"], "series": passed, "unit": "count"},
        },
    ]
