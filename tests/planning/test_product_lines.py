"""Rules that ask the product lines of accounts."""

from typing import Any

import pytest

from planning.models import Territory
from planning.selectors.rules import account_story
from planning.services.rules import rule_set_draft, rule_set_start
from spm.crm.models import AccountVersion
from tests.planning.test_families import deal
from tests.planning.test_rules import YEAR, account, save, where
from tests.planning.test_whitespace import made_product, order

pytestmark = pytest.mark.django_db


def test_a_rule_asks_the_product_lines_that_an_account_bought_or_is_dealing_about(viewer: Any) -> None:
    """Given a won deal, an open one, a lost one, orders kept and given back, then what is won, open or kept counts."""
    cloud, desk = (
        Territory.objects.create(code="cloud", name="Cloud"),
        Territory.objects.create(code="desk", name="Desk"),
    )
    products = {
        name: made_product(name, family)
        for name, family in (("hosting", "Cloud"), ("backup", "Cloud"), ("chair", "Desk"))
    }
    names = ("won", "open", "lost", "kept", "returned", "both", "none")
    accounts = {name: account(name) for name in names}
    for name, status in (("won", "won"), ("open", "open"), ("lost", "lost"), ("both", "won")):
        deal(accounts[name], name, status, 1, product=products["hosting"])
    deal(accounts["both"], "chair", "open", 1, product=products["chair"])
    for name, quantities in (("kept", (2, -1)), ("returned", (2, -2))):
        for quantity in quantities:
            order(accounts[name], f"{name}{quantity}", products["backup"], quantity)
    draft = rule_set_draft(starts_on=YEAR, actor=viewer("sol"))
    line = {"field": "product_line", "test": "IS", "values": ["CLOUD"]}
    save(draft, cloud, viewer("sol"), "Cloud", [line, line | {"test": "IS_NOT", "values": ["desk"]}])
    save(draft, desk, viewer("sol"), "Without", [{"field": "product_line", "test": "IS_EMPTY"}])
    rule_set_start(rule_set_id=draft.id, actor=viewer("sol"))
    others = dict.fromkeys(("A-lost", "A-returned", "A-none"), "desk")
    assert where(YEAR) == dict.fromkeys(("A-won", "A-open", "A-kept"), "cloud") | others
    told = account_story(viewer("sol"), AccountVersion.objects.get(fact=accounts["kept"]), on=YEAR)
    assert told.current is not None and told.current.rule is not None and told.current.rule.name == "Cloud"
