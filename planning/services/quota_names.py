"""What quota plans may be called: a name is that of one plan and its revisions, and of one open draft."""

from itertools import count

from django.db import connection
from django.db.models import QuerySet

from planning.models import QuotaPlan, QuotaPlanState
from planning.selectors.quota_plans import quota_plans_named
from spm.tenancy.scope import current_organisation_id

LONGEST = 100


def name_problem(name: str, plan: QuotaPlan | None = None) -> str:
    """Say why a plan may not have a name, with one that is free; nothing where it may. Nobody else names a plan until the transaction ends.

    A `plan` that revises others shares their name, as long as no other draft has it.
    """
    with connection.cursor() as cursor:
        key = f"quota_plan_names:{current_organisation_id()}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    for other in _others(name, plan):
        if other.state == QuotaPlanState.DRAFT and plan is not None and _first(other) == _first(plan):
            return (
                f"A draft of {other.name} is open already, and drafts are told apart by their names. Go on with that draft, "
                f"or give it another name first, such as “{name_free(name)}”."
            )
        if plan is None or _first(other) != _first(plan):
            return (
                f"{other.name} is the plan of {other.year} already. Give this one another name, such as "
                f"“{name_free(name)}”."
            )
    return ""


def name_free(name: str) -> str:
    """Give the name with the first number that no plan has with it.

    The number is 2 or more; a long name is cut, so that it fits.
    """
    ends = (f" ({number})" for number in count(2))
    names = (f"{name.strip()[: LONGEST - len(end)]}{end}" for end in ends)
    return next(found for found in names if not quota_plans_named(found).exists())


def _others(name: str, plan: QuotaPlan | None) -> QuerySet[QuotaPlan]:
    rows = quota_plans_named(name).select_related("revises")
    return rows if plan is None else rows.exclude(pk=plan.pk)


def _first(plan: QuotaPlan) -> QuotaPlan:
    """Give the plan that a revision goes back to, over all between."""
    while plan.revises is not None:
        plan = plan.revises
    return plan
