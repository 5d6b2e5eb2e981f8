"""Issues statements: a further version for each participant whose figures of the period changed, never a change of one that was issued."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from incentives.engine.plan import PLAN_LIMITS
from incentives.models import PlanVersion, Run, Statement
from incentives.selectors.earnings import Earning, balances_of, people_of_run
from incentives.selectors.facts import canonical
from incentives.selectors.hand_holding import holds_said
from incentives.selectors.leaving import leavers_of
from incentives.selectors.ledger import Balance
from incentives.selectors.lines import main_line
from incentives.selectors.periods import is_paid_elsewhere
from incentives.selectors.prior import Beside, Place, beside_of
from spm.people.models import Participant
from spm.tenancy.copying import insert_columns

Waits = Mapping[Place, list[dict[str, Any]]]
"""What statements say of waiting pay, by participant and currency."""


class _Issued(NamedTuple):
    """The latest statement of a place, without what it says."""

    id: UUID
    number: int
    hash: str
    run_id: UUID


class _Issue(NamedTuple):
    """A statement to be."""

    place: Place
    number: int
    content: dict[str, Any]
    text: str
    hash: str
    run_id: str

    @property
    def credit_minor(self) -> int:
        """The credits of its main line."""
        main = main_line(self.content["lines"])
        return main["credit_minor"] if main else 0


def statements_issue(*, run: Run, earnings: Sequence[Earning], waits: Waits | None = None) -> int:
    """Issue the statements that differ from the latest ones of the period; gives their number. `waits` is what they say of waiting pay.

    Everybody who is on a plan has one, also with 0.00; whoever has left the plan gets a further version that says so. The totals are
    those of the ledger, so that statements and ledger never differ: of the period's books, or, where other periods pay what it earns,
    of all that was earned in it.
    """
    people, is_elsewhere = people_of_run(run), is_paid_elsewhere(run.period)
    latest = _latest(run.period_id, people)
    lines = _lines(earnings)
    totals = balances_of(run.period_id, people, is_earned_in=is_elsewhere)
    beside = {} if is_elsewhere else beside_of(run.period_id, people)
    held = holds_said(run.period, people, is_earned_in=is_elsewhere)
    leavers = None if is_elsewhere else leavers_of(run.period, people)
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
        content |= beside[place].content if place in beside else {}
        content |= _waiting(place, waits, {}) | _held(place, held)
        content |= leavers.said(place, content.get("waits", ())) if leavers is not None else {}
        issues += _changed(place, last, content, run.id)
    _insert(run.period_id, issues)
    return len(issues)


def statements_reissue(*, period: Any, run: Run | None, people: Iterable[str], waits: Waits | None = None) -> int:
    """Issue statements of a period anew, with their own lines as they are, because its books took something else; gives their number.

    `run` stands for those who have none of the period yet. A statement needs a run: without any, nobody can have one. What they say of
    waiting pay stays as it was where `waits` is not given.
    """
    asked = sorted(set(people))
    latest = _latest(period.id, asked)
    totals, beside, held = balances_of(period.id, asked), beside_of(period.id, asked), holds_said(period, asked)
    leavers = leavers_of(period, asked)
    said = {one.pk: one.content for one in Statement.objects.filter(pk__in=[each.id for each in latest.values()])}
    issues = []
    for place in sorted(latest.keys() | totals.keys()):
        last = latest.get(place)
        run_id = run.id if last is None and run is not None else last.run_id if last is not None else None
        if run_id is None:
            continue
        before = said[last.id] if last is not None else {"lines": [], "findings": []}
        content = _content(before["lines"], totals.get(place, Balance()), before["findings"], [])
        content |= beside.get(place, Beside([], [])).content | _waiting(place, waits, before)
        content |= _held(place, held)
        content |= leavers.said(place, content.get("waits", ()))
        issues += _changed(place, last, content, run_id)
    _insert(period.id, issues)
    return len(issues)


def run_of_books(period: Any) -> Run | None:
    """Give the run that stands for those who have no statement of a period yet: its latest, or else the latest of all."""
    rows = Run.objects.order_by("-facts_known_at")
    return rows.filter(period=period).first() or rows.first()


def _waiting(place: Place, waits: Waits | None, before: Mapping[str, Any]) -> dict[str, Any]:
    """What a statement says of waiting pay; nothing where nothing waits."""
    rows = before.get("waits") if waits is None else waits.get(place)
    return {"waits": rows} if rows else {}


def _held(place: Place, held: Waits) -> dict[str, Any]:
    """What a statement says of holds by hand; nothing where there are none, so that it says the same as before there were any."""
    return {"holds": held[place]} if place in held else {}


def _changed(place: Place, last: _Issued | None, content: dict[str, Any], run_id: UUID) -> list[_Issue]:
    """The statement that says this; none where the latest says the same."""
    text = canonical(content)
    digest = sha256(text.encode()).hexdigest()
    if last is not None and last.hash == digest:
        return []
    return [_Issue(place, last.number + 1 if last else 1, content, text, digest, str(run_id))]


def _latest(period_id: UUID, people: Iterable[str] | None) -> dict[Place, _Issued]:
    found = Statement.objects.filter(period_id=period_id).order_by("participant_id", "currency", "-number")
    if people is not None:
        found = found.filter(participant_id__in=list(people))
    rows = found.distinct("participant_id", "currency").values_list(
        "participant_id", "currency", "id", "number", "hash", "run_id"
    )
    return {(str(who), currency): _Issued(key, number, digest, run) for who, currency, key, number, digest, run in rows}


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


def _insert(period_id: UUID, issues: Sequence[_Issue]) -> None:
    now = timezone.now()
    insert_columns(
        Statement._meta.db_table,
        {
            "participant_id": ("uuid", [each.place[0] for each in issues]),
            "period_id": ("uuid", [str(period_id)] * len(issues)),
            "number": ("integer", [each.number for each in issues]),
            "run_id": ("uuid", [each.run_id for each in issues]),
            "currency": ("text", [each.place[1] for each in issues]),
            "credit_minor": ("bigint", [each.credit_minor for each in issues]),
            "earned_minor": ("bigint", [each.content["earned_minor"] for each in issues]),
            "payable_minor": ("bigint", [each.content["payable_minor"] for each in issues]),
            "content": ("jsonb", [each.text for each in issues]),
            "hash": ("text", [each.hash for each in issues]),
            "issued_at": ("timestamptz", [now] * len(issues)),
        },
    )
