"""The parents of every number: from an earning down to source rows, in words and numbers, on demand.

A trace is a tree. Children of a node either sum to it exactly (`sums` is true) or explain it (a goal, a clause). Amounts are
Decimals in major units of the currency, exact before the one rounding; the rounding is a node of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from incentives.engine.arithmetic import climbed, counted, rated
from incentives.engine.assigning import codes_of
from incentives.engine.contests import PotPart
from incentives.engine.conversions import conversions
from incentives.engine.formula_trace import formula_node
from incentives.engine.nodes import TraceNode, total_of
from incentives.engine.phrases import Phrases
from incentives.engine.plan import PLAN_CAP, PLAN_LIMITS, Component, Plan, Tier
from incentives.engine.prose import component_clauses, limit_clauses, money, percent
from incentives.engine.run import EARNING_KEYS, PlanResult, Result, limits_of
from incentives.engine.sentences import ENGLISH
from incentives.engine.stating import stated_of
from incentives.engine.stories import RATES, Story, is_empty, told, told_again
from incentives.engine.words import Accumulation, DealOwner, EarlierWindow, PotShare
from spm.core.dated import day_text
from spm.core.money import RATE_SCALE, minor_digits, round_half_away, to_major


def trace(
    result: Result, participant_key: object, component_key: str, period_key: object, *, plan_key: str | None = None
) -> TraceNode:
    """The tree behind one earning. `plan_key` is needed only where two plans have a component of that key.

    Raises KeyError when the result has no such earning; its finding says why.
    """
    wanted = {"participant_key": participant_key, "component_key": component_key, "period_key": period_key}
    wanted |= {"plan_key": plan_key} if plan_key is not None else {}
    one = _matching(result.earnings, wanted)
    if len(one) != 1:
        count = "no" if not len(one) else "more than one"
        raise KeyError(f"There is {count} earning of {participant_key} for {component_key} in {period_key}.")
    earning = {str(name): value for name, value in one.iloc[0].items()}
    credits_of = _matching(result.credits, {name: earning[name] for name in EARNING_KEYS})
    plan = next(each for each in result.plans if each.key == earning["plan_key"])
    component = next((each for each in plan.components if each.key == component_key), None)
    computed = next((each for each in result.computed if each.plan.key == plan.key), None)
    if component is None:
        return _limit_node(result, plan, earning, computed)
    story = told_again(plan, component, earning) if computed is None else told(computed, component, earning)
    stated = {} if computed is None else stated_of(computed.room.deals, component, credits_of["deal_key"].tolist())
    placed = {} if computed is None else _placed(computed, component, credits_of)
    changed = tuple(conversions(result, credits_of).words())
    served = {} if computed is None else _served(computed, component, credits_of)
    return _Tracer(plan, component, story, earning, credits_of, stated, changed, placed, served).node()


def _limit_node(result: Result, plan: Plan, earning: dict[str, object], computed: PlanResult | None) -> TraceNode:
    """A cap or floor of the whole plan: what is allowed, less what its components and an earlier limit come to.

    A cap is held against what was sold; what it had cut off of sales that came back is told apart.
    """
    key, period = str(earning["component_key"]), earning["period_key"]
    names = {component.key: component.name for component in plan.components} | PLAN_LIMITS
    of_plan = _matching(result.earnings, {name: earning[name] for name in EARNING_KEYS if name != "component_key"})
    order, back, returned = list(names), 0, dict[str, int]()
    if computed is not None and key == PLAN_CAP:
        row = computed.cells.row_of(earning["participant_key"], period)
        returned = {one.component.key: int(one.reversed[row]) for one in computed.earned}
        back = next(int(each.back[row]) for each in limits_of(computed) if each.key == key)
    words = f"earned before {'returns and ' if any(returned.values()) else ''}the limit"
    nodes = [
        TraceNode(names[name], words, _major(plan, returned.get(str(name), 0) - int(minor)), plan.currency)
        for name, minor in zip(of_plan["component_key"], of_plan["earned_minor"], strict=True)
        if order.index(name) < order.index(key)
    ]
    amount, came_back = _major(plan, int(str(earning["earned_minor"]))), _major(plan, back)
    clause = " ".join(each.text for each in limit_clauses(plan, key))
    allowed = TraceNode("Allowed", clause, amount - came_back - total_of(nodes), plan.currency)
    parts = [allowed, TraceNode("Earned before", "", total_of(nodes), plan.currency, children=tuple(nodes), sums=True)]
    if back:
        words = "what the cap had cut off of sales that came back, and so is not taken back"
        parts.append(TraceNode("Returns", words, came_back, plan.currency))
    keys = {name: earning[name] for name in EARNING_KEYS}
    words = f"{names[key]} of {plan.name} for {period}"
    return TraceNode(names[key], words, amount, plan.currency, keys, tuple(parts), sums=True)


def _major(plan: Plan, minor: int) -> Fraction:
    return Fraction(to_major(minor, plan.currency))


def _placed(computed: PlanResult, component: Component, credits_of: pd.DataFrame) -> dict[tuple[str, object], str]:
    """Where the accounts of credited deals belong and by which rule, of the rules that credit by it."""
    crediting = computed.crediting
    found: dict[tuple[str, object], str] = {}
    for rule in component.credit:
        days = crediting.days(rule.credit_date)
        if rule.owner == DealOwner.TERRITORY and days is not None:
            places, keys = crediting.belonging(days), credits_of["deal_key"][credits_of["rule"] == rule.key]
            rows = zip(keys.tolist(), codes_of(crediting.deals, keys).tolist(), strict=True)
            found |= {(rule.key, key): places.words(row) for key, row in rows if row >= 0}
    return found


def _served(computed: PlanResult, component: Component, credits_of: pd.DataFrame) -> dict[tuple[str, object], str]:
    """How long the credited person had been employed, of the rules that ask it."""
    crediting, found = computed.crediting, dict[tuple[str, object], str]()
    for rule in component.credit:
        if rule.tenure is not None:
            mine = credits_of[credits_of["rule"] == rule.key]
            deal = codes_of(crediting.deals, mine["deal_key"])
            person = codes_of(crediting.seats.participants, mine["participant_key"])
            months, _ = crediting.served(rule, deal, person)
            rows = zip(mine["deal_key"].tolist(), months.tolist(), (crediting.sold[deal] >= 0).tolist(), strict=True)
            found |= {
                (
                    rule.key,
                    key,
                ): f"{number} completed months of employment{' on the day of the sale' if is_return else ''}"
                for key, number, is_return in rows
            }
    return found


def _matching(frame: pd.DataFrame, wanted: dict[str, object]) -> pd.DataFrame:
    rows = pd.Series(True, index=frame.index)
    for name, value in wanted.items():
        rows &= frame[name] == value
    return frame[rows]


@dataclass(frozen=True)
class _Tracer:
    """One earning, how it was computed, and the credits behind it."""

    plan: Plan
    component: Component
    story: Story
    earning: dict[str, object]
    credits_of: pd.DataFrame
    stated: Mapping[object, str]
    """What each deal states of the columns that the component asks."""
    changed: tuple[str, ...]
    """At which currency rate each credit was converted."""
    placed: Mapping[tuple[str, object], str]
    """By rule and deal: where its account belongs, of the rules that go by it."""
    served: Mapping[tuple[str, object], str]
    """By rule and deal: the months of employment, of the rules that ask them."""

    def node(self) -> TraceNode:
        """The whole tree."""
        amount = self._exact(Fraction(int(str(self.earning["earned_minor"]))))
        clause = " ".join(each.text for each in component_clauses(self.plan, self.component))
        keys = {name: self.earning[name] for name in EARNING_KEYS}
        words = f"{self.component.name} of {self.plan.name} for {self.earning['period_key']}"
        explained = TraceNode("Why", clause, keys={"plan_key": self.plan.key, "component_key": self.component.key})
        how = TraceNode(
            "How", "", amount, self.plan.currency, children=self._steps(amount), sums=bool(self.story.steps)
        )
        children = (explained, how, *self._attainment(), *self._brought(), self._credits())
        return TraceNode("Earned", words, amount, self.plan.currency, keys, children)

    def _exact(self, minor: Fraction) -> Fraction:
        return minor / 10 ** minor_digits(self.plan.currency)

    def _steps(self, amount: Fraction) -> tuple[TraceNode, ...]:
        """The rates, then what each change added or took away, then returns and the rounding."""
        if not self.story.steps:
            return ()
        nodes, reached = [], Fraction(0)
        for label, where, minor in self.story.steps:
            after = self._exact(minor)
            if label == RATES:
                nodes.append(self._rates(after))
            elif after != reached or where in self.story.decided:
                words = self._changed(where, minor if after != reached else None)
                nodes.append(TraceNode(label, words, after - reached, self.plan.currency, {"clause": where}))
            reached = after
        back = self._exact(Fraction(self.story.given_back))
        if back:
            nodes.append(TraceNode("Returns", self._returned(), back, self.plan.currency))
            reached += back
        if amount != reached:
            label, words = "Rounding", "once, half away from zero, at the earning line"
            if abs(amount - reached) >= self._exact(Fraction(1)):
                label, words = "Limit of the year", "what the cap or floor of the year changes, rounded once"
            nodes.append(TraceNode(label, words, amount - reached, self.plan.currency))
        return tuple(nodes)

    def _returned(self) -> str:
        """By which rule returns take back."""
        is_to_date = self.component.measure.accumulation != Accumulation.PERIOD
        words = "what their sales were paid to date" if is_to_date else "at the rate their sales were paid"
        limits = (self.component.cap.year, self.component.floor.year)
        return f"{words}, in a later year within the limits of the year of the sale" if any(limits) else words

    def _changed(self, where: str, minor: Fraction | None) -> str:
        """What decided a change and what it comes to, as money is paid; None where it changes nothing."""
        change = "changes nothing"
        if minor is not None:
            change = f"changes it to {money(round_half_away(*minor.as_integer_ratio()), self.plan.currency)}"
        decided = self.story.decided.get(where, "")
        return f"{decided}; {change}" if decided else change

    def _rates(self, total: Fraction) -> TraceNode:
        if self.component.pay.formula is not None:
            return formula_node(self.plan, self.component, self.story, total, self.credits_of["source_key"].tolist())
        if self.story.pot is not None:
            return self._pot(self.story.pot, total)
        nodes = [self._slice(record) for record in self.story.slices]
        if self.story.line_bases or total_of(nodes) != total:
            names, story = self.credits_of["source_key"].tolist(), self.story
            parts = story.line_parts or ((),) * len(names)
            bases = story.line_bases or (None,) * len(names)
            alone = zip(names, story.lines, story.line_values, parts, bases, strict=False)
            nodes = [
                TraceNode(
                    f"Deal {name}",
                    self._alone(value, minor, part) + self._compared(value, base),
                    self._exact(minor),
                    self.plan.currency,
                    {"source_key": name},
                )
                for name, minor, value, part, base in alone
            ]
        sums = bool(nodes) and total_of(nodes) == total
        kept = tuple(nodes) if sums else ()
        words = self._together(total) if not kept else "what counts, at its rates"
        return TraceNode(RATES, words, total, self.plan.currency, {}, kept, sums=sums)

    def _alone(self, value: Fraction | None, paid: Fraction, parts: Sequence[tuple[Fraction, Tier]]) -> str:
        """The arithmetic of one deal, and where the cap or floor of a deal changes what it comes to."""
        if value is None:
            return "a return, paid back at the rate of its sale"
        currency, goal = self.plan.currency, self.story.goal
        terms = climbed(self.component, parts, currency) if parts else rated(self.component, value, goal, currency)
        if terms is None or not terms[0]:
            return "rated alone"
        text, exact = terms
        if exact == paid:
            return text
        bounds = (("cap", self.component.cap.deal), ("floor", self.component.floor.deal))
        limit = next((name for name, bound in bounds if bound is not None and abs(paid) == bound), None)
        if limit is None:
            return "rated alone"
        return f"{text} = {money(exact, self.plan.currency)}, {limit} of a deal {money(paid, self.plan.currency)}"

    def _compared(self, value: Fraction | None, base: Fraction | None) -> str:
        """With what the tiers of a deal's customer are compared."""
        table = self.component.table
        if value is None or table is None or table.against is None:
            return ""
        then = "the period before" if table.against == EarlierWindow.PRIOR else "the year before"
        if base is None:
            return f"; nothing is known of its {table.per} {then}, so nothing is paid"
        return f"; its {table.per} had {self._counted(base)} {then}"

    def _together(self, total: Fraction) -> str:
        """The arithmetic of the period where no tier and no deal holds a part of it."""
        by_period = self.component.pay.each is not None and not self.story.lines and self.story.rated is not None
        terms = rated(self.component, self.story.rated or Fraction(0), None, self.plan.currency) if by_period else None
        return terms[0] if terms is not None and self._exact(terms[1]) == total else "what counts, at its rates"

    def _pot(self, part: PotPart, total: Fraction) -> TraceNode:
        """The part of a shared pot, and what its rounding to whole units adds or takes."""
        contest, currency = self.component.pay.contest, self.plan.currency
        assert contest is not None
        exact, pot = self._exact(part.exact), money(contest.pot, currency)
        words = f"{pot} in equal parts for {part.people} who take part"
        if contest.share == PotShare.PROPORTIONAL:
            mine, whole = self._counted(Fraction(part.mine)), self._counted(Fraction(part.whole))
            words = f"{pot} × {mine} of {whole}, which {part.people} who take part have together"
        nodes = [TraceNode("Part of the pot", words, exact, currency)]
        if total != exact:
            rest = "whole units that sum to the pot: the largest remainders get one more"
            nodes.append(TraceNode("Rest of the pot", rest, total - exact, currency))
        return TraceNode(RATES, "a pot, shared", total, currency, {}, tuple(nodes), sums=True)

    def _slice(self, record: Mapping[Any, Any]) -> TraceNode:
        amount = self._exact(Fraction(record["amount_exact"]))
        value = self._counted(Fraction(record["credit_exact"]))
        rate = record["rate"]
        words = value if is_empty(rate) else f"{value} × {percent(int(rate), RATE_SCALE)}"
        return TraceNode(self._tier(record), words, amount, self.plan.currency, {"tier": record["tier"]})

    def _counted(self, value: Fraction) -> str:
        return counted(self.component.measure, value, self.plan.currency)

    def _tier(self, record: Mapping[Any, Any]) -> str:
        if self.component.pay.table is None:
            return "Flat rate"
        label = f"Tier {int(record['tier']) + 1}"
        low, high = record["from_rate"], record["until_rate"]
        if is_empty(low):
            return label
        until = "" if is_empty(high) else f" to {percent(int(high), RATE_SCALE)}"
        return f"{label} (from {percent(int(low), RATE_SCALE)}{until} of {self._whole() or 'quota'})"

    def _whole(self) -> str:
        """What the measure that stands in place of a quota is called; empty where none does."""
        against = self.component.measure.against
        return "" if against is None else Phrases(self.plan, ENGLISH).called(against)

    def _attainment(self) -> list[TraceNode]:
        if self.story.goal is None:
            return []
        against = self.component.measure.against
        whole = f"{self._whole() or 'a quota'} of {self._counted(self.story.goal)}"
        words = f"{self._counted(self.story.value)} of {whole}"
        if against is not None:
            words += f" is {percent(self.story.value / self.story.goal)}" if self.story.goal else ""
            return [TraceNode("Percentage", words, keys={"measure": against})]
        shown = self.earning["attainment"]
        if not is_empty(shown):
            words += f" is {percent(int(str(shown)), RATE_SCALE)}"
        return [TraceNode("Attainment", words, keys={"measure": self.component.measure.quota})]

    def _brought(self) -> list[TraceNode]:
        """What was brought from a former system: it counts for tiers, goals and limits of the year, and is not earned again."""
        story, said = self.story, []
        if story.credit_before or story.goal_before:
            held = f" of a quota of {self._counted(story.goal_before)}" if story.goal_before else ""
            said.append(
                f"{self._counted(story.credit_before)}{held} credited before the cut-over; tiers go on from there"
            )
        if story.paid_before:
            paid = money(story.paid_before, self.plan.currency)
            said.append(f"{paid} paid before in the year; limits of the year count it")
        return [TraceNode("Brought forward", "; ".join(said), keys={"opening": self.component.key})] if said else []

    @property
    def _by_then(self) -> set[str]:
        """The rules that credit the owner of a deal on its day, not the one last known."""
        return {rule.key for rule in self.component.credit if rule.owner == DealOwner.THEN}

    def _credits(self) -> TraceNode:
        nodes = []
        for record, changed in zip(self.credits_of.to_dict("records"), self.changed, strict=True):
            amount = to_major(int(record["credit_minor"]), self.plan.currency)
            mine = record["from_participant_key"] == record["participant_key"]
            whose = "" if mine else f", a deal of {record['from_participant_key']}"
            share, day = percent(int(record["share"]), RATE_SCALE), day_text(int(record["credit_on"]))
            owner = f", whose owner on {day} counts" if record["rule"] in self._by_then else ""
            words = f"{share} by rule {record['rule']}, as {record['position_key']} on {day}{whose}{owner}"
            words += f"; {served}" if (served := self.served.get((record["rule"], record["deal_key"]))) else ""
            words += f"; it states {said}" if (said := self.stated.get(record["deal_key"])) else ""
            words += f"; {placed}" if (placed := self.placed.get((record["rule"], record["deal_key"]))) else ""
            words += f"; {changed}" if changed else ""
            keys = {name: record[name] for name in ("deal_key", "source_key", "rule", "earned_minor")}
            nodes.append(TraceNode(f"Deal {record['source_key']}", words, amount, self.plan.currency, keys))
        total = to_major(int(str(self.earning["credit_minor"])), self.plan.currency)
        return TraceNode(
            "Credits", f"{len(nodes)} credited deals", total, self.plan.currency, {}, tuple(nodes), sums=True
        )
