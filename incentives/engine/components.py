"""Reads the components of a plan document: what they pay by, and what changes that pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from incentives.engine.language.wording import decimal_text, grouped_text
from incentives.engine.pay_formulas import read_pay_formula
from incentives.engine.plan import (
    Bounds,
    Component,
    Gate,
    Kicker,
    Measure,
    Multiplier,
    Objective,
    Pay,
    RateTable,
)
from incentives.engine.plan_contests import read_contest
from incentives.engine.reading import Reader
from incentives.engine.reading_settling import keeps_clawback, read_clawback, read_holdback, read_release
from incentives.engine.tables import (
    exact_money,
    read_curve,
    read_edge,
    read_lookup,
    read_matrix,
    read_payment,
    read_table,
)
from incentives.engine.tiers_per import check_without_per, read_tiers_per
from incentives.engine.units import check_borrowed, check_units
from incentives.engine.words import Per, TierMode, TierUnit
from spm.core.findings import Severity

ABSURD_RATE = Fraction(10)
"""A rate above 1,000 % is a finding that a second person must accept."""

WAYS = (
    "rate",
    "amount_each",
    "tiers",
    "curve",
    "lookup",
    "matrix",
    "bonus",
    "objectives",
    "contest",
    "greater_of",
    "formula",
)
REVERSAL = ("reversal_rate", "reverse_attainment")
Measures = dict[str, Measure]


def read_component(reader: Reader, currency: str, measures: Measures, order: Sequence[str] = ()) -> Component:
    """One component; `measures` are all measures of the plan, `order` the keys of all components."""
    key = reader.text("key")
    measure = _read_of(reader, key, measures)
    pay = _read_pay(reader, measure, currency, measures, order)
    component = Component(
        key=key,
        name=reader.text("name", default=key),
        measure=measure,
        pay=pay,
        per=reader.choice("per", Per, Per.DEAL if pay.lookup else Per.PERIOD),
        multipliers=tuple(_read_multiplier(child, currency, measures) for child in reader.children("multipliers")),
        kickers=tuple(_read_kicker(child, measure, currency, measures) for child in reader.children("kickers")),
        gates=tuple(_read_gate(child, currency, measures) for child in reader.children("gates")),
        floor=read_bounds(reader, "floor", currency),
        cap=read_bounds(reader, "cap", currency),
        paid=reader.flag("paid", default=True),
        release=read_release(reader),
        holdback=read_holdback(reader),
        clawback=read_clawback(reader),
    )
    if component.clawback is not None and not keeps_clawback(component, component.clawback):
        what = (
            f"The clawback of {component.key} limits returns at the original rate, and its returns are rated CURRENT."
        )
        fix = "Leave reversal_rate out, or leave within, share and pro_rata out of the clawback."
        reader.find("CLAWBACK_UNREAD", what, fix, at="clawback")
    component = _with_threshold(reader, component, measure)
    _check_component(reader, component, measure)
    check_units(reader, component, measures)
    check_borrowed(reader)
    reader.finish(
        "clause",
        "source",
        "credit",
        "from",
        "until",
        "measure",
        "quota",
        "accumulation",
        "goal",
        "against",
        *REVERSAL,
        "tier_mode",
        "boundary",
        *WAYS,
    )
    return component


def _read_of(reader: Reader, key: str, measures: Measures) -> Measure:
    of = reader.text("of", default="") or key
    if of in measures:
        return measures[of]
    return _unknown(reader, "of", of, measures)


def _unknown(reader: Reader, name: str, of: str, measures: Measures) -> Measure:
    known = f", or write one of these: {', '.join(sorted(measures))}" if measures else ""
    fix = f"Describe it in measures of the plan{known}."
    reader.find("MEASURE_UNKNOWN", f"There is no measure {of}.", fix, at=name)
    return Measure(of, ())


def _read_pay(reader: Reader, measure: Measure, currency: str, measures: Measures, order: Sequence[str]) -> Pay:
    """The one way in which the component pays."""
    ways = [way for way in WAYS if reader.has(way)]
    if len(ways) != 1:
        given = "no rate and no other way to pay" if not ways else f"{' and '.join(ways)}"
        reader.find(
            "RATE_MISSING",
            f"The component has {given}.",
            f"Give exactly one of {', '.join(WAYS)}.",
            at=ways[1] if ways else "rate",
        )
    target, target_name = _read_target(reader, currency)
    bonus = reader.money("bonus", currency)
    return Pay(
        rate=reader.rate("rate"),
        each=exact_money(reader, "amount_each", currency),
        table=_read_tiers(reader, measure, currency, measures) or read_curve(reader),
        lookup=read_lookup(reader, currency),
        matrix=read_matrix(reader, currency, measures),
        bonus=None if bonus is None else Fraction(bonus),
        objectives=_read_objectives(reader),
        contest=read_contest(reader, measure, currency),
        of=_read_names(reader, "greater_of"),
        target=target,
        target_name=target_name,
        formula=read_pay_formula(reader, measure, measures, currency, order),
    )


def _read_names(reader: Reader, name: str) -> tuple[str, ...]:
    value = reader.value(name)
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def _read_target(reader: Reader, currency: str) -> tuple[Fraction | None, str]:
    """An amount, or the name under which the facts hold each person's target."""
    value = reader.value("target")
    if value is None:
        return None, ""
    if isinstance(value, str) and not any(letter.isdigit() for letter in value):
        return None, value
    amount = reader.money("target", currency)
    return (None if amount is None else Fraction(amount)), ""


def _read_tiers(reader: Reader, measure: Measure, currency: str, measures: Measures) -> RateTable | None:
    on = reader.text("tiers_on", default="") or None
    if reader.has("tiers_per"):
        return read_tiers_per(reader, measure, currency)
    check_without_per(reader)
    if on is None:
        return read_table(reader, measure, currency)
    table = read_table(reader, _other(reader, "tiers_on", on, measures), currency, default=TierMode.WHOLE)
    if table is None:
        return None
    if table.mode == TierMode.INTERPOLATED:
        what = "Tiers found by another measure pay the whole value, or each deal by the part of the way that it climbs."
        reader.find("TIERS_ON_MODE", what, "Use tier_mode WHOLE or MARGINAL.", at="tier_mode")
    elif table.mode == TierMode.MARGINAL and any(tier.amount is not None for tier in table.tiers):
        what = "Deals that climb the tiers of another measure are paid by what each of them counts."
        reader.find("UNIT_ERROR", what, "Write rate or amount_each, or use tier_mode WHOLE.", at="tiers")
    elif table.mode == TierMode.MARGINAL and reader.has("target"):
        what = "A target is paid for the period, and deals that climb the tiers of another measure are paid one by one."
        reader.find("TARGET_UNUSED", what, "Remove target, or use tier_mode WHOLE.", at="target")
    return replace(table, on=on)


def _other(reader: Reader, name: str, of: str, measures: Measures) -> Measure:
    return measures[of] if of in measures else _unknown(reader, name, of, measures)


def _read_objectives(reader: Reader) -> tuple[Objective, ...]:
    found = []
    for child in reader.children("objectives"):
        key = child.text("key")
        found.append(Objective(key, child.text("name", default=key), child.rate("weight") or Fraction(0)))
        child.finish()
    if found and sum(each.weight for each in found) != 1:
        total = decimal_text(sum((each.weight for each in found), Fraction(0)) * 100)
        reader.find(
            "WEIGHTS_SUM",
            f"The weights of the objectives sum to {total} %.",
            "Make them sum to 100 %.",
            at="objectives",
        )
    if found and not reader.has("target"):
        reader.find("TARGET_MISSING", "Objectives pay shares of a target.", "Add target.", at="target")
    return tuple(found)


def _read_chosen(reader: Reader, thing: str, measures: Measures) -> Measure:
    """The measure that a gate or multiplier is about; one that names none says so once."""
    if reader.value("of") in (None, ""):
        reader.find("FIELD_MISSING", f"The {thing} has no measure.", f"Choose the measure of the {thing}.", at="of")
        return Measure("", ())
    of = reader.text("of")
    return _other(reader, "of", of, measures) if of else Measure("", ())


def _read_multiplier(reader: Reader, currency: str, measures: Measures) -> Multiplier:
    other = _read_chosen(reader, "multiplier", measures)
    table, of = read_table(reader, other, currency, default=TierMode.WHOLE), other.key
    reader.finish()
    if table is None:
        reader.find("TIERS_EMPTY", "A multiplier needs tiers.", "Add tiers with a rate each.", at="tiers")
        return Multiplier(of, RateTable(()))
    return Multiplier(of, table)


def _read_kicker(reader: Reader, measure: Measure, currency: str, measures: Measures) -> Kicker:
    of = measure.key if reader.value("of") in (None, "") else reader.text("of")
    other = _other(reader, "of", of, measures) if of else Measure("", ())
    unit = TierUnit.ATTAINMENT if "%" in str(reader.document.get("at_least", "")) else TierUnit.MEASURE
    at_least = read_edge(reader, "at_least", unit, other, currency)
    pays = read_payment(reader, currency)
    reader.finish()
    return Kicker(of, unit, at_least, pays)


def _read_gate(reader: Reader, currency: str, measures: Measures) -> Gate:
    other = _read_chosen(reader, "gate", measures)
    unit = TierUnit.ATTAINMENT if "%" in str(reader.document.get("at_least", "")) else TierUnit.MEASURE
    at_least = read_edge(reader, "at_least", unit, other, currency)
    if at_least is None:
        reader.find("GATE_EMPTY", "The gate says nothing about what must be reached.", "Add at_least.", at="at_least")
    reader.finish()
    return Gate(other.key, unit, at_least or Fraction(0))


def _with_threshold(reader: Reader, component: Component, measure: Measure) -> Component:
    """`threshold: 50 %` is a gate on the component's own attainment."""
    least = reader.rate("threshold")
    if least is None:
        return component
    gate = Gate(measure.key, TierUnit.ATTAINMENT, least)
    return replace(component, gates=(gate, *component.gates))


def read_bounds(reader: Reader, name: str, currency: str) -> Bounds:
    """`cap: 5000` (of a period) or `cap: {deal: …, period: …, year: …}`."""
    if not isinstance(reader.document.get(name), dict):
        amount = reader.money(name, currency)
        return Bounds(period=None if amount is None else Fraction(amount))
    child = reader.child(name)
    assert child is not None
    amounts = [child.money(each, currency) for each in ("deal", "period", "year")]
    child.finish()
    return Bounds(*(None if amount is None else Fraction(amount) for amount in amounts))


def _check_component(reader: Reader, component: Component, measure: Measure) -> None:
    needing = (
        [("tiers", component.pay.table.unit, component.pay.table.on or measure.key)] if component.pay.table else []
    )
    if needing and needing[0][1] == TierUnit.ATTAINMENT and needing[0][2] == measure.key and not measure.has_goal:
        what = f"{component.key} is rated on attainment of a quota, and no quota is named."
        reader.find("QUOTA_MISSING", what, "Add quota with the name of the measure, or give amounts.", at="quota")
    for gate in component.gates:
        if gate.unit == TierUnit.ATTAINMENT and gate.of == measure.key and not measure.has_goal:
            reader.find(
                "QUOTA_MISSING", f"{component.key} has a gate on attainment and no quota.", "Add quota.", at="quota"
            )
    rates = [component.pay.rate, *([tier.rate for tier in component.pay.table.tiers] if component.pay.table else [])]
    highest = max((abs(rate) for rate in rates if rate is not None), default=Fraction(0))
    if highest > ABSURD_RATE and not reader.has("curve"):
        what, why = f"A rate of {grouped_text(highest * 100)} % is over 1,000 %.", "A second person must accept it."
        reader.find("RATE_ABSURD", what, "Check the rate.", at="rate", why=why, severity=Severity.WARNING)
