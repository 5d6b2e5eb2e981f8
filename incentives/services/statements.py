"""Issues statements: a further version for each participant whose figures of the period changed, never a change of one that was issued."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from incentives.engine.plan import PLAN_LIMITS
from incentives.models import PlanVersion, Run, Statement
from incentives.selectors.earnings import Earning, balances_of_run, people_of_run
from incentives.selectors.facts import canonical
from incentives.selectors.ledger import Balance
from incentives.selectors.lines import main_line
from spm.people.models import Participant
from spm.tenancy.copying import insert_columns

Place = tuple[str, str]
"""Participant and currency."""


class _Issued(NamedTuple):
    """The latest statement of a place, without what it says."""

    id: UUID
    number: int
    hash: str


class _Issue(NamedTuple):
    """A statement to be."""

    place: Place
    number: int
    content: dict[str, Any]
    text: str
    hash: str

    @property
    def credit_minor(self) -> int:
        """The credits of its main line."""
        main = main_line(self.content["lines"])
        return main["credit_minor"] if main else 0


def statements_issue(*, run: Run, earnings: Sequence[Earning]) -> int:
    """Issue the statements that differ from the latest ones of the period; gives their number.

    Everybody who is on a plan has one, also with 0.00; whoever has left the plan gets a further version that says so. The totals are
    those of the ledger, so that statements and ledger never differ.
    """
    latest = _latest(run)
    lines = _lines(earnings)
    totals = balances_of_run(run)
    unknown = _not_calculated(run, {who for who, _ in (*lines, *latest)})
    places = (
        lines.keys() | latest.keys() | totals.keys() | {(who, _currency(who, lines, latest, run)) for who in unknown}
    )
    before = _lines_before(latest[place] for place in places if place in latest and place[0] in unknown)
    issues = []
    for place in sorted(places):
        last = latest.get(place)
        kept = before.get(last.id, []) if last else []
        content = _content(lines.get(place, []), totals.get(place, Balance()), unknown.get(place[0], []), kept)
        text = canonical(content)
        digest = sha256(text.encode()).hexdigest()
        if last is None or last.hash != digest:
            issues.append(_Issue(place, last.number + 1 if last else 1, content, text, digest))
    _insert(run, issues)
    return len(issues)


def _latest(run: Run) -> dict[Place, _Issued]:
    people = people_of_run(run)
    found = Statement.objects.filter(period_id=run.period_id).order_by("participant_id", "currency", "-number")
    if people is not None:
        found = found.filter(participant_id__in=people)
    rows = found.distinct("participant_id", "currency").values_list(
        "participant_id", "currency", "id", "number", "hash"
    )
    return {(str(who), currency): _Issued(key, number, digest) for who, currency, key, number, digest in rows}


def _lines_before(statements: Iterable[_Issued]) -> dict[UUID, list[dict[str, Any]]]:
    """The lines of statements issued before, for those who can't be calculated now."""
    found = Statement.objects.filter(pk__in=[one.id for one in statements])
    return {key: content["lines"] for key, content in found.values_list("id", "content")}


def _lines(earnings: Sequence[Earning]) -> dict[Place, list[dict[str, Any]]]:
    versions = {
        str(one.id): one for one in PlanVersion.objects.filter(pk__in={row.plan_version_id for row in earnings})
    }
    names = {key: _names(one) for key, one in versions.items()}
    places = {key: {name: place for place, name in enumerate(each)} for key, each in names.items()}
    found: dict[Place, list[dict[str, Any]]] = {}
    for row in earnings:
        version, document = versions[row.plan_version_id], versions[row.plan_version_id].definition
        found.setdefault((row.participant_id, row.currency), []).append(
            {
                "plan": str(version.plan_id),
                "plan_name": document.get("name", document["plan"]),
                "plan_version": row.plan_version_id,
                "component": row.component,
                "component_name": names[row.plan_version_id][row.component],
                "place": places[row.plan_version_id][row.component],
                "credit_minor": row.credit_minor,
                "credit_count": row.credit_count,
                "quota_value": row.quota_value,
                "attainment_rate": row.attainment_rate,
                "earned_minor": row.earned_minor,
                "slices": json.loads(row.slices),
                "calculated": True,
            }
        )
    for lines in found.values():
        lines.sort(key=lambda line: (line["plan_name"], line["plan_version"], line["place"]))
    return found


def _names(version: PlanVersion) -> dict[str, str]:
    """The components of a plan version by key, in order, and its limits."""
    components = version.definition["components"]
    return {each.get("key"): each.get("name", each.get("key")) for each in components} | PLAN_LIMITS


def _not_calculated(run: Run, known: set[str]) -> dict[str, list[dict[str, str]]]:
    """The errors of the run that name a participant, in words."""
    about: dict[str, list[dict[str, str]]] = {}
    for finding in run.findings:
        key = finding["about"].get("participant_key")
        if finding["severity"] == "ERROR" and key:
            about.setdefault(key, []).append({name: str(finding[name]) for name in ("code", "what", "why", "fix")})
    existing = {str(key) for key in Participant.objects.filter(pk__in=about).values_list("id", flat=True)}
    return {who: findings for who, findings in about.items() if who in existing or who in known}


def _currency(who: str, lines: Mapping[Place, Any], latest: Mapping[Place, Any], run: Run) -> str:
    """The currency of a statement that has no figure: as before, or as others of the run."""
    own = sorted(currency for person, currency in (*lines, *latest) if person == who)
    others = sorted(currency for _, currency in lines)
    return (own or others or ["XXX"])[0]


def _content(
    lines: list[dict[str, Any]], total: Balance, findings: list[dict[str, str]], before: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the statement says. A line that could not be calculated this time is kept as it was, and marked."""
    kept = [
        {**line, "calculated": False}
        for line in (before if findings else [])
        if not any(line["plan"] == other["plan"] and line["component"] == other["component"] for other in lines)
    ]
    return {
        "lines": [*lines, *kept],
        "findings": findings,
        "earned_minor": total.earned_minor,
        "payable_minor": total.payable_minor,
        "paid_minor": total.paid_minor,
    }


def _insert(run: Run, issues: Sequence[_Issue]) -> None:
    now = timezone.now()
    insert_columns(
        Statement._meta.db_table,
        {
            "participant_id": ("uuid", [each.place[0] for each in issues]),
            "period_id": ("uuid", [str(run.period_id)] * len(issues)),
            "number": ("integer", [each.number for each in issues]),
            "run_id": ("uuid", [str(run.id)] * len(issues)),
            "currency": ("text", [each.place[1] for each in issues]),
            "credit_minor": ("bigint", [each.credit_minor for each in issues]),
            "earned_minor": ("bigint", [each.content["earned_minor"] for each in issues]),
            "payable_minor": ("bigint", [each.content["payable_minor"] for each in issues]),
            "content": ("jsonb", [each.text for each in issues]),
            "hash": ("text", [each.hash for each in issues]),
            "issued_at": ("timestamptz", [now] * len(issues)),
        },
    )
