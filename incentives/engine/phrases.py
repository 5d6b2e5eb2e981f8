"""The parts of sentences: numbers, amounts, conditions, edges and spans as a reader of one language writes them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from incentives.engine.language.tree import Formula
from incentives.engine.language.wording import named, words
from incentives.engine.plan import Axis, Condition, Measure, Payment, Plan
from incentives.engine.sentences import Language
from incentives.engine.tables import EdgeText
from incentives.engine.words import MeasureKind, TierUnit
from spm.core.dated import day_text
from spm.core.money import RATE_SCALE, minor_digits
from spm.core.periods import CalendarKind


def percent(value: Fraction | int, scale: int = 1) -> str:
    """A share as a percentage with as many decimals as it needs (at most six).

    >>> percent(Fraction(1, 8)), percent(3_000_000, 10**8)
    ('12.5 %', '3 %')
    """
    exact = Fraction(value) / scale * 100
    number = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{round(number, 6).normalize():f} %"


def money(amount: Fraction | int, currency: str) -> str:
    """An amount in words for a reader: grouped, with its currency; more decimals only where it has them."""
    exact = Fraction(amount) / 10 ** minor_digits(currency)
    number = Decimal(exact.numerator) / Decimal(exact.denominator)
    digits = minor_digits(currency)
    shown = f"{number:,.{digits}f}" if number == round(number, digits) else f"{number.normalize():,f}"
    return f"{shown} {currency}"


def is_rate(column: str) -> bool:
    """Tell whether a column of deals holds rates."""
    return column.endswith("_rate") or column in ("discount", "share")


class Phrases:
    """The parts of the sentences about one plan in one language."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.of, self.language = plan, language

    @property
    def period(self) -> str:
        """The pay period."""
        return self.language.periods[CalendarKind(self.of.period)]

    def money(self, amount: Fraction | int) -> str:
        """An amount of the plan."""
        return self.language.number(money(amount, self.of.currency))

    def percent(self, value: Fraction, scale: int = 1) -> str:
        """A share."""
        return self.language.number(percent(value, scale))

    def payment(self, payment: Payment) -> str:
        """A rate or an amount."""
        if payment.rate is not None:
            return self.percent(payment.rate)
        if payment.each is not None:
            return self.language.say("payment_each", amount=self.money(payment.each))
        return self.money(payment.amount or 0)

    def edge(self, unit: TierUnit, measure: Measure, edge: Fraction) -> str:
        """An edge of a tier."""
        return self.language.number(EdgeText(unit, measure, self.of.currency)(edge))

    def called(self, of: str) -> str:
        """What people call a measure; its key where another one has the same name."""
        name = self.of.measure(of).called
        return name if sum(each.called == name for each in self.of.measures) == 1 else of

    def formula(self, formula: Formula) -> str:
        """A formula in words, with its measures and components by the names that people call them."""
        return words(named(formula.tree, self.names()), self.language.formulas)

    def names(self) -> dict[tuple[str, str], str]:
        """The names that people call measures and components, by (MEASURE or COMPONENT, key)."""
        names = {("MEASURE", each.key): self.called(each.key) for each in self.of.measures}
        titles = [each.name for each in self.of.components]
        for each in self.of.components:
            if titles.count(each.name) == 1:
                names["COMPONENT", each.key] = each.name
        return names

    def reach(self, of: str, unit: TierUnit, at_least: Fraction) -> str:
        """What a measure has to reach."""
        measure = self.of.measure(of)
        shown, goal = self.edge(unit, measure, at_least), self.goal(measure, quota="of_its_quota")
        return self.language.say("reach_goal", reach=shown, goal=goal) if unit == TierUnit.ATTAINMENT else shown

    def goal(self, measure: Measure, quota: str = "of_quota") -> str:
        """Of what percentages of a measure are parts: of its quota, or of the measure that it is held against."""
        say = self.language.say
        return say(quota) if measure.against is None else say("of_measure", name=self.called(measure.against))

    def conditions(self, conditions: Sequence[Condition]) -> str:
        """Conditions, those of columns first, then those of formulas."""
        join = self.language.say("and")
        plain = [self.condition(condition) for condition in conditions if condition.formula is None]
        formulas = [self.formula(condition.formula) for condition in conditions if condition.formula is not None]
        parts = [self.language.say("with", conditions=join.join(plain))] if plain else []
        parts += [self.language.say("where", conditions=join.join(formulas))] if formulas else []
        return join.join(parts)

    def condition(self, condition: Condition) -> str:
        """One condition of a column."""
        values = self.language.say("or").join(self.value(condition.column, value) for value in condition.values)
        return f"{self.column(condition.column)} {self.language.conditions[condition.operator]}{values}".strip()

    def column(self, name: str) -> str:
        """The name of a column."""
        return name.removesuffix("_minor").removesuffix("_key").replace("_", " ")

    def value(self, column: str, value: object) -> str:
        """A value of a column."""
        if not isinstance(value, Fraction):
            return str(value)
        if column.endswith("_minor"):
            return self.money(value)
        if column.endswith("_on"):
            return day_text(int(value))
        if is_rate(column):
            return self.percent(value, RATE_SCALE)
        return self.language.number(f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}")

    def axis(self, axis: Axis) -> str:
        """What one side of a matrix looks at."""
        if axis.column:
            return self.language.say("axis_deal", name=self.column(axis.column))
        return self.language.say("axis_measure", name=self.called(axis.of or ""))

    def axis_spans(self, axis: Axis) -> list[str]:
        """The spans between the edges of one side of a matrix."""
        say, edges = self.language.say, [self.axis_edge(axis, edge) for edge in axis.edges]
        between = [say("between", low=low, high=high) for low, high in zip(edges, edges[1:], strict=False)]
        return [say("below", high=edges[0]), *between, say("above", low=edges[-1])]

    def axis_edge(self, axis: Axis, edge: Fraction) -> str:
        """One edge of a matrix."""
        if axis.column:
            return self.value(axis.column, edge)
        measure = self.of.measure(axis.of) if axis.of else Measure("", (), MeasureKind.COUNT)
        return self.edge(axis.unit, measure, edge)
