"""Why a line is what it is, from what its run stored and read, so that it stays so after facts and plans have moved on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from incentives.engine.compiling import compile_plan
from incentives.engine.nodes import TraceNode, total_of
from incentives.engine.plan import Component, Plan
from incentives.engine.prose import Clause, component_clauses, limit_clauses
from incentives.engine.reach import reach_of, stands_alone
from incentives.engine.run import Result
from incentives.engine.trace import trace
from incentives.engine.words import Accumulation
from incentives.models import ManualCredit, RunEarning, RunRate, Statement
from incentives.selectors.credits import credit_words, credits_named
from incentives.selectors.facts import frame_of
from incentives.selectors.kept import compute_again, compute_few, compute_person
from incentives.selectors.late_returns import untaken_words
from incentives.selectors.lines import Line, lines_of
from incentives.selectors.rates import Converted, converted_at, rates_kept
from incentives.selectors.surroundings import contents_kept
from spm.core.money import to_major
from spm.crm.deal_keys import Dealt, deals_named
from spm.people.models import Participant, Position

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CREDITS = """
    select c.opportunity_id::text, c.credit_on, coalesce(s.name, ''), c.rule, c.share_rate, c.credit_minor, c.earned_minor,
           coalesce(via.name, ''), c.stated_minor, c.rate_number, c.converted_minor
    from incentives_runcredit c
    left join people_position s on s.id = c.position_id
    left join people_participant via on via.id = c.via_participant_id
    where c.run_id = %(run)s and c.participant_id = %(participant)s and c.plan_version_id = %(version)s and c.component = %(component)s
    order by c.line
"""


@dataclass(frozen=True)
class Credit:
    """A deal behind a line, as the run knew it: what it credited and earned, and whose deal it was where it is somebody else's.

    `row_id` is the fact that was credited (of `kind`: the deal, one of its order lines, or what takes it back), `deal_id` its deal.
    """

    row_id: str
    kind: str
    deal_id: str
    source: str
    source_key: str
    credit_on: Any
    position: str
    rule: str
    share_rate: int
    credit_minor: int
    earned_minor: int
    via: str
    account: str
    product: str
    converted: Converted | None = None
    untaken: str = ""
    """Why a return took nothing back, where it came after the window of the clawback."""

    @property
    def as_returned(self) -> tuple[str, str, date]:
        """Give what tells whether it is late: the row, the rule and the day."""
        return self.row_id, self.rule, self.credit_on

    @property
    def took_nothing(self) -> bool:
        """Tell whether it is a return that took nothing back."""
        return self.credit_minor < 0 and not self.earned_minor


@dataclass(frozen=True)
class Why:
    """A line explained: the clauses that hold, the arithmetic in major units, exact before the one rounding, and the deals."""

    line: Line
    clauses: tuple[Clause, ...]
    credits: tuple[Credit, ...]
    exact: Decimal
    rounding: Decimal
    is_decided: bool = False
    """Whether multipliers, kickers or gates of the component decide what is paid after its rates."""
    is_by_formula: bool = False

    @property
    def has_others(self) -> bool:
        """Tell whether a deal of somebody else stands behind the line."""
        return any(one.via for one in self.credits)

    @property
    def is_by_tiers(self) -> bool:
        """Tell whether the tiers alone come to what was earned, but for the one rounding, and nothing else had to be asked."""
        return bool(self.line.slices) and self.line.tiers_minor is None and not self.is_decided


def statement_line_why(statement: Statement, line: Line, *, with_untaken: bool = False) -> Why | None:
    """Explain a line of a statement that the viewer was given; None for a line that its run did not calculate.

    A line that could not be calculated this time was taken over from the run of an earlier version. Why a late return took nothing back is
    read of its deals for a page only, `with_untaken`.
    """
    earning = earning_of(statement, line)
    if earning is None:
        return None
    plan, component = compiled_of(earning)
    if plan is None:
        return None
    clauses = limit_clauses(plan, line.component) if component is None else component_clauses(plan, component)
    credits = credits_of(earning)
    credits = credits_told(earning, component, credits) if with_untaken else credits
    exact = sum((one.amount for one in line.slices), Decimal(0))
    return Why(
        line=line,
        clauses=tuple(clauses),
        credits=tuple(credits),
        exact=exact,
        rounding=to_major(line.earned_minor, line.currency) - exact,
        is_decided=component is not None and bool(component.multipliers or component.kickers or component.gates),
        is_by_formula=component is not None and component.pay.formula is not None,
    )


def statement_line_trace(statement: Statement, line: Line) -> TraceNode | None:
    """Give the engine's own trace of a line, down to the source key of each deal; None for a line that its run did not calculate.

    It is computed again from what the run read, and must come to what was stored.
    """
    earning = earning_of(statement, line)
    if earning is None:
        return None
    keys = (str(statement.participant_id), line.component, statement.period.key)
    plan_key = str(earning.plan_version_id)
    for result in _results(earning):
        of_plan = result.earnings[result.earnings["plan_key"] == plan_key]
        mine = of_plan[(of_plan["participant_key"] == keys[0]) & (of_plan["component_key"] == keys[1])]
        if mine["earned_minor"].tolist() == [earning.earned_minor]:
            tree = trace(result, *keys, plan_key=plan_key)
            return _named(tree, _names(earning, _keys_in(tree)))
    return None


SHOWN_STEPS = 25
"""Children of one step that a page shows; the rest is one sum, and every deal is in the list below it."""


@dataclass(frozen=True)
class Step:
    """One row of how a line was paid, `depth` rows deep; `more` counts what one row sums up."""

    label: str
    words: str
    amount: Decimal | None
    unit: str
    depth: int
    more: int = 0

    @property
    def is_part(self) -> bool:
        """Tell whether the row is part of one above it."""
        return self.depth > 0

    @property
    def inset(self) -> int:
        """Give how far the row is set in below the rows of its first parts."""
        return min(max(self.depth - 1, 0), 3)


def statement_line_steps(statement: Statement, line: Line, why: Why | None) -> tuple[Step, ...] | None:
    """Give how a line was paid where its tiers alone do not tell: deals rated alone, formulas, changes and limits after the rates.

    None where the tiers tell it, where nothing was credited or earned, and where it can't be told again.
    """
    if why is None or why.is_by_tiers or not (line.credit_count or line.earned_minor):
        return None
    tree = statement_line_trace(statement, line)
    if tree is None:
        return None
    how = next((node for node in tree.children if node.label == "How"), tree)
    return tuple(step for node in how.children for step in _steps_of(node))


def statement_line_brought(statement: Statement, line: Line) -> str:
    """Say what was brought from a former system into the window of a line, as its run read it; empty where nothing was."""
    earning = earning_of(statement, line)
    digest = None if earning is None else earning.run.inputs.get("openings")
    if digest is None:
        return ""
    kept = frame_of(contents_kept({"openings": digest})["openings"])
    if not (kept["participant_key"] == str(statement.participant_id)).any():
        return ""
    tree = statement_line_trace(statement, line)
    nodes = () if tree is None else tree.children
    return next((node.words for node in nodes if node.label == "Brought forward"), "")


def _steps_of(node: TraceNode, depth: int = 0, above: str = "") -> Iterator[Step]:
    """The rows of a step and its parts, of a formula down to its last piece; words that the row above says already are not repeated."""
    words = "" if node.words == above else node.words
    yield Step(node.label, words, node.amount, node.unit, depth)
    is_open = depth < 2 or "formula" in node.keys
    for part in node.children[:SHOWN_STEPS] if is_open else ():
        yield from _steps_of(part, depth + 1, node.words)
    rest = node.children[SHOWN_STEPS:] if is_open else ()
    if rest:
        exact = TraceNode("", "", total_of(rest)).amount
        yield Step("", "", exact if node.sums else None, node.unit, depth + 1, more=len(rest))


def _results(earning: RunEarning) -> Iterator[Result]:
    """The person's deals, and where a window, another component or a limit of the plan matters too, all that can credit the person.

    The whole run is computed only where people are ranked.
    """
    plan, component = compiled_of(earning)
    person = str(earning.participant_id)
    alone = component is not None and stands_alone(component) and component.pay.contest is None
    if plan is not None and alone and reach_of([plan]).window == Accumulation.PERIOD:
        yield compute_few(earning.run, [credit.row_id for credit in credits_of(earning)], person)
    result = compute_person(earning.run, person)
    if result is not None:
        yield result
    yield compute_again(earning.run)


def _keys_in(node: TraceNode) -> set[str]:
    """The keys that the words of a trace name."""
    found = {*_UUID.findall(node.words), *_UUID.findall(node.label)}
    return found.union(*map(_keys_in, node.children))


def _names(earning: RunEarning, keys: set[str]) -> dict[str, str]:
    """Names for the keys in the words of a trace: people and seats of the run, and the plan."""
    people = dict(Participant.objects.filter(pk__in=keys).values_list("id", "name"))
    seats = dict(Position.objects.filter(pk__in=keys).values_list("id", "name"))
    plans = {earning.plan_version_id: earning.plan_version.plan.name}
    return {str(key): name for key, name in (people | seats | plans).items()}


def _named(node: TraceNode, names: dict[str, str]) -> TraceNode:
    words, label = (_UUID.sub(lambda match: names.get(match[0], match[0]), text) for text in (node.words, node.label))
    return replace(node, words=words, label=label, children=tuple(_named(child, names) for child in node.children))


def line_get(statement: Statement, place: int) -> Line | None:
    """Give the line at a place of a statement, or None."""
    return next((line for line in lines_of(statement) if line.place == place), None)


def compiled_of(earning: RunEarning) -> tuple[Plan | None, Component | None]:
    """Give the plan that an earning was calculated by, and its component; None for what is not there."""
    plan, _ = compile_plan(earning.plan_version.definition)
    own = (each for each in plan.components if each.key == earning.component) if plan is not None else ()
    return plan, next(iter(own), None)


def earning_of(statement: Statement, line: Line) -> RunEarning | None:
    """Give what the run behind a line stored of it, or None for a line that its run did not calculate."""
    mine = RunEarning.objects.filter(
        participant=statement.participant_id,
        plan_version=line.plan_version_id,
        component=line.component,
        run__period=statement.period_id,
        run__facts_known_at__lte=statement.run.facts_known_at,
    )
    return mine.select_related("plan_version__plan", "run__period").order_by("-run__facts_known_at").first()


def credits_of(earning: RunEarning) -> list[Credit]:
    """Give the credits behind an earning, in the order in which they were earned."""
    parameters: dict[str, Any] = {
        "run": earning.run_id,
        "participant": earning.participant_id,
        "version": earning.plan_version_id,
        "component": earning.component,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREDITS, parameters)
        rows = cursor.fetchall()
    facts = deals_named({row[0] for row in rows}, earning.run.facts_known_at)
    facts |= {key: _granted(one) for key, one in credits_named({row[0] for row in rows} - facts.keys()).items()}
    rates = rates_kept(earning.run_id, earning.plan_version_id) if any(row[-1] is not None for row in rows) else {}
    return [_credit(row, facts.get(row[0], Dealt("opportunity", "", row[0], row[0], "", "")), rates) for row in rows]


def credits_told(earning: RunEarning, component: Component | None, credits: list[Credit]) -> list[Credit]:
    """Give the credits with the reason of each that is a return and took nothing back."""
    late = untaken_words(earning, component, {one.as_returned for one in credits if one.took_nothing})
    return [replace(one, untaken=late.get(one.as_returned, "")) if one.took_nothing else one for one in credits]


def _granted(credit: ManualCredit) -> Dealt:
    deal = "" if credit.opportunity is None else str(credit.opportunity_id)
    return Dealt("manual_credit", "manual", credit_words(credit), deal, "", "")


def _credit(row: tuple[Any, ...], fact: Dealt, rates: Mapping[int, RunRate]) -> Credit:
    key, credit_on, position, rule, share, credit, earned, via, stated, number, into = row
    return Credit(
        row_id=key,
        kind=fact.kind,
        deal_id=fact.deal_id,
        source=fact.source,
        source_key=fact.source_key,
        credit_on=credit_on,
        position=position,
        rule=rule,
        share_rate=share,
        credit_minor=credit,
        earned_minor=earned,
        via=via,
        account=fact.account,
        product=fact.product,
        converted=None if number is None else converted_at(rates[number], stated, into),
    )


def tree_dict(node: TraceNode) -> dict[str, Any]:
    """Give a trace as plain values: amounts as exact text, keys as text."""
    return {
        "label": node.label,
        "words": node.words,
        "amount": None if node.amount is None else f"{node.amount:f}",
        "unit": node.unit,
        "keys": {name: value if isinstance(value, int) else str(value) for name, value in node.keys.items()},
        "children": [tree_dict(child) for child in node.children],
    }
