"""Manual credits: as people see them, and as the frame that a run reads."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from incentives.engine.compiling import compile_plan
from incentives.engine.manual import takes_manual
from incentives.models import ManualCredit, PlanState, PlanVersion
from incentives.selectors.windows import csv_of
from spm.approvals.selectors import approval_state, approved_keys
from spm.core.dated import day_number
from spm.roles.policy import Viewer, visible

KIND = "manual_credit"


def credit_list(viewer: Viewer) -> QuerySet[Any]:
    """Give the manual credits of the people within reach with where their approval stands, latest first."""
    rows = ManualCredit.objects.select_related("participant", "opportunity", "reverses")
    rows = rows.annotate(state=approval_state(KIND, is_request=True)).order_by("-number")
    return visible(viewer, rows)


def credits_csv(start: date, until: date) -> bytes | None:
    """Give the approved credits of the days as the engine reads them; None where there are none."""
    rows = ManualCredit.objects.filter(pk__in=approved_keys(KIND), credit_on__gte=start, credit_on__lt=until)
    found = [
        (
            one.pk,
            credit_words(one),
            one.participant_id,
            one.measure,
            one.amount_minor,
            one.currency,
            day_number(one.credit_on),
        )
        for one in rows
    ]
    columns = ["deal_key", "source_key", "participant_key", "measure", "amount_minor", "currency", "credit_on"]
    return csv_of(found, columns) if found else None


def credits_named(keys: Iterable[str]) -> dict[str, ManualCredit]:
    """Give the manual credits among the keys of credited rows."""
    rows = ManualCredit.objects.filter(pk__in=[UUID(key) for key in keys]).select_related("opportunity")
    return {str(one.pk): one for one in rows}


def credit_words(credit: ManualCredit) -> str:
    """Give what a statement and a trace say of a credit: its number and reason on one line."""
    return f"{credit}: {' '.join(credit.reason.split())}"


def measures_on(day: date) -> dict[str, set[str]]:
    """Give the measures of the published plans of a day that take manual credits, each with the currencies it is kept in."""
    found: dict[str, set[str]] = {}
    for version in PlanVersion.objects.filter(state=PlanState.PUBLISHED, during__contains=day):
        plan, _ = compile_plan(version.definition)
        for measure in plan.measures if plan is not None else ():
            if takes_manual(measure):
                found.setdefault(measure.key, set()).add(version.definition["currency"])
    return found
