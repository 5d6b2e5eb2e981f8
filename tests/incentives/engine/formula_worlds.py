"""Made-up companies whose components pay by formulas over measures, quotas and earlier components, with returns of their sales.

A formula is a text for the plan and a tree for the interpreter of tests/incentives/engine/language, drawn together.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

from tests.incentives.engine.worlds import Returning, Row

Tree = tuple[Any, ...]
MOST = 900
"""A formula has at most 1,000 characters."""


class Written(str):
    """The text of a formula that knows its tree."""

    tree: Tree

    @classmethod
    def of(cls, text: str, tree: Tree) -> Written:
        """A text with the tree that it was drawn with."""
        made = cls(text)
        made.tree = tree
        return made


class Writer:
    """Draws formulas that pay money: of names of money and of counts."""

    def __init__(
        self,
        dice: Random,
        money: list[str],
        counts: list[str],
        shares: list[str],
        own: tuple[Random, str] | None = None,
    ) -> None:
        self.dice, self.names, self.counts, self.shares, self.own = dice, money, counts, shares, own

    def money(self, depth: int) -> Written:
        """A formula that gives an amount."""
        if depth == 0 or self.dice.random() < 0.15:
            return self._leaf()
        ways = [self._times, self._times, self._of_two, self._of_two, self._chosen, self._rounded, self._divided]
        return self.dice.choice(ways)(depth - 1)

    def _leaf(self) -> Written:
        if self.names and self.dice.random() < 0.75:
            return _name(self.dice.choice(self.names))
        if self.counts and self.dice.random() < 0.5:
            count, each = _name(self.dice.choice(self.counts)), self.dice.randrange(1, 200)
            return Written.of(f"({count} * {each} USD)", ("*", count.tree, ("literal", Fraction(each))))
        amount = self.dice.randrange(0, 90_000)
        return Written.of(f"({amount / 100:.2f} USD)", ("literal", Fraction(amount, 100)))

    def _share(self) -> Written:
        if self.shares and self.dice.random() < 0.3:
            key = self.dice.choice(self.shares)
            if self.own is not None and self.own[0].random() < 0.8:
                return Written.of("ATTAINMENT()", ("name", f"ATTAINMENT({self.own[1]})"))
            return Written.of(f"ATTAINMENT({key})", ("name", f"ATTAINMENT({key})"))
        share = self.dice.randrange(1, 15_000)
        return Written.of(f"{share / 100:.2f} %", ("literal", Fraction(share, 10_000)))

    def _times(self, depth: int) -> Written:
        one, share = self.money(depth), self._share()
        return Written.of(f"({one} * {share})", ("*", one.tree, share.tree))

    def _of_two(self, depth: int) -> Written:
        one, two = self.money(depth), self.money(depth)
        sign = self.dice.choice(["+", "-", "min", "max", "max"])
        text = f"({one} {sign} {two})" if sign in "+-" else f"{sign.upper()}({one}, {two})"
        return Written.of(text, (sign, one.tree, two.tree))

    def _chosen(self, depth: int) -> Written:
        asked, one, two = self._condition(depth), self.money(depth), self.money(depth)
        return Written.of(f"IF({asked}, {one}, {two})", ("if", asked.tree, one.tree, two.tree))

    def _condition(self, depth: int) -> Written:
        one, two, sign = self.money(depth), self.money(0), self.dice.choice(["<", "<=", ">", ">=", "=", "<>"])
        found = Written.of(f"{one} {sign} {two}", (sign, one.tree, two.tree))
        if self.counts and self.dice.random() < 0.4:
            count, least, word = (
                _name(self.dice.choice(self.counts)),
                self.dice.randrange(1, 4),
                self.dice.choice(["and", "or"]),
            )
            tree = (word, (">=", count.tree, ("literal", Fraction(least))), found.tree)
            return Written.of(f"{word.upper()}({count} >= {least}, {found})", tree)
        return found

    def _rounded(self, depth: int) -> Written:
        one, digits, word = (
            self.money(depth),
            self.dice.choice([-1, 0, 1, 2]),
            self.dice.choice(["round", "roundup", "rounddown"]),
        )
        return Written.of(f"{word.upper()}({one}, {digits})", (word, one.tree, digits))

    def _divided(self, depth: int) -> Written:
        """A part of an amount, which is not known where it is divided by nothing, or nothing there."""
        one, two, three = self.money(depth), self.money(0), self.money(0)
        share: Tree = ("/", two.tree, three.tree)
        if self.dice.random() < 0.2 and three.tree[0] == "name":
            return Written.of(f"({one} * ({two} / {three}))", ("*", one.tree, share))
        tree = ("if", ("=", three.tree, ("literal", Fraction(0))), one.tree, ("*", one.tree, share))
        safe = three.tree[0] == "name"
        return Written.of(f"IF({three} = 0, {one}, {one} * ({two} / {three}))", tree) if safe else one


def _name(key: str) -> Written:
    return Written.of(key, ("name", key))


class Formulas(Returning):
    """A company whose deals come back in parts, under plans that pay by formulas, over windows and earlier components."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.reading, self.shown = Random(f"{seed}/reading"), Random(f"{seed}/shown")

    def _component(self, key: str, number: int, *, is_last: bool) -> Row:
        self.only_reads = number > 0 and self.reading.random() < 0.25
        component = super()._component(key, number, is_last=is_last)
        if "credit" not in component:
            return component
        if "ATTAINMENT()" in component.get("formula", "") and self.shown.random() < 0.7:
            component |= {"reverse_attainment": True, "reversal_rate": "ORIGINAL"}
        if "formula" in component and "DISTINCT" not in str(component.get("measure")) and self.chance(0.5):
            component |= {"accumulation": self.one(["QTD", "YTD", "CONTRACT"])}
        if component.keys() & {"formula", "greater_of"} and number and self.chance(0.7):
            component["credit"] = self.credit  # that of an earlier one, so that both take the same returns back
        self.credit = component["credit"]
        return component

    def _changes(self, key: str, component: Row) -> Row:
        """Those of a component that only reads ask no measure of its own: it credits nothing."""
        if not self.only_reads:
            return super()._changes(key, component)
        for name in ("credit", "measure", "quota", "goal", "accumulation", "reversal_rate", "reverse_attainment"):
            component.pop(name, None)
        found = super()._changes(key, component)
        found.pop("threshold", None)
        return found

    def _plan(self, name: str) -> Row:
        plan = super()._plan(name)
        for measure in plan["measures"]:
            if self.reading.random() < 0.4:
                measure["reversal_rate"] = "CURRENT"
        return plan

    def _pay(self, key: str, number: int) -> Row:
        earlier = [f"c{place}" for place in range(number)]
        if self.only_reads:
            of_two = number >= 2 and self.reading.random() < 0.5
            writer = Writer(self.dice, [*earlier * 2, "booked"], ["logos"], ["booked", "logos"])
            return {"greater_of": ["c0", "c1"]} if of_two else {"formula": self._written(writer)}
        if self.chance(0.35):
            return super()._pay(key, number)
        if number >= 2 and self.chance(0.15):
            return {"greater_of": ["c0", "c1"]}
        count = self.counts[key]
        if not count and self.chance(0.15):
            writer = Writer(self.dice, ["credit"], [], [])
            return {"per": "DEAL", "formula": self._written(writer)}
        money = [*earlier * 2, "booked", *([] if count else ["measure"])]
        counts = ["logos", *(["measure"] if count else [])]
        writer = Writer(self.dice, money, counts, ["booked", "logos"], (self.shown, key))
        return {"formula": self._written(writer)}

    def _written(self, writer: Writer) -> Written:
        while True:
            found = writer.money(self.dice.randrange(1, 4))
            if len(found) <= MOST:
                return found
