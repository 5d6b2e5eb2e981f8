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

WITHOUT = "without that deal"
"""Who has the other deals only, where a component asks for more than the deal itself."""


def check_doubles(stage: Stage) -> list[Finding]:
    """Pairs of paid components that earn on the same deal, each with the deal; the first partner of a component is named."""
    paid = [each for each in stage.plan.components if each.paid and _by_sale(each)]
    made = [(first, second, _shared(stage, first, second)) for first, second in combinations(paid, 2)]
    pairs = [(first, second, cases) for first, second, cases in made if cases is not None]
    answers = iter(stage.ask([case for _, _, cases in pairs for case in cases]))
    found: dict[str, Finding] = {}
    for first, second, cases in pairs:
        with_it, without = next(answers), next(answers)
        if with_it is None or without is None or second.key in found:
            continue
        added = tuple(with_it.of(each.key) - without.of(each.key) for each in (first, second))
        if min(added) > 0 and _both_paid(with_it.paid, first.key, second.key):
            found[second.key] = _double(stage, first, second, cases, added)
    return list(found.values())


def _by_sale(component: Component) -> bool:
    pay = component.pay
    if pay.formula is not None:
        return any(node.what in ("MEASURE", "CREDIT") for node in pay.formula.tree.walk())
    return any(each is not None for each in (pay.rate, pay.each, pay.table, pay.lookup, pay.matrix))


def _shared(stage: Stage, first: Component, second: Component) -> tuple[Case, Case] | None:
    """One deal that both measures credit, large enough to pass what stands before their pay, with what else they ask for; and
    the same without the deal.
    """
    rules = open_rules(stage, second.measure)
    value = open_value(stage, first, first.measure)
    if not rules or not first.measure.is_money:
        return None
    deals = deals_worth(stage, first.measure, value, owner=SELLER, named="paid twice", more=rules[0][0].where)
    if deals is None:
        return None
    with_it = Case((*deals, *_support(stage, first, second, SELLER, "for")))
    return with_it, Case(tuple(_support(stage, first, second, WITHOUT, "again for")), (WITHOUT,))


def _support(stage: Stage, first: Component, second: Component, owner: str, named: str) -> list[Deal]:
    """Deals for the gates of both."""
    own = {first.measure.key, second.measure.key}
    found: list[Deal] = []
    for component in (first, second):
        for measure in measures_asked(stage, component):
            if measure.key not in own:
                own.add(measure.key)
                value = open_value(stage, component, measure)
                found += deals_worth(stage, measure, value, owner=owner, named=f"{named} {measure.key}") or ()
    return found


def _both_paid(paid: object, first: str, second: str) -> bool:
    assert isinstance(paid, dict)
    people = {person for person, _ in paid}
    return any(paid.get((person, first), 0) > 0 and paid.get((person, second), 0) > 0 for person in people)


def _double(
    stage: Stage, first: Component, second: Component, cases: tuple[Case, Case], added: tuple[int, ...]
) -> Finding:
    with_it, without = cases
    made = stage.example(f"{first.key} and {second.key} pay one deal", cases if without.deals else [with_it])
    shown = " and ".join(paid_text(stage, amount) for amount in added)
    what = f"{second.name} pays the same deals as {first.name}, for example the deal “paid twice”: {shown}."
    words = (what, "Every such deal is paid twice.", "Give one of them conditions, or accept it knowingly.")
    return told(stage, second.key, "DOUBLE_PAY", "credit", words, None if made is None else made[0], Severity.NOTICE)
