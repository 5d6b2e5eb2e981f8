"""Attributes of a company's own: mapped from any column of the deals, kept per version, asked by plans, shown and exported."""

import csv
from dataclasses import replace
from io import StringIO

import pytest
from django.urls import reverse

from incentives.models import Statement
from incentives.selectors.why import statement_line_trace
from incentives.services.documents import PlanRefused
from incentives.services.runs import run_recompute
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from spm.crm.feeds.attributes import Attribute
from spm.crm.feeds.mapping import Mapping
from spm.crm.models import HeldRow, OpportunityVersion, Upload
from spm.crm.selectors.attributes import deal_attributes
from spm.crm.selectors.lists import fact_history
from spm.crm.services.findings import MappingError
from spm.crm.services.uploads import mapping_save, upload_commit, upload_preview
from tests.crm.support import import_text, upload_text
from tests.incentives import world

pytestmark = pytest.mark.django_db

HEAD = "plan: reps\nname: Reps\ncurrency: USD\nfrom: 2026-01-01\nuntil: 2027-01-01\n"
ACCOUNTS = "account_id,name\nNORTH,North Ltd.\n"
DEALS = """opportunity_id,account,type,owner,stage,status,amount,currency,close_date,Channel,Setup fee,Signed,Rush,Seats,Cut
D-1,NORTH,new,Rex,Won,won,900.00,USD,2026-01-20,partner,100.00,2026-01-10,yes,12,12.5 %
D-2,NORTH,new,Rex,Won,won,400.00,USD,2026-02-10,direct,50.00,2026-02-03,no,3,0 %
D-3,NORTH,new,Ria,Won,won,200.00,USD,2026-02-11,partner,,,,,
"""
OWN = {
    "channel": Attribute("Channel"),
    "setup_fee_minor": Attribute("Setup fee", "MONEY"),
    "signed_on": Attribute("Signed", "DATE"),
    "rush": Attribute("Rush", "YES_NO"),
    "seats": Attribute("Seats", "NUMBER"),
    "cut_rate": Attribute("Cut", "PERCENT"),
}


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def quarter(sol):
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)[0]


def mapped(text: str, sol, attributes=None):
    upload = upload_text(text, "deals.csv", sol)
    mapping = replace(Mapping.from_dict(upload.mapping), attributes=attributes or {})
    mapping_save(upload_id=upload.pk, mapping=mapping, actor=sol)
    upload_preview(upload_id=upload.pk, actor=sol)
    return upload_commit(upload_id=upload.pk, actor=sol)


@pytest.fixture
def deals(sol):
    import_text(ACCOUNTS, "accounts.csv", sol)
    upload = mapped(DEALS, sol, OWN)
    assert upload.held == 0, list(HeldRow.objects.values_list("reason", flat=True))
    return upload


def test_attributes_are_kept_per_version_and_shown(sol, deals):
    stated = OpportunityVersion.objects.current().order_by("fact__source_key").values_list("attributes", flat=True)
    assert list(stated) == [
        {"channel": "partner", "setup_fee_minor": 10_000, "signed_on": "2026-01-10", "rush": "yes", "seats": "12", "cut_rate": 12_500_000},
        {"channel": "direct", "setup_fee_minor": 5_000, "signed_on": "2026-02-03", "rush": "no", "seats": "3", "cut_rate": 0},
        {"channel": "partner"},
    ]  # fmt: skip
    assert deal_attributes()["signed_on"] == "DATE"
    again = mapped(DEALS, sol, OWN)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 3)
    changed = mapped(DEALS.replace("direct", "web"), sol, OWN)
    assert (changed.updated, changed.unchanged) == (1, 2)
    fact = OpportunityVersion.objects.current().get(fact__source_key="D-2").fact_id
    last = fact_history(sol, "opportunity", fact)[0].changes
    assert [(name, was.value, now.value) for name, was, now in last] == [("channel", "direct", "web")]
    plain = "\n".join(line.rsplit(",", 6)[0] for line in DEALS.replace("400.00", "410.00").splitlines())
    mapped(plain, sol)
    assert OpportunityVersion.objects.current().get(fact_id=fact).attributes["channel"] == "web"


@pytest.mark.parametrize(
    ("component", "pay"),
    [
        ("credit: {where: {channel: partner}}, rate: 10 %", {"Rex": 9_000, "Ria": 2_000}),
        ("credit: {where: {channel: {not: [partner]}}}, rate: 10 %", {"Rex": 4_000, "Ria": 0}),
        ("credit: {where: {rush: yes}}, rate: 10 %", {"Rex": 9_000, "Ria": 0}),
        ("credit: {where: {setup_fee_minor: {at_least: 60}}}, rate: 10 %", {"Rex": 9_000, "Ria": 0}),
        ("credit: {where: {signed_on: {empty: true}}}, rate: 10 %", {"Rex": 0, "Ria": 2_000}),
        ("credit: {where: \"cut_rate > 10 % and seats * 2 > 20\"}, rate: 10 %", {"Rex": 9_000, "Ria": 0}),
        ("credit: {where: {channel: direct}}, measure: {kind: COLUMN, column: setup_fee_minor}, rate: 10 %", {"Rex": 500, "Ria": 0}),
        ("credit: {where: {cut_rate: {at_least: 0 %}}}, measure: {formula: \"seats\"}, amount_each: 2", {"Rex": 3_000, "Ria": 0}),
        ("lookup: [{where: {channel: partner, seats: {at_least: 10}}, rate: 5 %}, {where: {channel: direct}, rate: 1 %}]", {"Rex": 4_900}),
    ],
)  # fmt: skip
def test_plans_ask_for_attributes(sol, quarter, deals, component, pay):
    world.publish(sol, HEAD + f"components:\n  - {{key: c, {component}}}\n")
    run, _ = world.calculate(quarter, sol)
    found = world.earned(quarter)
    assert {name: found.get(name) for name in pay} == pay
    assert run_recompute(run) == run.results_digest
    statement = Statement.objects.get(participant__name="Rex", period=quarter)
    for line in world.lines(statement):
        tree = statement_line_trace(statement, line)
        assert tree is not None and tree.check()
        if "where: {channel: partner}" in component and line.earned_minor:
            assert "it states channel partner" in str(tree)


def test_an_attribute_that_nobody_mapped_is_refused_with_the_nearest(sol, quarter, deals):
    with pytest.raises(PlanRefused, match="asks for chanel of a deal.*Did you mean channel"):
        world.publish(sol, HEAD + "components: [{key: c, credit: {where: {chanel: partner}}, rate: 10 %}]\n")


def test_no_attribute_answers_whose_a_deal_is(sol, quarter, deals):
    # An attribute of this name is refused when it is mapped; one that came otherwise would never be read
    Upload.objects.filter(pk=deals.pk).update(mapping=deals.mapping | {"attributes": {"owner": {"type": "TEXT"}}})
    assert "owner" in deal_attributes()
    with pytest.raises(PlanRefused, match="asks whose a deal is .owner"):
        world.publish(sol, HEAD + "components: [{key: c, credit: {where: {owner: Rex}}, rate: 10 %}]\n")


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"fee": Attribute("Setup fee", "MONEY")}, "ATTRIBUTE_NAME"),
        ({"signed_on": Attribute("Signed", "TEXT")}, "ATTRIBUTE_NAME"),
        ({"amount": Attribute("Seats", "NUMBER")}, "ATTRIBUTE_NAME"),
        ({"owner": Attribute("Channel")}, "ATTRIBUTE_NAME"),
        ({"x'; drop": Attribute("Seats", "NUMBER")}, "ATTRIBUTE_NAME"),
        ({"seats": Attribute("Places", "NUMBER")}, "COLUMN_UNKNOWN"),
        ({"channel": Attribute("Channel", "NUMBER")}, "ATTRIBUTE_TYPE"),
        ({"channel": Attribute("Channel", "COLOUR")}, "ATTRIBUTE_TYPE"),
    ],
)
def test_names_and_types_that_can_not_be_are_refused(sol, deals, attributes, code):
    with pytest.raises(MappingError) as error:
        mapped(DEALS, sol, attributes)
    assert code in {finding.code for finding in error.value.findings}


def test_a_value_that_is_not_of_its_type_is_held_by_its_column(sol):
    import_text(ACCOUNTS, "accounts.csv", sol)
    upload = mapped(DEALS.replace("2026-01-10", "soon"), sol, OWN)
    assert upload.held == 1
    assert (HeldRow.objects.get().column, HeldRow.objects.get().value) == ("Signed", "soon")


def test_the_page_maps_a_column_and_the_export_states_it(sol, sign_in):
    import_text(ACCOUNTS, "accounts.csv", sol)
    upload = upload_text(DEALS, "deals.csv", sol)
    client, url = sign_in("sol"), reverse("crm:upload_mapping", args=[upload.pk])
    page = client.get(url)
    assert b"Other columns" in page.content and b"Name in plans for Channel" in page.content
    form = page.context["form"]
    chosen = {name: form[name].value() or "" for name in form.fields}
    place = form._header.index("Setup fee")
    chosen |= {f"attribute_name_{place}": "Fee of setup", f"attribute_type_{place}": "MONEY"}
    assert client.post(url, chosen).status_code == 302
    upload.refresh_from_db()
    assert upload.mapping["attributes"] == {"fee_of_setup_minor": {"column": "Setup fee", "type": "MONEY"}}
    upload_preview(upload_id=upload.pk, actor=sol)
    upload_commit(upload_id=upload.pk, actor=sol)
    text = b"".join(client.get(reverse("crm:fact_export", args=["opportunity", "csv"]))).decode("utf-8-sig")
    first = next(csv.DictReader(StringIO(text)))
    assert (first["Key"], first["fee_of_setup_minor"]) == ("D-1", "100.00")
    record = client.get("/api/v1/crm/opportunities/", {"fact__source_key": "D-1"}).json()["results"][0]
    assert record["attributes"] == {"fee_of_setup_minor": 10_000}
    detail = client.get(reverse("crm:opportunity_detail", args=[record["id"]])).content.decode()
    assert "fee_of_setup_minor" in detail
