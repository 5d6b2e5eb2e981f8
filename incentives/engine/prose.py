"""A plan as plain clauses, made from the data that the engine runs: what people sign is what is computed.

Every field and word of the plan language that computes something has its clause. The sentences stand in a table of one language
(sentences.py); a second language is a second table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from incentives.engine.language.context import Table
from incentives.engine.language.points import Points
from incentives.engine.language.units import Kind
from incentives.engine.language.wording import table_points, table_rows
from incentives.engine.phrases import money, percent
from incentives.engine.plan import (
    PLAN_CAP,
    PLAN_FLOOR,
    Bounds,
    Component,
    CreditRule,
    Draw,
    Kicker,
    Matrix,
    Measure,
    Months,
    Payment,
    Plan,
    RateTable,
)
from incentives.engine.prose_settling import SettledProse
from incentives.engine.sentences import ENGLISH, Language
from incentives.engine.words import (
    Accumulation,
    Boundary,
    CreditKind,
    DealOwner,
    EarlierWindow,
    GoalWindow,
    MeasureKind,
    NewValues,
    Per,
    PotShare,
    Rank,
    RatePolicy,
    ReversalRate,
    TierUnit,
)
from spm.core.dated import FOREVER, LONG_AGO, day_text
from spm.core.periods import CalendarKind

EARLIER_WINDOWS = {
    Accumulation.PERIOD: "earlier_period",
    Accumulation.QTD: "earlier_quarter",
    Accumulation.YTD: "earlier_year",
}
"""The sentence for the window of the year before that holds the same period."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence or paragraph of the plan document and the place in the plan it comes from."""

    where: str
    text: str


def plan_clauses(plan: Plan, language: Language = ENGLISH) -> list[Clause]:
    """The whole plan in clauses: what is general, the measures that components name, the components in their order, the limits."""
    return _Prose(plan, language).plan()


def component_clauses(plan: Plan, component: Component, language: Language = ENGLISH) -> list[Clause]:
    """The clauses of one component: who is credited, against which quota, at which rates, with which changes."""
    return _Prose(plan, language).component(component)


def limit_clauses(plan: Plan, limit: str, language: Language = ENGLISH) -> list[Clause]:
    """The clauses of the cap or floor of the whole plan."""
    return _Prose(plan, language).limit(limit)


class _Prose(SettledProse):
    """Writes the clauses of one plan in one language."""

    def plan(self) -> list[Clause]:
        """The whole plan."""
        plan, say = self.of, self.language.say
        span = {"start": day_text(plan.start), "end": day_text(plan.end - 1)}
        text = say("plan", name=plan.name, currency=plan.currency, period=self.period, **span)
        clauses = [Clause("plan", text)]
        if any(measure.quota for measure in plan.measures):
            clauses.append(Clause("plan.proration", self.language.prorations[plan.proration]))
        if plan.currency_rate != RatePolicy.SPOT:
            day = "" if plan.fixed_on is None else day_text(plan.fixed_on)
            text = say(f"rate_{plan.currency_rate.lower()}", period=self.period, day=day)
            clauses.append(Clause("plan.currency_rate", text))
        clauses += [Clause(f"tables.{table.key}", self.named_table(table)) for table in plan.tables]
        described = {component.measure.key for component in plan.components}
        for measure in plan.measures:
            if measure.key not in described:
                clauses += self.named_measure(measure)
        for component in plan.components:
            clauses += self.component(component)
        clauses += [*self.limit(PLAN_CAP), *self.limit(PLAN_FLOOR)]
        if plan.draw is not None:
            clauses.append(Clause("plan.draw", self.draw(plan.draw)))
        return clauses + [Clause(where, text) for where, text in self.of_plan()]

    def named_measure(self, measure: Measure) -> list[Clause]:
        """A measure that components only name."""
        texts = [*(self.credit(rule) for rule in measure.credit), *self.measure(measure)]
        said = [self.language.say("measure_named", name=self.called(measure.key), text=each) for each in texts]
        return [Clause(f"measures.{measure.key}", text) for text in said]

    def limit(self, limit: str) -> list[Clause]:
        """The cap or floor of the whole plan."""
        name, bounds = ("cap", self.of.cap) if limit == PLAN_CAP else ("floor", self.of.floor)
        return [Clause(f"plan.{name}", self.language.say("limit", limit=text)) for text in self.bounds(name, bounds)]

    def draw(self, draw: Draw) -> str:
        """The draw, how it is recovered and for how long it is granted."""
        texts = [self.language.draws[draw.kind].format(amount=self.money(draw.amount), period=self.period)]
        if draw.recover != 1:
            texts.append(self.language.say("draw_recover", share=self.percent(draw.recover)))
        if draw.shares:
            amounts = ", ".join(self.money(draw.amount * share) for share in draw.shares)
            texts.append(self.language.say("draw_shares", count=len(draw.shares), amounts=amounts))
        if draw.periods is not None:
            texts.append(self.language.say("draw_periods", count=draw.periods))
        return " ".join([*texts, *self.recovery(draw)])

    def component(self, component: Component) -> list[Clause]:
        """One component."""
        where, measure, say = f"components.{component.key}", component.measure, self.language.say
        credits = [say("credit", name=component.name, text=self.credit(rule)) for rule in measure.credit]
        clauses = [Clause(f"{where}.credit", text) for text in credits]
        clauses += [Clause(f"{where}.measure", text) for text in self.measure(measure)]
        clauses += [Clause(f"{where}.pay", text) for text in self.pay(component)]
        clauses += [Clause(f"{where}.changes", text) for text in self.changes(component)]
        if not component.paid:
            clauses.append(Clause(f"{where}.paid", say("paid_not")))
        terms = [say("credit", name=component.name, text=text) for text in self.own_terms(component)]
        clauses += [Clause(f"{where}.settled", text) for text in terms]
        return [*clauses, Clause(f"{where}.rounding", say("rounding", currency=self.of.currency))]

    def credit(self, rule: CreditRule) -> str:
        """One credit rule."""
        say = self.language.say
        places = {
            "share": "" if rule.share == 1 else say("share", share=self.percent(rule.share)),
            "deals": say("deals_where", where=self.conditions(rule.where)) if rule.where else say("deals_all"),
            "dated": self.dated(rule),
            "capped": ("" if rule.cap is None else say("capped", amount=self.money(rule.cap)))
            + self.tenured(rule.tenure),
        }
        if rule.kind == CreditKind.ROLLUP:
            team = say({None: "team_subtree", 1: "team_direct"}.get(rule.depth, "team_level"), level=str(rule.level))
            return say("rollup", team=team, duplicates=self.language.duplicates[rule.duplicates], **places)
        if rule.kind == CreditKind.ROLLOVER:
            return say("rollover", relation=rule.relation, **places)
        if rule.kind == CreditKind.OVERLAY:
            return say("overlay", **places)
        if rule.owner == DealOwner.TERRITORY:
            return say("direct_territory", **places | {"dated": self.dated(replace(rule, owner=DealOwner.NOW))})
        return say("direct", **places)

    def dated(self, rule: CreditRule) -> str:
        """Which day of a deal decides, and the days in which the rule holds."""
        say = self.language.say
        start = "" if rule.start == LONG_AGO else say("from", day=day_text(rule.start))
        end = "" if rule.end == FOREVER else say("through", day=day_text(rule.end - 1))
        owner = "" if rule.owner == DealOwner.NOW else say(f"owner_{rule.owner.lower()}")
        return say("dated", policy=self.language.dates[rule.credit_date], start=start, end=end, owner=owner)

    def tenured(self, tenure: Months | None) -> str:
        """How long whoever is credited must have been employed."""
        if tenure is None:
            return ""
        if tenure.below is None:
            return self.language.say("tenure_from", months=tenure.at_least)
        form = "tenure_between" if tenure.at_least else "tenure_below"
        return self.language.say(form, months=tenure.at_least, below=tenure.below)

    def measure(self, measure: Measure) -> list[str]:
        """What is summed, over which window, against which goal, and what becomes of returns."""
        language = self.language
        column = self.column(measure.column) if measure.formula is None else self.formula(measure.formula)
        what = language.measures[measure.kind].format(column=column)
        window = language.windows[measure.accumulation].format(period=self.period)
        if measure.against is not None:
            texts = [language.say("counts_part", what=what, window=window, name=self.called(measure.against))]
        elif measure.quota is None:
            texts = [language.say("counts", what=what, window=window)]
        else:
            whole = measure.accumulation != Accumulation.PERIOD and measure.goal == GoalWindow.WHOLE_WINDOW
            goal = language.say("goal_whole" if whole else "goal_to_date")
            texts = [language.say("counts_against", what=what, window=window, goal=goal, quota=measure.quota)]
        if not measure.credit:
            return texts
        lowers = measure.reverse_attainment or measure.reversal_rate == ReversalRate.CURRENT
        rate = language.reversals[measure.reversal_rate]
        texts = [*texts, language.say("returns_lower" if lowers else "returns", rate=rate)]
        is_to_date = measure.accumulation != Accumulation.PERIOD and measure.reversal_rate == ReversalRate.ORIGINAL
        return [*texts, language.say("returns_to_date")] if is_to_date else texts

    def pay(self, component: Component) -> list[str]:
        """How a component pays; what rates deals alone says so in its own sentence."""
        pay, say = component.pay, self.language.say
        texts = [self.rate(component) or self.other(component)]
        if component.per == Per.DEAL and pay.lookup is None:
            texts.append(say("by_deal" if pay.table is None else "by_deal_tier"))
        return texts if pay.target is None and not pay.target_name else [*texts, self.target(component)]

    def target(self, component: Component) -> str:
        """The target: a number is of each pay period, and a window of several sums them."""
        pay, say = component.pay, self.language.say
        target = say("target_named", name=pay.target_name)
        if pay.target is not None:
            target = say("target_each", amount=self.money(pay.target), period=self.period)
        is_summed = component.measure.accumulation != Accumulation.PERIOD and not pay.objectives
        sentence = "target_stated" if pay.objectives or pay.formula is not None else "target"
        goal = self.goal(component.measure)
        return say(sentence, target=target, goal=goal, summed=say("target_summed") if is_summed else "")

    def rate(self, component: Component) -> str:
        """Payment by a rate, an amount for each, tiers, a lookup or a matrix; empty for the other ways."""
        pay, say = component.pay, self.language.say
        if pay.rate is not None:
            return say("rate", rate=self.percent(pay.rate))
        if pay.each is not None:
            return say("each", amount=self.money(pay.each))
        if pay.table is not None:
            return self.table(pay.table, self.of.measure(pay.table.on) if pay.table.on else component.measure)
        if pay.lookup is not None:
            pairs = [
                (self.conditions(row.where) if row.where else say("row_other"), row.pays) for row in pay.lookup.rows
            ]
            rows = [say("row", where=where, pays=self.payment(pays)) for where, pays in pairs]
            return say("lookup", rows="; ".join(rows))
        return self.matrix(pay.matrix) if pay.matrix is not None else ""

    def other(self, component: Component) -> str:
        """Payment that is no rate on what counts."""
        pay, say = component.pay, self.language.say
        if pay.objectives:
            named = [say("objective", name=each.name, weight=self.percent(each.weight)) for each in pay.objectives]
            return say("objectives", named=", ".join(named))
        if pay.contest is not None:
            return self.contest(component)
        if pay.formula is not None:
            return say("formula", formula=self.formula(pay.formula))
        if pay.of:
            names = {each.key: each.name for each in self.of.components}
            return say("greatest", names=", ".join(names.get(each, each) for each in pay.of))
        return say("bonus", amount=self.money(pay.bonus or 0))

    def contest(self, component: Component) -> str:
        """The prizes or the pot, who takes part, and what becomes of those on one rank."""
        contest, say = component.pay.contest, self.language.say
        assert contest is not None
        minimum = ""
        if contest.minimum is not None:
            sentence = "contest_minimum_goal" if contest.unit == TierUnit.ATTAINMENT else "contest_minimum"
            edge = self.edge(contest.unit, component.measure, contest.minimum)
            minimum = say(sentence, minimum=edge, goal=self.goal(component.measure))
        if contest.share is not None:
            shared, currency = "pot_equal" if contest.share == PotShare.EQUAL else "pot_proportional", self.of.currency
            pot = self.money(contest.pot)
            return say(shared, pot=pot, period=self.period, minimum=minimum, rest=say("pot_rest", currency=currency))
        prizes = [say("prize", place=place, prize=self.money(prize)) for place, prize in enumerate(contest.prizes, 1)]
        sentence, goal = "contest", ""
        if contest.by == Rank.ATTAINMENT:
            sentence, goal = "contest_attainment", self.goal(component.measure)
        return say(
            sentence, goal=goal, prizes=", ".join(prizes), minimum=minimum, ties=self.language.ties[contest.ties]
        )

    def matrix(self, matrix: Matrix) -> str:
        """Both axes and every cell."""
        say, spans = self.language.say, [self.axis_spans(axis) for axis in (matrix.rows, matrix.columns)]
        cells = [
            say("cell", rows=low, columns=high, pays=self.payment(cell))
            for low, line in zip(spans[0], matrix.cells, strict=True)
            for high, cell in zip(spans[1], line, strict=True)
        ]
        edge = say("upper" if matrix.boundary == Boundary.LOWER_INCLUSIVE else "lower")
        axes = {"rows": self.axis(matrix.rows), "columns": self.axis(matrix.columns)}
        return say("matrix", cells="; ".join(cells), edge=edge, **axes)

    def table(self, table: RateTable, measure: Measure) -> str:
        """A rate table; a curve that begins above 0 opens with its first point, and may step."""
        say = self.language.say
        opening = ""
        if table.opening:
            low = self.edge(table.unit, measure, table.tiers[0].lower)
            opening = say("opening", low=low, share=self.percent(table.opening))
        for edge, height in table.steps:
            low = self.edge(table.unit, measure, edge)
            before = self._height(table, edge)
            opening += say("step", low=low, before=self.percent(before), after=self.percent(before + height))
        return say(
            "tiers",
            mode=self.language.modes[table.mode],
            tiers=", ".join(self.tiers(table, measure)),
            edge=say("upper" if table.boundary == Boundary.LOWER_INCLUSIVE else "lower"),
            by=self._found_by(table, measure),
            opening=opening,
        )

    def _compared(self, table: RateTable, measure: Measure, name: str) -> str:
        """With what earlier window each value is compared, and what is paid for one that had nothing in it."""
        if table.against is None:
            return ""
        say, window = self.language.say, EARLIER_WINDOWS[measure.accumulation]
        window = "earlier_before" if table.against == EarlierWindow.PRIOR else window
        new = "tiers_new_unpaid" if table.new == NewValues.UNPAID else "tiers_new_paid"
        period = self.language.periods[CalendarKind(self.of.period)]
        return say("tiers_against", name=name, window=say(window, period=period)) + say(new)

    def _found_by(self, table: RateTable, measure: Measure) -> str:
        """What finds the tier, where it is not the sum of what the component counts."""
        if table.per:
            clause, name = "tiers_climbed_per" if table.climbs else "tiers_by_per", self.column(table.per)
            return self.language.say(clause, name=name) + self._compared(table, measure, name)
        if not table.on:
            return ""
        return self.language.say("tiers_climbed" if table.climbs else "tiers_by", name=self.called(table.on))

    def _height(self, table: RateTable, edge: Fraction) -> Fraction:
        """What a curve pays just below a step."""
        slopes = [
            (tier.upper - tier.lower) * (tier.rate or 0)
            for tier in table.tiers
            if tier.upper is not None and tier.upper <= edge
        ]
        return sum((height for at, height in table.heights if at < edge), sum(slopes, Fraction(0)))

    def tiers(self, table: RateTable, measure: Measure) -> list[str]:
        """What each tier pays and where it holds."""
        say, found = self.language.say, []
        goal = "tier_goal" if table.unit == TierUnit.ATTAINMENT else "tier"
        earned: Fraction | None = None
        for tier in table.tiers:
            low = self._tier_edge(table, measure, tier.lower, earned)
            high = None if tier.upper is None else self._tier_edge(table, measure, tier.upper, tier.earned)
            earned = tier.earned
            span = say("above", low=low) if high is None else say("between", low=low, high=high)
            if high is not None and tier.lower == 0 and table.opening is None:
                span = say("up_to", high=high)
            pays = self.payment(Payment(tier.rate, tier.amount, tier.each))
            found.append(say(goal, pays=pays, span=span, goal=self.goal(measure)))
        return found

    def _tier_edge(self, table: RateTable, measure: Measure, edge: Fraction, earned: Fraction | None) -> str:
        """An edge, or where it is said so the pay that has been earned at it."""
        if earned is None:
            return self.edge(table.unit, measure, edge)
        return self.language.say("earned_edge", amount=self.money(earned))

    def named_table(self, table: Table) -> str:
        """A named table of the plan."""
        say = self.language.say
        if isinstance(table.content, Points):
            return say("table_points", name=table.key, points=table_points(table, self.language.formulas))
        if not isinstance(table.content, RateTable):
            return say("table_rows", name=table.key, rows=table_rows(table, self.language.formulas))
        is_number = table.takes[0].kind == Kind.NUMBER
        measure = Measure(table.key, (), MeasureKind.COUNT if is_number else MeasureKind.AMOUNT)
        content = table.content
        if table.takes[0].kind == Kind.PERCENT:
            content = replace(content, unit=TierUnit.ATTAINMENT)
        sentences = {**self.language.sentences, "tier_goal": self.language.sentences["tier"]}
        plain = _Prose(self.of, replace(self.language, sentences=sentences))
        return say("table", name=table.key, text=plain.table(content, measure))

    def changes(self, component: Component) -> list[str]:
        """Multipliers, kickers, gates, floors and caps, in the order in which they are applied."""
        say, found = self.language.say, []
        for multiplier in component.multipliers:
            tiers = self.table(multiplier.table, self.of.measure(multiplier.of))
            found.append(say("multiplier", name=self.called(multiplier.of), tiers=tiers))
        found += [self.kicker(kicker) for kicker in component.kickers]
        for gate in component.gates:
            found.append(say("gate", name=self.called(gate.of), reach=self.reach(gate.of, gate.unit, gate.at_least)))
        for name, bounds in (("floor", component.floor), ("cap", component.cap)):
            found += [say("bound", limit=text) for text in self.bounds(name, bounds)]
        return found

    def kicker(self, kicker: Kicker) -> str:
        """What a kicker adds, and once what is reached."""
        pays, say = kicker.pays, self.language.say
        extra = self.payment(pays)
        if pays.rate is not None:
            extra = say("kicker_rate", rate=self.percent(pays.rate))
        elif pays.each is not None:
            extra = say("kicker_each", amount=self.money(pays.each), name=self.called(kicker.of))
        if kicker.at_least is None:
            return say("kicker", extra=extra)
        reach = self.reach(kicker.of, kicker.unit, kicker.at_least)
        return say("kicker_once", extra=extra, name=self.called(kicker.of), reach=reach)

    def bounds(self, name: str, bounds: Bounds) -> list[str]:
        """The floors or caps of a deal, a period and a year."""
        say = self.language.say
        spans = (
            (say("span_deal"), bounds.deal),
            (self.language.periods[CalendarKind(self.of.period)], bounds.period),
            (say("span_year"), bounds.year),
        )
        return [say(name, amount=self.money(amount), span=span) for span, amount in spans if amount is not None]


__all__ = ["Clause", "component_clauses", "limit_clauses", "money", "percent", "plan_clauses"]
