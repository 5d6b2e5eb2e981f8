"""Worked examples that live with a plan: facts in, expected results out. What `plan check` and `plan test` run.

An example passes when every figure it states comes out to the cent; a figure that it does not state is not looked at. Rates
are compared at the precision in which they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from incentives.engine.compiling import compile_plan
from incentives.engine.documents import plans_of, read_text
from incentives.engine.examples import Given, facts_of, read_given
from incentives.engine.plan import Plan
from incentives.engine.reading import Reader
from incentives.engine.reviewing import plan_review
from incentives.engine.run import Result, compute
from incentives.engine.settlement import settle
from incentives.engine.trace import trace
from spm.core.findings import Finding, errors
from spm.core.money import RATE_SCALE, format_amount, round_half_away


@dataclass(frozen=True)
class ExampleResult:
    """One example: what differed from what it expects (nothing when it passed), and the findings about it."""

    name: str
    differences: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """True when every stated figure came out."""
        return not self.differences and not errors(self.findings)


def check_text(text: str) -> list[Finding]:
    """Everything that is wrong or worth knowing about the plans of a file."""
    document, findings = read_text(text)
    if document is None:
        return findings
    for each in plans_of(document):
        plan, found = compile_plan(each)
        findings += found + (plan_review(plan) if plan is not None else [])
    return findings


def test_text(text: str) -> list[ExampleResult]:
    """The examples of a file, run; a file whose plans do not compile is one example that failed."""
    document, findings = read_text(text)
    if document is None:
        return [ExampleResult("the file", (), tuple(findings))]
    return test_document(document)


def test_document(document: Mapping[str, object]) -> list[ExampleResult]:
    """The examples of a document, run."""
    plans: dict[str, Plan] = {}
    for each in plans_of(document):
        plan, found = compile_plan(each)
        if plan is None:
            return [ExampleResult(f"plan {each.get('plan')}", (), tuple(errors(found)))]
        plans[plan.key] = plan
    findings: list[Finding] = []
    reader = Reader(document, "", findings)
    children = reader.children("examples")
    results = [_run(child, plans) for child in children]
    return results or [ExampleResult("examples", ("The file has no examples.",), tuple(findings))]


test_text.__test__ = False  # type: ignore[attr-defined]
test_document.__test__ = False  # type: ignore[attr-defined]


def _run(reader: Reader, plans: dict[str, Plan]) -> ExampleResult:
    """One example. The first plan is everybody's unless the example names another one."""
    own: list[Finding] = []
    reader = Reader(reader.document, reader.path, own)
    name = reader.text("name", default=reader.path)
    chosen = reader.text("plan", default=next(iter(plans)))
    ordered = (
        [plans[chosen], *(plan for key, plan in plans.items() if key != chosen)]
        if chosen in plans
        else list(plans.values())
    )
    given_reader = reader.child("given") or Reader({}, f"{reader.path}.given", own)
    given = read_given(given_reader, ordered)
    expected = reader.child("then")
    reader.finish("source", "note")
    if errors(own) or expected is None:
        return ExampleResult(name, () if errors(own) else ("The example has no then.",), tuple(own))
    result = compute(facts_of(given), given.used)
    wanted = _names(expected.value("findings"))
    differences = _Comparison(result, given, ordered[0]).differences(expected)
    differences += _compare_findings(result, wanted)
    unexpected = [finding for finding in result.findings if finding.is_error and finding.code not in wanted]
    return ExampleResult(name, tuple(differences), tuple([*own, *unexpected]))


def _names(value: object) -> set[str]:
    return {str(each) for each in value} if isinstance(value, list) else set()


def _compare_findings(result: Result, wanted: set[str]) -> list[str]:
    missing = wanted - {finding.code for finding in result.findings}
    return [f"findings: {code} was expected and not found" for code in sorted(missing)]


@dataclass(frozen=True)
class _Comparison:
    """Compares what an example states with what was computed."""

    result: Result
    given: Given
    plan: Plan

    def differences(self, expected: Reader) -> list[str]:
        """One line per figure that differs."""
        found: list[str] = []
        parts: dict[str, Callable[[Reader, str], list[str]]] = {
            "earned": self._total,
            "components": lambda reader, name: self._by(reader, name, "component_key"),
            "people": self._people,
            "periods": lambda reader, name: self._by(reader, name, "period_key"),
            "deals": self._deals,
            "credits": lambda reader, name: self._sums(reader, name, "participant_key", "credit_minor"),
            "slices": self._slices,
            "effective_rate": self._effective_rate,
            "attainment": self._attainment,
            "paid": lambda reader, name: self._settled(reader, name, "paid_minor"),
            "owed": lambda reader, name: self._settled(reader, name, "owed_minor"),
        }
        for name in expected.document:
            if str(name) in parts:
                found += parts[str(name)](expected, str(name))
        expected.finish(*parts, "findings")
        found += [finding.message for finding in expected.findings if finding.is_error]
        return found + self._untraced()

    def _untraced(self) -> list[str]:
        """Every earning of an example is explained down to its deals, and the explanation sums."""
        found = []
        for row in self.result.earnings.to_dict("records"):
            keys = (row["participant_key"], row["component_key"], row["period_key"])
            if not trace(self.result, *keys, plan_key=row["plan_key"]).check():
                found.append(f"trace of {keys} does not sum")
        return found

    def _amount(self, name: str, wanted: int | None, computed: int) -> list[str]:
        if wanted is None or wanted == computed:
            return []
        currency = self.plan.currency
        return [
            f"{name}: expected {format_amount(wanted, currency)}, computed {format_amount(computed, currency)} {currency}"
        ]

    def _total(self, reader: Reader, name: str) -> list[str]:
        return self._amount(
            name, reader.money(name, self.plan.currency), int(self.result.earnings["earned_minor"].sum())
        )

    def _by(self, reader: Reader, name: str, key: str) -> list[str]:
        return self._sums(reader, name, key, "earned_minor")

    def _sums(self, reader: Reader, name: str, key: str, column: str) -> list[str]:
        child, found = reader.child(name), []
        frame = self.result.credits if column == "credit_minor" else self.result.earnings
        for each in child.document if child is not None else ():
            mine = frame[frame[key] == str(each)]
            wanted = (
                child.money(str(each), self.plan.currency) if child is not None and each in child.document else None
            )
            found += self._amount(f"{name}.{each}", wanted, int(mine[column].sum()))
        return found

    def _people(self, reader: Reader, name: str) -> list[str]:
        """`people: {ada: 100}` or `people: {ada: {commission: 80, bonus: 20}}`."""
        child, found = reader.child(name), []
        for person in child.document if child is not None else ():
            mine = self.result.earnings[self.result.earnings["participant_key"] == str(person)]
            if child is not None and isinstance(child.document[person], Mapping):
                own = _Comparison(Result(self.result.credits, mine, ()), self.given, self.plan)
                found += [f"{person}: {line}" for line in own._by(child, str(person), "component_key")]
            elif child is not None:
                wanted = child.money(str(person), self.plan.currency)
                found += self._amount(f"{name}.{person}", wanted, int(mine["earned_minor"].sum()))
        return found

    def _deals(self, reader: Reader, name: str) -> list[str]:
        """What single deals earned, over everybody."""
        child, found = reader.child(name), []
        for key in child.document if child is not None else ():
            mine = self.result.credits[self.result.credits["deal_key"] == str(key)]
            wanted = child.money(str(key), self.plan.currency) if child is not None else None
            found += self._amount(f"{name}.{key}", wanted, int(mine["earned_minor"].sum()))
        return found

    def _slices(self, reader: Reader, name: str) -> list[str]:
        """`slices: {commission: [5000, 1500, 1750]}`: the amount of each tier that pays something."""
        child, found, slices = reader.child(name), [], self.result.slices
        for key in child.document if child is not None else ():
            mine = slices[slices["component_key"] == str(key)].sort_values(["period_key", "participant_key", "tier"])
            computed = [round_half_away(int(Fraction(amount) * 10**9), 10**9) for amount in mine["amount_exact"]]
            values = child.value(str(key)) if child is not None else []
            wanted = [
                Reader({"slice": value}, reader.path, reader.findings).money("slice", self.plan.currency)
                for value in (values if isinstance(values, list) else [])
            ]
            if wanted != computed:
                found.append(f"{name}.{key}: expected {wanted}, computed {computed} (minor units)")
        return found

    def _effective_rate(self, reader: Reader, name: str) -> list[str]:
        earned, credited = (
            int(self.result.earnings["earned_minor"].sum()),
            int(self.result.earnings["credit_minor"].sum()),
        )
        return self._rate(name, reader.value(name), Fraction(earned, credited or 1))

    def _attainment(self, reader: Reader, name: str) -> list[str]:
        """`attainment: {commission: 80 %}`, of the last period."""
        child, found, earnings = reader.child(name), [], self.result.earnings
        for key in child.document if child is not None else ():
            mine = earnings[earnings["component_key"] == str(key)]
            last = mine["attainment"].iloc[-1] if len(mine) else pd.NA
            if last is pd.NA:
                found.append(f"{name}.{key}: not computed")
            else:
                found += self._rate(
                    f"{name}.{key}",
                    child.value(str(key)) if child is not None else None,
                    Fraction(int(str(last)), RATE_SCALE),
                )
        return found

    def _rate(self, name: str, wanted: object, computed: Fraction) -> list[str]:
        """Compares at the number of decimals in which the expectation is written."""
        text = str(wanted).replace("%", "").strip()
        percent = Fraction(Decimal(text)) * (1 if "%" in str(wanted) else 100)
        scale = 10 ** max(0, -int(Decimal(text).as_tuple().exponent))
        scale = scale if "%" in str(wanted) else max(1, scale // 100)
        shown = Fraction(
            round_half_away((computed * 100 * scale).numerator, (computed * 100 * scale).denominator), scale
        )
        return [] if shown == percent else [f"{name}: expected {wanted}, computed {float(computed):.6%}"]

    def _settled(self, reader: Reader, name: str, column: str) -> list[str]:
        """What is paid and owed by period under the plan's draw."""
        child, found = reader.child(name), []
        settled = settle(self.result.earnings, self.plan, [period.key for period in self.given.periods])
        for key in child.document if child is not None else ():
            mine = settled[settled["period_key"] == str(key)]
            wanted = child.money(str(key), self.plan.currency) if child is not None else None
            found += self._amount(f"{name}.{key}", wanted, int(mine[column].sum()))
        return found
