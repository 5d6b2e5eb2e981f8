"""How a request names a person, a plan, a deal and a period: by id, or by the key that people know."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from incentives.models import Plan
from incentives.selectors.deal_keys import deals_nameable
from incentives.selectors.plans import plan_rows
from planning.selectors import period_list
from spm.crm.models import Opportunity
from spm.people.models import Participant
from spm.roles.policy import Viewer, visible
from spm.web.naming import RowsNamed, row_named

KEY_OR_ID = "By key or by id."
PERIOD_KEY_OR_ID = "By key, such as 2026-Q4, or by id."


def person_named(viewer: Viewer, name: str, *, action: str = "", field: str = "participant") -> Participant:
    """Give the person within reach of an action (that of the address where none is named); an unknown one is the error of the field."""
    people = visible(viewer, Participant.objects.all(), participant="pk", action=action)
    return row_named(people, name, key="source_key", field=field)


def plan_named(viewer: Viewer, name: str, *, field: str = "plan") -> Plan:
    """Give the plan within reach; an unknown one is the error of the field."""
    return row_named(plan_rows(viewer), name, key="code", field=field)


def deal_named(viewer: Viewer, name: str | None, *, field: str = "deal") -> Opportunity | None:
    """Give the deal, None where none is named: any of the company for who reaches it, else one that the viewer sees."""
    if name is None:
        return None
    return row_named(deals_nameable(viewer), name, key="source_key", field=field, what="deal")


def period_named(name: str, *, field: str = "") -> Any:
    """Give the period; an unknown one is the error of the field, or of the address where there is none."""
    return row_named(period_list(), name, key="key", field=field)


def places_named(viewer: Viewer, lines: Iterable[Mapping[str, Any]]) -> dict[str, Callable[[str], Any]]:
    """Give what finds the participant, the period and the plan that each of many lines names; an unknown one is the error of its field."""
    people = visible(viewer, Participant.objects.all(), participant="pk")
    kinds = (
        ("participant", people, "source_key"),
        ("period", period_list(), "key"),
        ("plan", plan_rows(viewer), "code"),
    )
    asked = list(lines)
    return {
        field: RowsNamed(rows, {line[field] for line in asked if line[field]}, key=key, field=field)
        for field, rows, key in kinds
    }
