"""Issues statements: a further version for each participant whose figures of the period changed, never a change of one that was issued."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from incentives.engine.plan import PLAN_LIMITS
from incentives.models import PlanVersion, Run, Statement
from incentives.selectors.converting import conversions_said
from incentives.selectors.earnings import Earned, balances_of, people_of_run
from incentives.selectors.facts import canonical
from incentives.selectors.hand_holding import holds_said
from incentives.selectors.leaving import leavers_of
from incentives.selectors.ledger import Balance
from incentives.selectors.lines import main_line
from incentives.selectors.prior import Beside, Place, beside_of
from incentives.selectors.rare import rare_get
from incentives.selectors.settling import left_on
from incentives.selectors.unstated import people_unstated
from spm.people.models import Participant
from spm.tenancy.copying import insert_columns

NOTHING = Balance()
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

    participant_id: str
    currency: str
    number: int
    run_id: str
    credit_minor: int
    earned_minor: int
    payable_minor: int
    content: str
    hash: str


def statements_issue(*, run: Run, earned: Earned, is_paid_elsewhere: bool, waits: Waits | None = None) -> int:
    """Issue the statements that differ from the latest ones of the period; gives their number. `waits` is what they say of waiting pay.

    Everybody who is on a plan has one, also with 0.00; whoever has left the plan gets a further version that says so. The totals are
    those of the ledger, so that statements and ledger never differ: of the period's books, or, where other periods pay what it earns
    (`is_paid_elsewhere`), of all that was earned in it.
    """
    people, rare = people_of_run(run), rare_get()
    latest = _latest(run.period_id, people)
    lines = _lines(earned)
    totals = balances_of(run.period_id, people, is_earned_in=is_paid_elsewhere)
    beside = {} if is_paid_elsewhere else beside_of(run.period_id, people, rare)
    held = holds_said(run.period, people, is_earned_in=is_paid_elsewhere) if rare.holds else {}
    converted = conversions_said(run.period, people) if rare.conversions and not is_paid_elsewhere else {}
    leavers = None if is_paid_elsewhere else leavers_of(run.period, people)
    unknown = _not_calculated(run, {who for who, _ in (*lines, *latest)})
    places = (
        lines.keys() | latest.keys() | totals.keys() | {(who, _currency(who, lines, latest, run)) for who in unknown}
    )
    before = _lines_before(latest[place] for place in places if place in latest and place[0] in unknown)
    issues: list[_Issue] = []
    for place in sorted(places):
        last = latest.get(place)
        kept = before.get(last.id, []) if last else []
        content = _content(lines.get(place, []), totals.get(place, NOTHING), unknown.get(place[0], []), kept)
        said = (beside.get(place), None if waits is None else waits.get(place), held.get(place))
        content = _with(content, *said, converted.get(place))
        if leavers is not None:
            content |= leavers.said(place, content.get("waits", ()))
        issues += _changed(place, last, content, run.id)
    _insert(run.period_id, issues)
    return len(issues)


def statements_reissue(*, period: Any, run: Run | None, people: Iterable[str], waits: Waits | None = None) -> int:
    """Issue statements of a period anew, with their own lines as they are, because its books took something else; gives their number.

    `run` stands for those who have none of the period yet. A statement needs a run: without any, nobody can have one. What they say of
    waiting pay stays as it was where `waits` is not given.
    """
    asked = sorted(set(people))
    latest, rare = _latest(period.id, asked), rare_get()
    totals, beside = balances_of(period.id, asked), beside_of(period.id, asked, rare)
    held = holds_said(period, asked) if rare.holds else {}
    converted = conversions_said(period, asked) if rare.conversions else {}
    leavers = leavers_of(period, asked)
    said = {one.pk: one.content for one in Statement.objects.filter(pk__in=[each.id for each in latest.values()])}
    issues: list[_Issue] = []
    for place in sorted(latest.keys() | totals.keys()):
        last = latest.get(place)
        run_id = run.id if last is None and run is not None else last.run_id if last is not None else None
        if run_id is None:
            continue
        before = said[last.id] if last is not None else {"lines": [], "findings": []}
        content = _content(before["lines"], totals.get(place, NOTHING), before["findings"], [])
        waiting = before.get("waits") if waits is None else waits.get(place)
        content = _with(content, beside.get(place), waiting, held.get(place), converted.get(place))
        content |= leavers.said(place, content.get("waits", ()))
        issues += _changed(place, last, content, run_id)
    _insert(period.id, issues)
    return len(issues)


def statements_final_renew(period: Any) -> int:
    """Issue the statements of those who had left by the end of a period anew where earlier books paid or took something since; gives
    their number."""
    left = left_on(None, period.during.upper)
    return statements_reissue(period=period, run=run_of_books(period), people=left) if left else 0


def statements_complete() -> int:
    """Issue the first statement of those whose open books hold something and who have none, such as what was brought in as held before
    the first run; gives their number. Without it the period is on no list of theirs."""
    return sum(
        statements_reissue(period=period, run=run_of_books(period), people=people)
        for period, people in people_unstated()
    )


def run_of_books(period: Any) -> Run | None:
    """Give the run that stands for those who have no statement of a period yet: its latest, or else the latest of all."""
    rows = Run.objects.order_by("-facts_known_at")
    return rows.filter(period=period).first() or rows.first()


def _with(content: dict[str, Any], beside: Beside | None, waits: Any, holds: Any, conversions: Any) -> dict[str, Any]:
    """What a statement says besides, where there is any: what stands beside its lines, waits, is held by hand, or converted."""
    if beside is not None:
        content |= beside.content
    if waits:
        content["waits"] = waits
    if holds:
        content["holds"] = holds
    if conversions:
        content["conversions"] = conversions
    return content


def _changed(place: Place, last: _Issued | None, content: dict[str, Any], run_id: UUID) -> Iterable[_Issue]:
    """The statement that says this; none where the latest says the same."""
    text = canonical(content)
    digest = sha256(text.encode()).hexdigest()
    if last is not None and last.hash == digest:
        return ()
    main = main_line(content["lines"])
    amounts = (main["credit_minor"] if main else 0, content["earned_minor"], content["payable_minor"])
    return (_Issue(*place, last.number + 1 if last else 1, str(run_id), *amounts, text, digest),)


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


def _lines(earned: Earned) -> dict[Place, list[dict[str, Any]]]:
    named = {(str(one.id), key): line for one in earned.versions.values() for key, line in _named(one).items()}
    found: dict[Place, list[dict[str, Any]]] = {}
    for who, version, component, credit, count, quota, attainment, amount, currency, slices in earned.rows:
        line = {
            **named[version, component],
            "credit_minor": credit,
            "credit_count": count,
            "quota_value": quota,
            "attainment_rate": attainment,
            "earned_minor": amount,
            "slices": json.loads(slices),
        }
        found.setdefault((who, currency), []).append(line)
    for lines in found.values():
        lines.sort(key=lambda line: (line["plan_name"], line["plan_version"], line["place"]))
    return found


def _named(version: PlanVersion) -> dict[str, dict[str, Any]]:
    """What a line says of its component or limit besides figures, by key, for those of a plan version in their order."""
    document = version.definition
    names = {each.get("key"): each.get("name", each.get("key")) for each in document["components"]} | PLAN_LIMITS
    plan = {
        "plan": str(version.plan_id),
        "plan_name": document.get("name", document["plan"]),
        "plan_version": str(version.id),
        "calculated": True,
    }
    return {
        key: plan | {"component": key, "component_name": name, "place": place}
        for place, (key, name) in enumerate(names.items())
    }


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
    if not issues:
        return
    count, named = len(issues), zip(_Issue._fields, zip(*issues, strict=True), strict=True)
    columns: dict[str, tuple[str, Sequence[Any]]] = {name: (_KINDS[name], column) for name, column in named}
    columns |= {"period_id": ("uuid", [period_id] * count), "issued_at": ("timestamptz", [timezone.now()] * count)}
    insert_columns(Statement._meta.db_table, columns)


_KINDS = {
    "participant_id": "uuid",
    "currency": "text",
    "number": "integer",
    "run_id": "uuid",
    "credit_minor": "bigint",
    "earned_minor": "bigint",
    "payable_minor": "bigint",
    "content": "jsonb",
    "hash": "text",
}
