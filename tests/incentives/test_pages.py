"""The pages open, say what they should, and a plan is written through them."""

import re
from datetime import date
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from incentives.models import Journal, Plan, PlanVersion, Run, Statement
from incentives.selectors.gallery import template_document
from incentives.services.assignments import plan_assign
from incentives.services.documents import document_read, document_text
from incentives.services.lifecycle import plan_publish
from incentives.services.notices import statement_notices_send
from incentives.services.plans import plan_create, plan_version_save
from spm.core.findings import Finding
from spm.jobs.models import Job
from spm.notices.models import Notice
from spm.web.templatetags.blocks import findings
from tests.incentives import world
from tests.incentives.designing import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(viewer):
    sol = viewer("sol")
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.calculate(found, sol)
    return found


def statement(name: str) -> Statement:
    return Statement.objects.filter(participant__name=name).order_by("-number")[0]


def test_every_page_opens(period, sign_in, django_assert_max_num_queries):
    ops, finance = sign_in("sol"), sign_in("fin")
    plan, version = Plan.objects.get(code="reps-2026"), PlanVersion.objects.get(plan__code="reps-2026")
    one, run, journal = statement("Rex"), Run.objects.get(), Journal.objects.first()
    pages = [
        (ops, "statement_list", []),
        (ops, "statement_detail", [one.pk]),
        (ops, "statement_line", [one.pk, 1]),
        (ops, "plan_list", []),
        (ops, "plan_detail", [plan.pk]),
        (ops, "plan_gallery", []),
        (ops, "plan_import", []),
        (ops, "plan_new", []),
        (ops, "plan_compare", [version.pk]),
        (ops, "plan_export", [version.pk]),
        (ops, "plan_version_new", [plan.pk]),
        (ops, "plan_assign", [plan.pk]),
        (ops, "plan_publish", [version.pk]),
        (ops, "plan_version_end", [version.pk]),
        (ops, "target_list", []),
        (ops, "target_file", []),
        (ops, "ramp_file", []),
        (ops, "leave_file", []),
        (ops, "assignment_file", []),
        (ops, "person_terms", [one.participant_id]),
        (ops, "run_list", []),
        (ops, "run_detail", [run.pk]),
        (finance, "journal_list", []),
        (finance, "journal_detail", [journal.pk]),
    ]
    for client, name, keys in pages:
        with django_assert_max_num_queries(60):
            answer = client.get(reverse(f"incentives:{name}", args=keys))
        assert answer.status_code == 200, name
        assert b"style=" not in answer.content or name in ("plan_detail",), name


def test_a_statement_and_its_why_show_every_cent(period, sign_in):
    client = sign_in("rex")
    page = client.get(reverse("incentives:statement_detail", args=[statement("Rex").pk])).content.decode()
    assert "$733.33" in page and "123.3%" in page and "D-1" in page
    why = client.get(reverse("incentives:statement_line", args=[statement("Rex").pk, 1])).content.decode()
    # 10,000.00 at 5 % = 500.00; 2,333.33 at 10 % = 233.333; rounded once
    assert "$500.00" in why and "$233.333" in why and "−$0.003" in why and "$733.33" in why
    part = client.get(
        reverse("incentives:statement_line", args=[statement("Rex").pk, 1]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in part and "$733.33" in part


def test_a_statement_shows_what_changed(period, sign_in, viewer):
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    page = sign_in("rex").get(reverse("incentives:statement_detail", args=[statement("Rex").pk])).content.decode()
    assert "Changed since version 1" in page and "+$100.00" in page and "Deals: 1 → 2" in page


def test_a_line_that_comes_or_goes_is_not_unknown(period, sign_in, viewer):
    """Rex moves to another plan: its line was not there before, that of the plan left is no longer there."""
    sol, rex = viewer("sol"), statement("Rex").participant
    text = world.REPS.replace("reps-2026", "new-2026").replace("Reps 2026", "New 2026")
    version = plan_publish(version_id=plan_create(document=text, actor=sol)[0].pk, actor=sol)
    plan_assign(plan_id=version.plan_id, target="participant", target_id=rex.id, start=date(2026, 7, 1), actor=sol)
    world.calculate(period, sol)
    page = sign_in("rex").get(reverse("incentives:statement_detail", args=[statement("Rex").pk])).content.decode()
    changed = unescape(
        strip_tags(page[page.index("Changed since version 1") : page.index("Versions of this statement")])
    )
    assert "not there before → $733.33" in changed and "$733.33 → no longer there" in changed
    assert "unknown" not in changed


def test_exports_hold_what_is_seen(period, sign_in):
    text = sign_in("rex").get(reverse("incentives:statement_export", args=["csv"])).content.decode("utf-8-sig")
    assert text.splitlines()[1].startswith("Rex,2026-Q3,USD,12333.33,10000.00,1.233333,733.33,733.33,1,")
    assert sign_in("rex").get(reverse("incentives:statement_export", args=["exe"])).status_code == 404


def test_a_plan_is_designed_published_and_assigned_through_the_pages(in_acme, sign_in):
    client, address = sign_in("sol"), reverse("incentives:plan_new")
    fields = fields_of(client.get(address).content.decode())
    fields |= {"f:name": "Reps 2030", "f:currency": "USD", "f:from": "2030-01-01", "f:until": "2031-01-01"}
    more = fields_of(client.post(address, fields | {"do": "add components"}).content.decode())
    more |= {"f:components.1.name": "Override", "f:components.1.rate": "0.5 %", "do": "add components.1.credit"}
    more = fields_of(client.post(address, more).content.decode())
    more |= {"f:components.1.credit.kind": "ROLLUP", "f:components.1.key": "override"}
    gap = client.post(address, more | {"f:components.0.tiers.2.until": "120 %", "do": "check"})
    assert gap.status_code == 200 and "There is no rate above 120\u00a0%" in gap.content.decode()
    assert Plan.objects.count() == 0
    saved = client.post(address, more | {"do": "save"})
    version = PlanVersion.objects.get()
    assert saved.status_code == 302 and version.plan.code == "reps-2030"
    assert version.definition["components"][1]["credit"] == {"kind": "ROLLUP"}
    assert [each["key"] for each in version.definition["components"]] == ["commission", "override"]
    client.post(reverse("incentives:plan_publish", args=[version.pk]))
    version.refresh_from_db()
    assert version.state == "published"
    refused = client.post(reverse("incentives:plan_assign", args=[version.plan_id]), {"start": "2030-01-01"})
    assert refused.status_code == 200 and "Choose exactly one" in refused.content.decode()


def test_a_check_answers_what_is_new_on_the_page(in_acme, sign_in):
    client, address = sign_in("sol"), reverse("incentives:plan_new")
    page = client.get(f"{address}?template=saas-account-executive-2026").content.decode()
    fields = fields_of(page) | {"do": "check"}
    same = client.post(address, fields, headers={"HX-Request": "true"}).content.decode()
    assert (
        "beside-components-0" not in same
        and "<html" not in same
        and "No errors; 1 notice" in same
        and "Nothing wrong" not in same
    )
    changed = fields | {"pay:components.0.tiers.2": "16 %"}
    answer = client.post(address, changed, headers={"HX-Request": "true"}).content.decode()
    assert 'id="beside-components-0"' in answer and "16\u00a0% above 100\u00a0%" in answer
    # 40,000 of the example are above the quota: 16 % instead of 15 % makes 400 more
    assert "expected 23,000.00, computed 23,400.00 USD" in answer
    wrong = client.post(address, fields | {"f:components.0.tiers.1.until": "abc %"}, headers={"HX-Request": "true"})
    assert 'data-at="components.0.tiers.1.until"' in wrong.content.decode()
    assert Plan.objects.count() == 0


def test_a_version_is_compared_exported_and_imported_as_the_next_one(period, sign_in, viewer):
    client, plan = sign_in("sol"), Plan.objects.get(code="reps-2026")
    version = PlanVersion.objects.get(plan=plan)
    file = client.get(reverse("incentives:plan_export", args=[version.pk]))
    assert file["Content-Disposition"] == 'attachment; filename="reps-2026-1.yaml"'
    text = file.content.decode().replace("rate: 10 %", "rate: 12 %")
    text = text.replace("until: 2027-01-01", "until: 2028-01-01").replace("from: 2026-01-01", "from: 2027-01-01")
    upload = SimpleUploadedFile("plan.yaml", text.encode())
    opened = client.post(reverse("incentives:plan_import"), {"file": upload}).content.decode()
    assert reverse("incentives:plan_version_new", args=[plan.pk]) in opened and "12 % above 100 %" in opened
    assert PlanVersion.objects.count() == 2
    fields = fields_of(opened) | {"do": "save"}
    assert client.post(reverse("incentives:plan_version_new", args=[plan.pk]), fields).status_code == 302
    draft = PlanVersion.objects.get(plan=plan, number=2)
    page = client.get(reverse("incentives:plan_compare", args=[draft.pk])).content.decode()
    assert "10 % above 100 %" in page and "12 % above 100 %" in page and "Version 1" in page
    edit = client.get(reverse("incentives:plan_edit", args=[draft.pk])).content.decode()
    assert "Difference to version 1, which is live" in edit and "12 % above 100 %" in edit
    managers = PlanVersion.objects.get(plan__code="managers-2026")
    alone = reverse("incentives:plan_compare", args=[managers.pk])
    assert "Nothing to compare with" in client.get(alone).content.decode()
    other = client.get(alone, {"with": str(draft.pk)}).content.decode()
    assert "Reps 2026, version 2" in other and "12 % above 100 %" in other and "Nothing to compare with" not in other


def test_a_file_that_is_no_plan_is_refused_with_its_line(in_acme, sign_in):
    client, address = sign_in("sol"), reverse("incentives:plan_import")
    for content, words in (
        (b"plan: [", "can&#x27;t be read"),
        (b"\xff\xfe\x00", "no text"),
        (b"plans: [{plan: a}]", "several plans"),
    ):
        answer = client.post(address, {"file": SimpleUploadedFile("plan.yaml", content)})
        assert words in answer.content.decode(), content
    assert client.post(address, {}).status_code == 200


def test_text_and_cards_lead_to_each_other(in_acme, sign_in):
    client, address = sign_in("sol"), reverse("incentives:plan_new")
    fields = fields_of(client.get(address).content.decode()) | {"f:name": "Both ways", "do": "text"}
    page = client.post(address, fields).content.decode()
    assert "name: Both ways" in page and "<textarea" in page
    text = unescape(page.split('id="id_text"')[1].split(">", 1)[1].split("</textarea>")[0])
    back = client.post(address, {"text": text, "do": "form"}).content.decode()
    assert fields_of(back)["f:name"] == "Both ways"
    download = client.post(address, fields | {"do": "export"})
    assert download["Content-Type"].startswith("application/yaml") and "name: Both ways" in download.content.decode()
    assert client.post(address, {"document": "nonsense"}).status_code == 400


def test_a_text_that_does_not_compile_is_a_draft_with_its_findings(in_acme, sign_in):
    client, text = sign_in("sol"), world.REPS.replace("from: 100 %, rate", "from: 110 %, rate")
    page = client.post(reverse("incentives:plan_new"), {"text": text}, follow=True).content.decode()
    assert "The draft was saved with 1 error" in page and "There is no rate between 100\u00a0% and 110\u00a0%" in page
    assert PlanVersion.objects.get().state == "draft"


def test_a_text_that_is_no_plan_comes_back_with_its_findings(in_acme, sign_in):
    answer = sign_in("sol").post(reverse("incentives:plan_new"), {"text": world.REPS + "\n\tplan: [\n"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "The plan was not saved" in page and "plan: reps-2026" in page
    assert Plan.objects.count() == 0


def test_a_run_is_started_once_as_a_job(period, sign_in):
    client = sign_in("sol")
    for _ in range(2):
        assert client.post(reverse("incentives:run_start"), {"period": str(period.pk)}).status_code == 302
    assert Job.objects.filter(kind="run").count() == 1
    assert client.get(reverse("incentives:run_start")).status_code == 405


def test_empty_states_say_what_to_do(in_acme, sign_in):
    ops, rep = sign_in("sol"), sign_in("rex")
    assert "No plans yet" in ops.get(reverse("incentives:plan_list")).content.decode()
    assert "Nothing to calculate yet" in ops.get(reverse("incentives:run_list")).content.decode()
    assert "Your first statement appears here" in rep.get(reverse("incentives:statement_list")).content.decode()


def test_people_are_told_once_and_without_figures(period, viewer):
    assert statement_notices_send() == 6
    assert statement_notices_send() == 0
    world.deal("D-2", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    assert statement_notices_send() == 2
    for notice in Notice.objects.filter(created_at__lte=timezone.now()):
        assert not any(sign in notice.title + notice.body for sign in ("$", "733", "833"))


def test_the_api_tells_the_same(period, sign_in):
    client = sign_in("rex")
    listed = client.get(reverse("api_incentives_statements")).json()["results"]
    assert [(row["participant_name"], row["earned_minor"]) for row in listed] == [("Rex", 73_333)]
    detail = client.get(reverse("api_incentives_statement", args=[listed[0]["id"]])).json()
    assert detail["is_intact"] and detail["balance"] == {
        "earned_minor": 73_333,
        "payable_minor": 73_333,
        "paid_minor": 0,
    }
    trace = client.get(reverse("api_incentives_statement_trace", args=[listed[0]["id"], 1])).json()["trace"]
    assert trace["amount"] == "733.33" and "233.333" in str(trace)
    assert "D-1" in str(trace)
    ops = sign_in("sol")
    refused = ops.post(reverse("api_incentives_plans"), {"document": {"plan": "x"}}, content_type="application/json")
    assert refused.status_code == 400 and refused.json()["code"] == "invalid"
    run = ops.get(reverse("api_incentives_run", args=[Run.objects.get().pk])).json()
    assert run["state"] == "posted" and run["stale"] == []
    journals = sign_in("fin").get(reverse("api_incentives_journals")).json()["results"]
    entries = sign_in("fin").get(reverse("api_incentives_journal_entries", args=[journals[0]["id"]])).json()["results"]
    assert sum(entry["amount_minor"] for entry in entries) == 0


def test_the_api_reviews_a_document_without_saving_it(in_acme, sign_in):
    client, address = sign_in("sol"), reverse("api_incentives_plan_reviews")
    sent = {"document": document_text(template_document("saas-account-executive-2026", year=2030))}
    review = client.post(address, sent, content_type="application/json").json()
    assert review["compiles"] and [each["passed"] for each in review["examples"]] == [True, True]
    curve = review["curves"][0]
    # On a quota of 100,000.00 the whole pays 50,000 at 6 % and 50,000 at 10 %
    assert curve["quota_minor"] == 10_000_000 and curve["pays_minor"][curve["at"].index("100 %")] == 800_000
    assert any("15 % above 100 %" in clause["text"] for clause in review["clauses"])
    wrong = {"document": {"name": "X", "components": [{"key": "c", "rate": 5, "when": True}]}}
    review = client.post(address, wrong, content_type="application/json").json()
    assert not review["compiles"] and review["curves"] == review["examples"] == []
    assert {"FIELD_MISSING", "FIELD_UNKNOWN"} <= {each["code"] for each in review["findings"]}
    assert client.post(address, {"document": "plan: ["}, content_type="application/json").status_code == 400
    assert Plan.objects.count() == 0


def test_the_api_gives_a_version_as_text_and_compares_it(period, sign_in, viewer):
    plan = Plan.objects.get(code="reps-2026")
    first = PlanVersion.objects.get(plan=plan)
    text = (
        world.REPS.replace("rate: 10 %", "rate: 12 %")
        .replace("2027-01-01", "2028-01-01")
        .replace("2026-01-01", "2027-01-01")
    )
    second, _ = plan_version_save(plan_id=plan.id, document=text, actor=viewer("sol"))
    client = sign_in("sol")
    compared = client.get(reverse("api_incentives_plan_version_compare", args=[second.pk, first.pk])).json()
    assert any("10 % above" in each["before"] and "12 % above" in each["after"] for each in compared["clauses"])
    assert any(line.startswith("+") and "12 %" in line for line in compared["lines"])
    said = client.get(reverse("api_incentives_plan_version_text", args=[second.pk])).json()["text"]
    assert document_read(said) == second.definition
    other = PlanVersion.objects.get(plan__code="managers-2026")
    across = client.get(reverse("api_incentives_plan_version_compare", args=[second.pk, other.pk])).json()
    assert any("12 % above 100 %" in each["after"] for each in across["clauses"])
    unknown = reverse("api_incentives_plan_version_compare", args=[second.pk, plan.pk])
    assert client.get(unknown).status_code == 404


def test_real_people_are_previewed_and_nothing_is_saved(period, sign_in):
    client, plan = sign_in("sol"), Plan.objects.get(code="reps-2026")
    address = reverse("incentives:plan_version_new", args=[plan.pk])
    fields = fields_of(client.get(address).content.decode())
    fields |= {"do": "preview", "preview.period": str(period.pk), "preview.plan": str(plan.pk), "preview.who": "rex"}
    fields |= {"pay:components.0.tiers.1": "20 %"}
    before = (PlanVersion.objects.count(), Run.objects.count(), Statement.objects.count())
    page = client.post(address, fields, headers={"HX-Request": "true"}).content.decode()
    # 12,333.33 on a quota of 10,000: 500 + 2,333.33 at 20 % = 966.67 instead of 733.33
    assert "$733.33" in page and "$966.67" in page and "+$233.34" in page and "<html" not in page
    whole = client.post(address, fields).content.decode()
    assert "<html" in whole and "$966.67" in whole
    unknown = fields | {"f:components.0.quota": "nothing"}
    page = client.post(address, unknown, headers={"HX-Request": "true"}).content.decode()
    assert "could not calculate" in page and "Rex" in page and not re.search("[0-9a-f]{8}(-[0-9a-f]{4}){3}", page)
    nobody = client.post(address, fields | {"preview.who": "nobody"}, headers={"HX-Request": "true"}).content.decode()
    assert "Nobody with “nobody” in the name is paid by this plan in 2026-Q3" in nobody
    refused = client.post(address, fields | {"preview.period": "x"}, headers={"HX-Request": "true"}).content.decode()
    assert "Choose a period" in refused
    monthly = client.post(address, fields | {"f:period": "MONTHLY"}, headers={"HX-Request": "true"}).content.decode()
    assert "No period of the kind “Month” has begun here" in monthly
    checked = client.post(
        address, fields | {"do": "check", "f:period": "MONTHLY"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert 'name="preview.period"' in checked and "2026-Q3" not in checked.split("preview-period")[1]
    same = client.post(address, fields | {"do": "check"}, headers={"HX-Request": "true"}).content.decode()
    assert 'name="preview.period"' not in same
    assert before == (PlanVersion.objects.count(), Run.objects.count(), Statement.objects.count())


def test_findings_of_one_kind_stand_together_and_hide_the_many():
    many = [Finding("FACT_EMPTY", "", f"Deal {number} has no cost.") for number in range(5)]
    rows = [many[0], Finding("NO_PLAN", "", "Nobody pays."), *many[1:]]
    page = findings(rows, grouped=True)
    shown, hidden = page.split("<details>")
    assert [f"Deal {number} has" in shown for number in range(5)] == [True, True, True, False, False]
    assert "2 more of this kind" in hidden and "Deal 3 has" in hidden and "Deal 4 has" in hidden.split("</details>")[0]
    assert "Nobody pays." in hidden.split("</details>")[1] and page.count("<details>") == 1
    assert "<details>" not in findings(rows) and findings(rows).count('class="finding ') == 6


def test_examples_take_what_is_computed_by_one_click(in_acme, sign_in):
    """A template's tiers change: its examples differ, and one step writes the new figures, old and new shown before; nothing is saved."""
    client, address = sign_in("sol"), reverse("incentives:plan_new")
    fields = fields_of(client.get(f"{address}?template=saas-account-executive-2026").content.decode())
    path = next(name for name in fields if name.startswith("pay:") and name.endswith("tiers.0"))
    fields[path] = "7 %"
    shown = client.post(address, fields | {"do": "check"}).content.decode()
    assert "expected" in shown and "Expect what is computed" in shown
    page = client.post(address, fields | {"do": "expect all"}).content.decode()
    assert "Expect what is computed" not in page and "Differs" not in page
    assert Plan.objects.count() == 0


def test_a_value_that_no_deal_has_is_named_with_the_nearest_one(period, sign_in):
    """Deals of the company are in the stage Won; a column whose values nobody knows is not asked."""
    client, address = sign_in("sol"), reverse("incentives:plan_new")
    text = world.REPS.replace("stage: Won", "stage: Wonn, colour: blue").replace("reps-2026", "other")
    asked = client.post(address, {"text": text, "do": "form"}).content.decode()
    assert "stage is “Wonn”, which no deal has." in asked and "Did you mean “Won”?" in asked and "blue”" not in asked
    api = client.post("/api/v1/incentives/plan-reviews/", {"document": text}, content_type="application/json").json()
    [told] = [each for each in api["findings"] if each["code"] == "VALUE_UNUSED"]
    assert (told["severity"], told["where"]["component_key"]) == ("WARNING", "commission")
    formula = text.replace("where: {stage: Wonn, colour: blue}", "where: \"stage = 'Won' AND type IN ('x')\"")
    api = client.post("/api/v1/incentives/plan-reviews/", {"document": formula}, content_type="application/json").json()
    assert "VALUE_UNUSED" not in {each["code"] for each in api["findings"]}


def test_a_word_in_a_tier_is_named_by_its_column(in_acme, sign_in):
    client, address = sign_in("sol"), reverse("incentives:plan_new")
    fields = fields_of(client.get(f"{address}?template=saas-account-executive-2026").content.decode())
    path = next(name for name in fields if name.endswith("tiers.0.until"))
    shown = client.post(address, fields | {path: "abc", "do": "check"}).content.decode()
    assert f'data-at="{path.removeprefix("f:")}"' in shown
    assert "tier 1, Up to" in shown and "Some tier edges" not in shown and "no end" not in shown
