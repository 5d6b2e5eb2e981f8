"""Asks a plan what it pays for a few made-up facts: many cases in one calculation, each with people of its own.

The cases are worked examples of the plan language, so that whatever is found is shown by an example that anybody can run.
Nothing is drawn by chance: the same plan gives the same cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from incentives.engine.asking import asks_tenure
from incentives.engine.covering import ACCOUNT
from incentives.engine.examples import SELLER, computed, read_given
from incentives.engine.plan import UNIT_SCALE, Bounds, Component, CreditRule, Measure, Plan
from incentives.engine.plan_settling import Span
from incentives.engine.reading import Reader, smallest_unit
from incentives.engine.run import Result
from incentives.engine.spans import after
from incentives.engine.words import CreditKind, DealOwner
from spm.core.dated import day_number, day_of, day_text
from spm.core.money import to_major
from spm.core.periods import Calendar, CalendarKind, Period

GOAL = 100_000
"""Major units of every quota of money in a case; it scales what the case shows."""

COUNT_GOAL = 10
"""The quota of a count in a case."""

TARGET = 10_000
"""Major units of a target that is entered for people."""

BOSS, PARTNER = "manager", "partner"
Deal = Mapping[str, object]


@dataclass(frozen=True)
class Case:
    """Deals as an example writes them, by the people who own them."""

    deals: tuple[Deal, ...]
    people: tuple[str, ...] = (SELLER,)


@dataclass(frozen=True)
class Answer:
    """What a case pays in minor units, by (person, component). Prizes of contests are left out: they depend on the other cases."""

    paid: Mapping[tuple[str, str], int]

    @property
    def total(self) -> int:
        """Everybody, everything."""
        return sum(self.paid.values())

    def of(self, component: str) -> int:
        """What one component pays everybody."""
        return sum(amount for (_, key), amount in self.paid.items() if key == component)

    def person(self, name: str) -> int:
        """What one person is paid."""
        return sum(amount for (person, _), amount in self.paid.items() if person == name)


@dataclass(frozen=True)
class Stage:
    """A plan and the periods in which it is asked."""

    plan: Plan
    periods: tuple[Period, ...]
    served: int = 0
    """The months of employment that people have completed when it begins, where the plan asks them."""
    earlier: tuple[Period, ...] = ()
    """The earlier periods with which these are compared, where tiers of growth ask it."""

    @classmethod
    def of(cls, plan: Plan, day: int, *, periods: int = 1, measure: Measure | None = None) -> Stage:
        """The period that holds a day, and those after it; with people whom a measure credits for their months of employment."""
        every = Calendar(CalendarKind(plan.period)).periods(day_of(plan.start), day_of(plan.end))
        later = tuple(period for period in every if day_number(period.end) > day)
        asked = [rule.tenure.at_least for rule in (measure.credit if measure else ()) if rule.tenure is not None]
        return cls(plan, (later or every)[:periods], max(asked, default=0))

    def alone(self, component: Component) -> Stage:
        """The same with this component only, and what it builds on: its pay does not need the rest. Formulas keep the whole plan."""
        plan, names = self.plan, {component.key}
        for each in reversed(plan.components):
            names |= set(each.pay.builds_on) if each.key in names else set()
        parts = tuple(component if each.key == component.key else each for each in plan.components if each.key in names)
        if any(each.pay.formula is not None for each in parts):
            parts = tuple(component if each.key == component.key else each for each in plan.components)
            return replace(self, plan=replace(plan, components=parts))
        asked = {name for each in parts for name in _measures_named(each)}
        asked |= {each.against for each in plan.measures if each.key in asked and each.against is not None}
        own = {each.measure.key: each.measure for each in parts}
        measures = tuple(own.get(each.key, each) for each in plan.measures if each.key in asked)
        return replace(self, plan=replace(plan, components=parts, measures=measures, cap=Bounds(), floor=Bounds()))

    @property
    def step(self) -> int:
        """One major unit in minor units: the smallest difference that a check speaks of."""
        return smallest_unit(self.plan.currency)

    def given(self, cases: Sequence[Case]) -> dict[str, object]:
        """The given of an example with all people of some cases; the names of the people must differ."""
        people: dict[str, dict[str, object]] = {}
        for case in cases:
            for person in case.people:
                people |= self._around(person)
        found: dict[str, object] = {"periods": [period.key for period in self.periods], "people": people}
        for name, value in (("quotas", self._quotas()), ("scores", self._scores())):
            if value:
                found[name] = value
        relations = [
            {"of": person, "to": f"{PARTNER} of {person}", "relation": rule.relation}
            for rule in self._rules(CreditKind.ROLLOVER)
            for case in cases
            for person in case.people
        ]
        if relations:
            found["relations"] = list({tuple(each.items()): each for each in relations}.values())
        if asks_tenure([self.plan]):
            hired = day_text(after(day_number(self.periods[0].start), Span(months=-self.served)))
            found["people"] = {name: {**about, "hired": hired} for name, about in people.items()}
        deals = [dict(deal) for case in cases for deal in case.deals]
        return {**found, **self._covered(deals), "deals": deals}

    def _covered(self, deals: list[dict[str, object]]) -> dict[str, object]:
        """An account and a territory for every owner of a deal, where a rule goes by them: the owner covers it alone."""
        if not any(rule.owner == DealOwner.TERRITORY for measure in self.plan.measures for rule in measure.credit):
            return {}
        for deal in deals:
            deal[ACCOUNT] = deal["owner"]
        owners = sorted({str(deal["owner"]) for deal in deals})
        accounts = [{"account": owner, "territory": owner} for owner in owners]
        return {"accounts": accounts, "coverage": [{"who": owner, "territory": owner} for owner in owners]}

    def _around(self, person: str) -> dict[str, dict[str, object]]:
        """A person, with managers up to the level that the plan pays and a partner where it pays such."""
        found: dict[str, dict[str, object]] = {}
        for _ in range(max((rule.level or 1 for rule in self._rules(CreditKind.ROLLUP)), default=0)):
            found[person] = {"manager": f"{BOSS} of {person}"}
            person = f"{BOSS} of {person}"
        first = next(iter(found), person)
        return found | {person: {}} | self._partner(first)

    def _partner(self, person: str) -> dict[str, dict[str, object]]:
        return {f"{PARTNER} of {person}": {}} if self._rules(CreditKind.ROLLOVER) else {}

    def _rules(self, kind: CreditKind) -> list[CreditRule]:
        return [rule for measure in self.plan.measures for rule in measure.credit if rule.kind == kind]

    def _quotas(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for measure in self.plan.measures:
            if measure.quota is not None:
                found[measure.quota] = GOAL if measure.is_money else COUNT_GOAL
        for component in self.plan.components:
            if component.pay.target_name:
                found.setdefault(component.pay.target_name, TARGET)
        return found

    def _scores(self) -> dict[str, object]:
        return {each.key: "100 %" for component in self.plan.components for each in component.pay.objectives}

    def compute(self, given: Mapping[str, object], plans: Sequence[Plan] = ()) -> Result | None:
        """The result of an example's given, for the plan or for several of its kind; None where it can't be read."""
        reader = Reader(given, "given", [])
        read = read_given(reader, list(plans) or [self.plan])
        if reader.findings:
            return None
        try:
            return computed(read)
        except OverflowError:
            return None

    def ask(self, cases: Sequence[Case]) -> list[Answer | None]:
        """What every case pays; None for a case that the plan can't be computed for. Each case is computed once."""
        return ask_each([(self, cases)])[0]

    def example(self, name: str, cases: Sequence[Case]) -> tuple[dict[str, object], Answer] | None:
        """Some cases as one worked example with the figures that come out, and these; None where it can't be computed."""
        given = self.given(cases)
        result = self.compute(given)
        if result is None or any(finding.is_error for finding in result.findings):
            return None
        frame = result.earnings
        paid: dict[tuple[str, str], int] = {}
        columns = (frame["participant_key"], frame["component_key"], frame["earned_minor"])
        for person, key, amount in zip(*columns, strict=True):
            paid[str(person), str(key)] = paid.get((str(person), str(key)), 0) + int(amount)
        return self._example(name, given, Answer(paid))

    def examples(self, wanted: Sequence[tuple[str, Sequence[Case]]]) -> list[tuple[dict[str, object], Answer] | None]:
        """Several examples, calculated at once where no contest sets their people against each other."""
        if any(each.pay.contest is not None for each in self.plan.components):
            return [self.example(name, cases) for name, cases in wanted]
        joined = [
            Case(
                tuple(deal for case in cases for deal in case.deals),
                tuple(who for case in cases for who in case.people),
            )
            for _, cases in wanted
        ]
        answers = self.ask(joined)
        return [
            None if answer is None else self._example(name, self.given(cases), answer)
            for (name, cases), answer in zip(wanted, answers, strict=True)
        ]

    def _example(self, name: str, given: dict[str, object], answer: Answer) -> tuple[dict[str, object], Answer]:
        people: dict[str, dict[str, object]] = {}
        for (person, key), minor in answer.paid.items():
            people.setdefault(person, {})[key] = self.shown(minor)
        return {"name": name, "plan": self.plan.key, "given": given, "then": {"people": people}}, answer

    def shown(self, minor: int) -> object:
        """An amount as an example writes it."""
        amount = to_major(minor, self.plan.currency)
        return int(amount) if amount == amount.to_integral() else f"{amount:f}"


Question = tuple[Stage, Sequence[Case]]
"""Cases for one plan."""


def ask_each(questions: Sequence[Question]) -> list[list[Answer | None]]:
    """The answers to several questions about plans of the same head and periods, in one calculation: each person is on one plan."""
    once = [(stage, {repr(case): case for case in cases}) for stage, cases in questions]
    pairs = [(number, stage, case) for number, (stage, each) in enumerate(once) for case in each.values()]
    answers = _asked(pairs)
    if len(once) > 1 and any(answer is None for answer in answers):
        return [answer for question in questions for answer in ask_each([question])]  # one that fails may fail all
    found: list[dict[str, Answer | None]] = [{} for _ in once]
    for (number, _, case), answer in zip(pairs, answers, strict=True):
        found[number][repr(case)] = answer
    return [[found[number][repr(case)] for case in cases] for number, (_, cases) in enumerate(questions)]


def _asked(pairs: Sequence[tuple[int, Stage, Case]]) -> list[Answer | None]:
    """What each case pays under its plan, whose number tells it from the others."""
    if not pairs:
        return []
    stages = {number: replace(stage, plan=_numbered(stage.plan, number)) for number, stage, _ in pairs}
    given: dict[str, Any] = {"people": {}, "deals": [], "relations": []}
    for number, stage in stages.items():
        named = [_named(case, f"{place}:") for place, (own, _, case) in enumerate(pairs) if own == number]
        part: dict[str, Any] = stage.given(named)
        people = {name: {**about, "plan": stage.plan.key} for name, about in part.pop("people").items()}
        once = {name: {**given.get(name, {}), **part.get(name, {})} for name in ("quotas", "scores")}
        rows: dict[str, Any] = {
            name: given.get(name, []) + part[name] for name in ("accounts", "coverage") if name in part
        }
        given = {
            **given,
            **rows,
            **{name: values for name, values in once.items() if values},
            "periods": part["periods"],
            "people": given["people"] | people,
            "deals": given["deals"] + part["deals"],
            "relations": given["relations"] + part.get("relations", []),
        }
    first = next(iter(stages.values()))
    result = first.compute(given, [stage.plan for stage in stages.values()])
    return [None] * len(pairs) if result is None else _answers(result, [stage for _, stage, _ in pairs])


def _numbered(plan: Plan, number: int) -> Plan:
    return replace(plan, key=f"{plan.key} {number}")


def _answers(result: Result, stages: Sequence[Stage]) -> list[Answer | None]:
    """The pay of each case, by the place in its people's names."""
    lost, paid = _lost(result), [dict[tuple[str, str], int]() for _ in stages]
    contests = [{each.key for each in stage.plan.components if each.pay.contest is not None} for stage in stages]
    frame = result.earnings
    for person, key, amount in zip(
        frame["participant_key"], frame["component_key"], frame["earned_minor"], strict=True
    ):
        place, name = _split(str(person))
        if key not in contests[place]:
            paid[place][name, str(key)] = paid[place].get((name, str(key)), 0) + int(amount)
    return [None if place in lost or None in lost else Answer(each) for place, each in enumerate(paid)]


def _measures_named(component: Component) -> set[str]:
    """The measures that decide a component's pay."""
    table, matrix = component.pay.table, component.pay.matrix
    found = {component.measure.key}
    found |= {each.of for each in component.multipliers}
    found |= {each.of for each in component.kickers}
    found |= {each.of for each in component.gates}
    found |= {table.on} if table is not None and table.on is not None else set()
    return found | ({axis.of for axis in (matrix.rows, matrix.columns) if axis.of} if matrix is not None else set())


def _named(case: Case, prefix: str) -> Case:
    """A case whose people and deals have names of their own."""
    deals = []
    for deal in case.deals:
        again = dict(deal)
        for name in ("key", "owner", "reverses"):
            if name in again:
                again[name] = f"{prefix}{again[name]}"
        if isinstance(again.get("overlay"), Mapping):
            again["overlay"] = {f"{prefix}{who}": share for who, share in deal["overlay"].items()}  # type: ignore[attr-defined]
        deals.append(again)
    return Case(tuple(deals), tuple(f"{prefix}{person}" for person in case.people))


def _split(person: str) -> tuple[int, str]:
    """The place of a case and the name in it; whoever stands around a person carries the prefix inside the name."""
    head, _, name = person.partition(":")
    around, space, place = head.rpartition(" ")
    return int(place), f"{around}{space}{name}"


def _lost(result: Result) -> set[int | None]:
    """The places of the cases with an error; None among them where an error names nobody."""
    found: set[int | None] = set()
    for finding in result.findings:
        if finding.is_error:
            person = finding.keys.get("participant_key")
            found.add(None if person is None else _split(str(person))[0])
    return found


__all__ = ["COUNT_GOAL", "GOAL", "UNIT_SCALE", "Answer", "Case", "Deal", "Stage", "ask_each"]
