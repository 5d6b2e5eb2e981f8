"""Issues statements: a further version for each participant whose figures of the period changed, never a change of one that was issued."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from incentives.engine.plan import PLAN_LIMITS
from incentives.models import Run, RunEarning, Statement
from incentives.selectors.facts import digest_of
from incentives.selectors.ledger import Balance, balances
from incentives.selectors.lines import main_line
from spm.people.models import Participant

Place = tuple[UUID, str]
"""Participant and currency."""


def statements_issue(*, run: Run, earnings: Iterable[RunEarning]) -> int:
    """Issue the statements that differ from the latest ones of the period; gives their number.

    Everybody who is on a plan has one, also with 0.00; whoever has left the plan gets a further version that says so. The totals are
    those of the ledger, so that statements and ledger never differ.
    """
    latest = _latest(run.period_id)
    lines = _lines(earnings)
    totals = {(who, currency): balance for (who, _, currency), balance in balances([run.period_id]).items()}
    unknown = _not_calculated(run, {who for who, _ in (*lines, *latest)})
    places = (
        lines.keys() | latest.keys() | totals.keys() | {(who, _currency(who, lines, latest, run)) for who in unknown}
    )
    issued = []
    for place in sorted(places, key=str):
        content = _content(
            lines.get(place, []), totals.get(place, Balance()), unknown.get(place[0], []), latest.get(place)
        )
        if latest.get(place) is None or latest[place].hash != digest_of(content):
            issued.append(_statement(run, place, content, latest.get(place)))
    Statement.objects.bulk_create(issued, batch_size=500)
    return len(issued)


def _latest(period_id: UUID) -> dict[Place, Statement]:
    found = Statement.objects.filter(period_id=period_id).order_by("participant_id", "currency", "-number")
    return {(one.participant_id, one.currency): one for one in found.distinct("participant_id", "currency")}


def _lines(earnings: Iterable[RunEarning]) -> dict[Place, list[dict[str, Any]]]:
    found: dict[Place, list[dict[str, Any]]] = {}
    for row in sorted(
        earnings, key=lambda one: (str(one.participant_id), one.plan_version.number, str(one.plan_version_id))
    ):
        document = row.plan_version.definition
        names = {each.get("key"): each.get("name", each.get("key")) for each in document["components"]} | PLAN_LIMITS
        found.setdefault((row.participant_id, row.currency), []).append(
            {
                "plan": str(row.plan_version.plan_id),
                "plan_name": document.get("name", document["plan"]),
                "plan_version": str(row.plan_version_id),
                "component": row.component,
                "component_name": names[row.component],
                "place": list(names).index(row.component),
                "credit_minor": row.credit_minor,
                "credit_count": row.credit_count,
                "quota_value": row.quota_value,
                "attainment_rate": row.attainment_rate,
                "earned_minor": row.earned_minor,
                "slices": row.slices,
                "calculated": True,
            }
        )
    for lines in found.values():
        lines.sort(key=lambda line: (line["plan_name"], line["plan_version"], line["place"]))
    return found


def _not_calculated(run: Run, known: set[UUID]) -> dict[UUID, list[dict[str, str]]]:
    """The errors of the run that name a participant, in words."""
    about: dict[UUID, list[dict[str, str]]] = {}
    for finding in run.findings:
        key = finding["about"].get("participant_key")
        if finding["severity"] == "ERROR" and key:
            about.setdefault(UUID(key), []).append(
                {name: str(finding[name]) for name in ("code", "what", "why", "fix")}
            )
    existing = set(Participant.objects.filter(pk__in=about).values_list("id", flat=True))
    return {who: findings for who, findings in about.items() if who in existing or who in known}


def _currency(who: UUID, lines: Mapping[Place, Any], latest: Mapping[Place, Any], run: Run) -> str:
    """The currency of a statement that has no figure: as before, or as others of the run."""
    own = sorted(currency for person, currency in (*lines, *latest) if person == who)
    others = sorted(currency for _, currency in lines)
    return (own or others or ["XXX"])[0]


def _content(
    lines: list[dict[str, Any]], total: Balance, findings: list[dict[str, str]], before: Statement | None
) -> dict[str, Any]:
    """What the statement says. A line that could not be calculated this time is kept as it was, and marked."""
    kept = [
        {**line, "calculated": False}
        for line in (before.content["lines"] if before is not None and findings else [])
        if not any(line["plan"] == other["plan"] and line["component"] == other["component"] for other in lines)
    ]
    return {
        "lines": [*lines, *kept],
        "findings": findings,
        "earned_minor": total.earned_minor,
        "payable_minor": total.payable_minor,
        "paid_minor": total.paid_minor,
    }


def _statement(run: Run, place: Place, content: dict[str, Any], before: Statement | None) -> Statement:
    main = main_line(content["lines"])
    return Statement(
        participant_id=place[0],
        period_id=run.period_id,
        number=before.number + 1 if before else 1,
        run=run,
        currency=place[1],
        credit_minor=main["credit_minor"] if main else 0,
        earned_minor=content["earned_minor"],
        payable_minor=content["payable_minor"],
        content=content,
        hash=digest_of(content),
        issued_at=timezone.now(),
    )
