"""Territory rules through the pages, the API and jobs."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from planning.models import AccountTerritory, NamedAccount, RuleSet, Territory, TerritoryRule
from planning.services.rules import rule_save, rule_set_draft, rule_set_start
from planning.tasks import RoutePart, RouteWork
from spm.crm.models import Upload
from spm.jobs.timetable import work_of
from tests.planning.test_rules import account

pytestmark = pytest.mark.django_db


def conditions(*rows: tuple[str, str, str]) -> dict[str, str]:
    """The fields of the formset as a browser sends them."""
    found = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0"}
    for number, (field, test, values) in enumerate(rows):
        found |= {f"form-{number}-field": field, f"form-{number}-test": test, f"form-{number}-values": values}
    return found


def test_operations_writes_rules_on_the_pages_and_puts_them_in_force(in_acme: Any, sign_in: Any) -> None:
    """Given two territories and accounts, when rules are drafted, ordered and put in force on the pages, then pages show who is where."""
    west, inside = (Territory.objects.create(code=code, name=code.title()) for code in ("west", "inside"))
    large = account("Aquila", country="US", employees=5000)
    account("Borea", country="US", employees=10)
    browser = sign_in("sol")
    draft = browser.post(reverse("planning:rule_list"), {"starts_on": "2026-01-01", "note": "First"})
    pk = RuleSet.objects.get().pk
    assert draft.url == reverse("planning:rule_set", args=[pk])
    new = reverse("planning:rule_new", args=[pk])
    browser.post(new, {"name": "All", "territory": inside.pk, **conditions(("", "IS", ""))})
    asked = conditions(("country", "IS", "us, ca"), ("employees", "AT_LEAST", "1,000"))
    browser.post(new, {"name": "Large", "territory": west.pk, **asked})
    rule = TerritoryRule.objects.get(name="Large")
    assert rule.conditions == [
        {"field": "country", "test": "IS", "values": ["us", "ca"]},
        {"field": "employees", "test": "AT_LEAST", "number": 1000},
    ]
    page = reverse("planning:rule_set", args=[pk])
    shadowed = browser.get(page).content.decode()
    assert "take every one of them" in shadowed and "country is us or ca, and employees is at least 1,000" in shadowed
    browser.post(page, {"do": "up", "rule": rule.pk})
    assert list(TerritoryRule.objects.order_by("place").values_list("name", flat=True)) == ["Large", "All"]
    browser.post(page, {"do": "start"})
    assert AccountTerritory.objects.get(account=large).territory == west
    listed = browser.get(reverse("planning:account_list"), {"territory": west.pk}).content.decode()
    assert "Aquila" in listed and "Borea" not in listed
    story = browser.get(reverse("planning:account_detail", args=[large.pk])).content.decode()
    assert "Rule that won" in story and "Rules that match too" in story
    assert browser.get(reverse("planning:account_export", args=["csv"])).content.decode().splitlines()[1:] == [
        "A-Aquila,Aquila,West,Large,,",
        "A-Borea,Borea,Inside,All,,",
    ]


def test_a_number_that_is_none_is_said_beside_its_field_and_nothing_is_saved(in_acme: Any, sign_in: Any) -> None:
    """Given a condition of "many" employees, then the form says so and keeps what was typed."""
    west = Territory.objects.create(code="west", name="West")
    browser = sign_in("sol")
    browser.post(reverse("planning:rule_list"), {"starts_on": "2026-01-01"})
    new = reverse("planning:rule_new", args=[RuleSet.objects.get().pk])
    answer = browser.post(new, {"name": "Large", "territory": west.pk, **conditions(("employees", "AT_LEAST", "many"))})
    text = answer.content.decode()
    assert "“many” is not an amount" in text and 'value="Large"' in text and not TerritoryRule.objects.exists()


def test_an_account_is_named_apart_and_given_back_on_its_page(in_acme: Any, sign_in: Any) -> None:
    """Given an account without a rule, when it is named apart, then the page says why, and ending it gives it back."""
    west, large = Territory.objects.create(code="west", name="West"), account("large")
    browser, page = sign_in("sol"), reverse("planning:account_detail", args=[account("other").pk])
    page = reverse("planning:account_detail", args=[large.pk])
    browser.post(page, {"territory": west.pk, "start": "2026-01-01", "reason": "Founder asked"})
    assert "Founder asked" in browser.get(page).content.decode()
    named = NamedAccount.objects.get()
    end = reverse("planning:account_name_end", args=[large.pk, named.pk])
    browser.post(end, {"until": "2026-01-01"})
    assert not NamedAccount.objects.exists() and not AccountTerritory.objects.exists()


def test_the_api_drafts_orders_previews_and_starts_rules(in_acme: Any, sign_in: Any) -> None:
    """Given a company, when rules are written by API, then the preview says what they come to and the start routes."""
    west, large = Territory.objects.create(code="west", name="West"), account("large", country="US")
    api = sign_in("sol")

    def post(path: str, body: Any = None) -> Any:
        return api.post(f"/api/v1/planning/{path}", body or {}, content_type="application/json")

    made = post("rule-sets/", {"starts_on": "2026-01-01"}).json()
    rules = f"rule-sets/{made['id']}/rules/"
    body = {"territory": str(west.pk), "conditions": []}
    assert post(rules, {"name": "Rest", **body}).status_code == 201
    first = {"name": "US", **body, "conditions": [{"field": "country", "test": "IS", "values": ["US"]}], "place": 1}
    assert post(rules, first).json()["place"] == 1
    wrong = {"name": "X", **body, "conditions": [{"field": "country", "test": "BELOW", "number": 3}]}
    assert post(rules, wrong).status_code == 400
    preview = api.get(f"/api/v1/planning/rule-sets/{made['id']}/").json()
    assert [(line["rule"]["name"], line["won"]) for line in preview["lines"]] == [("US", 1), ("Rest", 0)]
    assert [each["code"] for each in preview["findings"]] == ["RULE_SHADOWED"]
    assert post(f"rule-sets/{made['id']}/start/").json() == {"changed": 1}
    assert post(f"rule-sets/{made['id']}/start/").status_code == 400
    [row] = api.get("/api/v1/planning/accounts/?on=2026-02-01").json()["results"]
    assert (row["account"], row["rule_name"], row["start"]) == (str(large.pk), "US", "2026-01-01")
    assert api.get("/api/v1/planning/accounts/?on=never").status_code == 400


def test_an_import_of_accounts_and_the_night_route_what_is_new(in_acme: Any, viewer: Any) -> None:
    """Given rules in force, then the job of an import of accounts has the step that routes, that of deals has none, and both ways route."""
    territory = Territory.objects.create(code="west", name="West")
    draft = rule_set_draft(starts_on=date(2026, 1, 1), actor=viewer("sol"))
    rule_save(rule_set_id=draft.id, name="All", territory_id=territory.id, conditions=[], actor=viewer("sol"))
    upload = Upload.objects.create(kind="account", size=1, file_name="a.csv")
    job: Any = type("Job", (), {"arguments": {"upload": str(upload.pk)}})
    assert RouteWork().steps(job) == [] and RoutePart().steps(in_acme, date(2026, 5, 1)) == []
    rule_set_start(rule_set_id=draft.id, actor=viewer("sol"))
    assert work_of("import_commit").steps(job) == ["commit", "then:route"]
    account("new")
    assert work_of("import_commit").run(job, "then:route").outcome == {"accounts_routed": 1}
    account("newer")
    assert RoutePart().run(in_acme, date(2027, 5, 1), "route").outcome == {"accounts_routed": 1}
    Upload.objects.update(kind="opportunity")
    assert work_of("import_commit").steps(job) == ["commit"]
