"""One deal that two components pay to one person."""

from __future__ import annotations

from itertools import combinations

from incentives.engine.checks.asking import Case, Deal, Stage
from incentives.engine.checks.dealing import deals_worth, open_rules
from incentives.engine.checks.dials import measures_asked, open_value
from incentives.engine.checks.wording import paid_text, told
from incentives.engine.examples import SELLER
from incentives.engine.plan import Component
from spm.core.findings import Finding, Severity


def check_doubles(stage: Stage) -> list[Finding]:
    """Pairs of paid components that earn on the same deal, each with the deal; the first partner of a component is named."""
    paid = [each for each in stage.plan.components if each.paid and _by_sale(each)]
    pairs = list(combinations(paid, 2))
    cases = [_shared(stage, *pair) for pair in pairs]
    asked = [place for place, case in enumerate(cases) if case is not None]
    answers = stage.ask([case for case in cases if case is not None])
    found: dict[str, Finding] = {}
    for place, answer in zip(asked, answers, strict=True):
        first, second = pairs[place]
        case = cases[place]
        if answer is None or case is None or second.key in found:
            continue
        if _both_paid(answer.paid, first.key, second.key):
            found[second.key] = _double(stage, first, second, case)
    return list(found.values())


def _by_sale(component: Component) -> bool:
    pay = component.pay
    if pay.formula is not None:
        return any(node.what in ("MEASURE", "CREDIT") for node in pay.formula.tree.walk())
    return any(each is not None for each in (pay.rate, pay.each, pay.table, pay.lookup, pay.matrix))


def _shared(stage: Stage, first: Component, second: Component) -> Case | None:
    """One deal that both measures credit, large enough to pass what stands before their pay, and what else they ask for."""
    rules = open_rules(stage, second.measure)
    value = open_value(stage, first, first.measure)
    if not rules or not first.measure.is_money:
        return None
    deals = deals_worth(stage, first.measure, value, owner=SELLER, named="paid twice", more=rules[0][0].where)
    if deals is None:
        return None
    return Case((*deals, *_support(stage, first, second)))


def _support(stage: Stage, first: Component, second: Component) -> list[Deal]:
    """Deals for the gates of both."""
    own = {first.measure.key, second.measure.key}
    found: list[Deal] = []
    for component in (first, second):
        for measure in measures_asked(stage, component):
            if measure.key not in own:
                own.add(measure.key)
                value = open_value(stage, component, measure)
                found += deals_worth(stage, measure, value, owner=SELLER, named=f"for {measure.key}") or ()
    return found


def _both_paid(paid: object, first: str, second: str) -> bool:
    assert isinstance(paid, dict)
    people = {person for person, _ in paid}
    return any(paid.get((person, first), 0) > 0 and paid.get((person, second), 0) > 0 for person in people)


def _double(stage: Stage, first: Component, second: Component, case: Case) -> Finding:
    made = stage.example(f"{first.key} and {second.key} pay one deal", [case])
    shown = (
        ""
        if made is None
        else f": {paid_text(stage, made[1].of(first.key))} and {paid_text(stage, made[1].of(second.key))}"
    )
    what = f"{second.name} pays the same deals as {first.name}, for example the deal “paid twice”{shown}."
    words = (what, "Every such deal is paid twice.", "Give one of them conditions, or accept it knowingly.")
    return told(stage, second.key, "DOUBLE_PAY", "credit", words, None if made is None else made[0], Severity.NOTICE)
