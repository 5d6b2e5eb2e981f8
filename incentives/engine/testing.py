"""Worked examples that live with a plan: facts in, expected results out. What `plan check` and `plan test` run.

An example passes when every figure it states comes out to the cent; a figure that it does not state is not looked at. Rates
are compared at the precision in which they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import pandas as pd

from incentives.engine.awaiting import waits
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import plans_of, read_text
from incentives.engine.examples import Given, computed, read_given
from incentives.engine.language.wording import decimal_text
from incentives.engine.lines import Lines
from incentives.engine.placing import findings_placed
from incentives.engine.plan import PLAN_LIMITS, Plan
from incentives.engine.reading import Reader, exact_number
from incentives.engine.reviewing import plan_review
from incentives.engine.run import Result
from incentives.engine.settlement import settle
from incentives.engine.stated import attainments, unlikely, with_unpaid
from incentives.engine.trace import trace
from incentives.engine.typed import rate_readings
from spm.core.findings import Finding, errors
from spm.core.money import format_amount, minor_digits, round_half_away


@dataclass(frozen=True)
class ExampleResult:
    """One example: what differed from what it expects (nothing when it passed), and the findings about it."""

    name: str
    differences: tuple[str, ...]
    findings: tuple[Finding, ...]
    computed: Mapping[tuple[str, ...], object] = field(default_factory=dict)
    """Of the figures that differ: by its path under `then`, what was computed, as it would be written."""
    line: int | None = None
    """Where the example begins in its file."""
    of_plan: bool = False
    """True for a plan that does not compile, in place of its examples."""

    @property
    def passed(self) -> bool:
        """True when every stated figure came out."""
        return not self.differences and not errors(self.findings)


def check_text(text: str) -> list[Finding]:
    """Everything that is wrong or worth knowing about the plans of a file; each says the path and the line of what it is about."""
    document, findings = read_text(text)
    if document is None:
        return [_with_line(each, Lines()) for each in findings]
    for prefix, each in _plans(document):
        plan, found = compile_plan(each, is_written=True)
        findings += _with_paths(found, each, prefix)
        if plan is not None:
            findings += [_at(one, prefix + one.where) for one in plan_review(plan)]
    lines = Lines.of(text)
    return [_with_line(each, lines) for each in findings]


def _plans(document: Mapping[str, object]) -> list[tuple[str, Mapping[str, object]]]:
    """The plans of a file, each with the path to its fields."""
    is_list = "plans" in document
    return [(f"plans[{number}]." if is_list else "", each) for number, each in enumerate(plans_of(document))]


def _with_paths(findings: Iterable[Finding], plan: Mapping[str, object], prefix: str) -> list[Finding]:
    """Findings of the compiler with their places in words, and the path beside them."""
    found = list(findings)
    placed = zip(found, findings_placed(found, plan), strict=True)
    return [_at(finding, prefix + one.where) for one, finding in placed]


def _at(finding: Finding, path: str) -> Finding:
    return replace(finding, about=(*(each for each in finding.about if each[0] != "path"), ("path", path)))


def _with_line(finding: Finding, lines: Lines) -> Finding:
    """The finding with its line in the file, where it has a path there or the reader of YAML said one."""
    line = lines.line(str(finding.keys.get("path", finding.where)))
    return finding if line is None else replace(finding, about=(*finding.about, ("file_line", line)))


def test_text(text: str) -> list[ExampleResult]:
    """The examples of a file, run; a file whose plans do not compile is one example that failed."""
    document, findings = read_text(text)
    if document is None:
        return [ExampleResult("the file", (), tuple(_with_line(each, Lines()) for each in findings))]
    lines, found = Lines.of(text), []
    for number, each in enumerate(test_document(document, is_written=True)):
        if each.of_plan:
            found.append(replace(each, findings=tuple(_with_line(one, lines) for one in each.findings)))
        else:
            found.append(replace(each, line=lines.line(f"examples[{number}]")))
    return found


def test_document(document: Mapping[str, object], *, is_written: bool = False) -> list[ExampleResult]:
    """The examples of a document, run; one that `is_written` now is refused what may mean two things."""
    plans: dict[str, Plan] = {}
    for prefix, each in _plans(document):
        plan, found = compile_plan(each, is_written=is_written)
        if plan is None:
            wrong = _with_paths(errors(found), each, prefix)
            return [ExampleResult(f"plan {each.get('plan')}", (), tuple(wrong), of_plan=True)]
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
    result = computed(given)
    wanted = _names(expected.value("findings"))
    comparison = _Comparison(result, given, ordered[0])
    differences = comparison.differences(expected)
    differences += _compare_findings(result, wanted)
    if differences:
        differences += [f"note: {line}" for line in unlikely(given)]
    telling = [finding for finding in result.findings if finding.is_error or finding.code == "FACT_EMPTY"]
    unexpected = [finding for finding in telling if finding.code not in wanted]
    return ExampleResult(name, tuple(differences), tuple([*own, *unexpected]), comparison.computed)


def _unknown(where: str, known: Collection[str]) -> str:
    return f"{where}: the example has nothing of that name, only {', '.join(known)}."


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
    computed: dict[tuple[str, ...], object] = field(default_factory=dict)

    def differences(self, expected: Reader) -> list[str]:
        """One line per figure that differs."""
        found: list[str] = []
        parts: dict[str, Callable[[Reader, str], list[str]]] = {
            "earned": self._total,
            "components": self._by_component,
            "people": self._people,
            "periods": self._by_period,
            "deals": self._deals,
            "credits": self._credits,
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
        return found + self._untraced()

    def _untraced(self) -> list[str]:
        """Every earning of an example is explained down to its deals, and the explanation sums."""
        found = []
        for row in self.result.earnings.to_dict("records"):
            keys = (row["participant_key"], row["component_key"], row["period_key"])
            if not trace(self.result, *keys, plan_key=row["plan_key"]).check():
                found.append(f"trace of {keys} does not sum")
        return found

    def _amount(self, path: tuple[str, ...], wanted: int | None, computed: int) -> list[str]:
        if wanted is None or wanted == computed:
            return []
        name, currency = ".".join(path[-2:]), self.plan.currency
        said = f"{name}: expected {format_amount(wanted, currency)}, computed {format_amount(computed, currency)} {currency}"
        if errors(self.result.findings):  # such a sum lacks somebody: it is never offered as the figure to expect
            return [f"{said} without what can't be calculated"]
        self.computed[path] = self._written(computed)
        return [said]

    def _written(self, amount_minor: int) -> str:
        """An amount as a plan states it."""
        return decimal_text(Fraction(amount_minor, 10 ** minor_digits(self.plan.currency)))

    def _total(self, reader: Reader, name: str) -> list[str]:
        return self._amount(
            (name,), reader.money(name, self.plan.currency), int(self.result.earnings["earned_minor"].sum())
        )

    def _components(self) -> list[str]:
        plans = self.given.used
        return [*dict.fromkeys(each.key for plan in plans for each in plan.components), *PLAN_LIMITS]

    def _periods(self) -> list[str]:
        return [period.key for period in self.given.named]

    def _by_component(self, reader: Reader, name: str) -> list[str]:
        return self._sums(reader, name, self._earnings, ("component_key", "earned_minor"), self._components())

    def _by_period(self, reader: Reader, name: str) -> list[str]:
        return self._sums(reader, name, self.result.earnings, ("period_key", "earned_minor"), self._periods())

    def _credits(self, reader: Reader, name: str) -> list[str]:
        return self._sums(reader, name, self.result.credits, ("participant_key", "credit_minor"), self.given.people)

    def _deals(self, reader: Reader, name: str) -> list[str]:
        """What single deals earned, over everybody."""
        known = [str(deal["deal_key"]) for deal in self.given.deals]
        return self._sums(reader, name, self.result.credits, ("deal_key", "earned_minor"), known)

    @cached_property
    def _earnings(self) -> pd.DataFrame:
        """What is paid, and what components that are not paid themselves come to."""
        return with_unpaid(self.result, self._periods())

    def _sums(
        self,
        reader: Reader,
        name: str,
        frame: pd.DataFrame,
        columns: tuple[str, str],
        known: Collection[str],
        above: tuple[str, ...] = (),
    ) -> list[str]:
        child, found = reader.child(name), []
        for each in child.document if child is not None else ():
            assert child is not None
            if str(each) not in known:
                found.append(_unknown(f"{name}.{each}", known))
                continue
            mine = frame[frame[columns[0]] == str(each)]
            wanted = child.money(str(each), self.plan.currency)
            found += self._amount((*above, name, str(each)), wanted, int(mine[columns[1]].sum()))
        return found

    def _people(self, reader: Reader, name: str) -> list[str]:
        """`people: {ada: 100}` or `people: {ada: {commission: 80, bonus: 20}}`."""
        child, found = reader.child(name), []
        for person in child.document if child is not None else ():
            assert child is not None
            if str(person) not in self.given.people:
                found.append(_unknown(f"{name}.{person}", self.given.people))
            elif isinstance(child.document[person], Mapping):
                mine = self._earnings[self._earnings["participant_key"] == str(person)]
                columns = ("component_key", "earned_minor")
                found += self._sums(child, str(person), mine, columns, self._components(), (name,))
            else:
                mine = self.result.earnings[self.result.earnings["participant_key"] == str(person)]
                wanted = child.money(str(person), self.plan.currency)
                found += self._amount((name, str(person)), wanted, int(mine["earned_minor"].sum()))
        return found

    def _slices(self, reader: Reader, name: str) -> list[str]:
        """`slices: {commission: [5000, 1500, 1750]}`: the amount of each tier; tiers that were not reached are 0 or left out."""
        child, found, slices = reader.child(name), [], self.result.slices
        slices = slices[slices["period_key"].isin(self._periods())]
        for key in child.document if child is not None else ():
            assert child is not None
            if str(key) not in self._components():
                found.append(_unknown(f"{name}.{key}", self._components()))
                continue
            mine = slices[slices["component_key"] == str(key)].sort_values(["period_key", "participant_key", "tier"])
            computed = [round_half_away(int(Fraction(amount) * 10**9), 10**9) for amount in mine["amount_exact"]]
            values = child.value(str(key))
            wanted = [
                Reader({"slice": value}, reader.path, reader.findings).money("slice", self.plan.currency) or 0
                for value in (values if isinstance(values, list) else [values])
            ]
            if wanted[: len(computed)] != computed or any(wanted[len(computed) :]):
                shown = [
                    ", ".join(format_amount(each, self.plan.currency) for each in row) for row in (wanted, computed)
                ]
                self.computed[name, str(key)] = [self._written(each) for each in computed]
                found.append(f"{name}.{key}: expected {shown[0]}; computed {shown[1]} {self.plan.currency}")
        return found

    def _effective_rate(self, reader: Reader, name: str) -> list[str]:
        earned, credited = (
            int(self.result.earnings["earned_minor"].sum()),
            int(self.result.earnings["credit_minor"].sum()),
        )
        return self._rate((name,), reader.value(name), Fraction(earned, credited or 1))

    def _attainment(self, reader: Reader, name: str) -> list[str]:
        """`attainment: {commission: 80 %}`, of a component or a measure of the list, in the last period."""
        child, found = reader.child(name), []
        reached = attainments(self.result, self._periods())
        for key in child.document if child is not None else ():
            assert child is not None
            if str(key) in reached:
                found += self._rate((name, str(key)), child.value(str(key)), reached[str(key)])
            else:
                found.append(
                    f"{name}.{key}: no attainment was computed: nothing of that name has a quota that is known. "
                    f"Attainment is known of {', '.join(sorted(reached)) or 'nothing'}."
                )
        return found

    def _rate(self, path: tuple[str, ...], wanted: object, computed: Fraction) -> list[str]:
        """Compares at the number of decimals in which the expectation is written."""
        text = str(wanted).replace("%", "").strip()
        readings = rate_readings(str(wanted))
        number = None if readings else exact_number(text.replace(",", ".", 1))
        if number is None:
            fix = f"Write {' or '.join(readings) or 'it like 2.5 %'}."
            return [f"{'.'.join(path)}: {wanted} is no percentage. {fix}"]
        percent = Fraction(number) * (1 if "%" in str(wanted) else 100)
        scale = 10 ** max(0, -int(number.as_tuple().exponent))
        scale = scale if "%" in str(wanted) else max(1, scale // 100)
        shown = Fraction(
            round_half_away((computed * 100 * scale).numerator, (computed * 100 * scale).denominator), scale
        )
        if shown == percent:
            return []
        self.computed[path] = f"{decimal_text(shown)} %"
        return [f"{'.'.join(path)}: expected {wanted}, computed {decimal_text(computed * 100)} %"]

    def _settled(self, reader: Reader, name: str, column: str) -> list[str]:
        """What is paid and owed by period under the plan's draw. Pay that waits is settled by books, which examples have none of."""
        if waits(self.plan):
            what = (
                f"{name} can't be stated: pay of {self.plan.key} waits, is held back or comes back after it was earned."
            )
            why = "That is settled in books, by payments and days of each deal; an example computes what is earned."
            reader.find("EXAMPLE_WAITS", what, f"Remove {name}, and expect earned.", at=name, why=why)
            return []
        child, found = reader.child(name), []
        settled = settle(self.result.earnings, self.plan, self.given.named, self.given.stays)
        for key in child.document if child is not None else ():
            mine = settled[settled["period_key"] == str(key)]
            wanted = child.money(str(key), self.plan.currency) if child is not None else None
            found += self._amount((name, str(key)), wanted, int(mine[column].sum()))
        return found
