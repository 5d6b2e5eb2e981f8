"""What decided each multiplier, kicker and gate of one earning, in words: what the measure reached, what is asked, met or not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from incentives.engine import rates
from incentives.engine.arithmetic import counted
from incentives.engine.measuring import Measured
from incentives.engine.phrases import Phrases, money, percent
from incentives.engine.plan import Component, Gate, Kicker, Multiplier, Plan
from incentives.engine.room import Room
from incentives.engine.sentences import ENGLISH
from incentives.engine.words import TierUnit
from spm.core.exact import constant
from spm.core.money import RATE_SCALE, round_half_away


def decisions(plan: Plan, component: Component, room: Room, row: int) -> dict[str, str]:
    """What decided each change of the pay of a group, by the place of its clause."""
    words = _Words(Phrases(plan, ENGLISH), room, row, plan.currency)
    found = {f"multipliers[{number}]": words.multiplier(each) for number, each in enumerate(component.multipliers)}
    found |= {f"kickers[{number}]": words.kicker(each) for number, each in enumerate(component.kickers)}
    return found | {f"gates[{number}]": words.reach(each) for number, each in enumerate(component.gates)}


@dataclass(frozen=True)
class _Words:
    """The measures of one group, by the names that the plan's clauses call them."""

    phrases: Phrases
    room: Room
    row: int
    currency: str

    def multiplier(self, multiplier: Multiplier) -> str:
        """What the measure reached and the rate of that tier."""
        measured = self.room.measured[multiplier.of]
        value, goal = self._asked(measured, multiplier.table.unit)
        goals = None if goal is None else np.array([goal])
        factor = rates.factor(multiplier.table, constant(value, 1), goals).fraction(0)
        return f"{self._reached(multiplier.of, multiplier.table.unit)}, so × {percent(factor)}"

    def kicker(self, kicker: Kicker) -> str:
        """What is asked, and what the kicker adds, with the count that it counts."""
        if kicker.pays.rate is not None:
            extra = f"{percent(kicker.pays.rate)} of the amount so far"
        elif kicker.pays.each is not None:
            measured = self.room.measured[kicker.of]
            count = counted(measured.measure, Fraction(int(measured.value.own[self.row])), self.currency)
            extra = f"{money(kicker.pays.each, self.currency)} × {count} of {self.phrases.called(kicker.of)}"
        else:
            extra = money(kicker.pays.amount or 0, self.currency)
        reach = self.reach(kicker)
        return f"{reach}: {extra}" if reach else extra

    def reach(self, asked: Gate | Kicker) -> str:
        """What the measure reached, what is asked, and whether it is met; empty where nothing is asked."""
        if asked.at_least is None:
            return ""
        measured = self.room.measured[asked.of]
        value, goal = self._asked(measured, asked.unit)
        said = "met" if value >= asked.at_least * (1 if goal is None else goal) else "not met"
        by_goal = asked.unit == TierUnit.ATTAINMENT
        least = percent(asked.at_least) if by_goal else counted(measured.measure, asked.at_least, self.currency)
        return f"{self._reached(asked.of, asked.unit)}, at least {least} is asked, {said}"

    def _asked(self, measured: Measured, unit: TierUnit) -> tuple[Fraction, int | None]:
        value = Fraction(int(measured.value.after[self.row]))
        if unit != TierUnit.ATTAINMENT or measured.goal is None or not measured.usable[self.row]:
            return value, None
        return value, int(measured.goal.after[self.row])

    def _reached(self, name: str, unit: TierUnit) -> str:
        measured = self.room.measured[name]
        value, goal = self._asked(measured, unit)
        text = f"{self.phrases.called(name)} is {counted(measured.measure, value, self.currency)}"
        if goal is None:
            return text
        share = round_half_away((value / goal * RATE_SCALE).numerator, (value / goal * RATE_SCALE).denominator)
        against = "a quota" if measured.measure.against is None else self.phrases.called(measured.measure.against)
        whole = counted(measured.measure, Fraction(goal), self.currency)
        return f"{text} of {against} of {whole}, which is {percent(share, RATE_SCALE)}"
