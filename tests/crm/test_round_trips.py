"""What the product exports, its import takes back unchanged: every list of facts that has a file, and the people."""

from decimal import Decimal

import pytest
from django.urls import reverse

from spm.crm.exports import write_csv
from spm.crm.feeds.attributes import Attribute
from spm.crm.feeds.mapping import Mapping
from spm.crm.models import HeldRow, Upload
from spm.crm.services.uploads import mapping_save, upload_commit, upload_create, upload_preview
from spm.people.models import Participant, Position, Title, Unit
from spm.people.services import participant_save
from spm.web.pages.crm_facts import LISTS
from tests.crm.support import import_text

pytestmark = pytest.mark.django_db

ACCOUNTS = '''account_id,name,parent,industry,employees,annual_revenue,currency,country,postal_code,founded_year,owner
NORTH,"North, ""Ltd.""",,retail,12000,1234.567,KWD,Germany,007,1999,Rex
SOUTH,=South,NORTH,,,,,Atlantis,,,
TWIN,=South,NORTH,,,1.5,USD,,,,rob@acme.example
'''
PRODUCTS = "sku,product,series,sales_price,unit_cost,currency\nP-1,GTX,GTX,550,1.234,KWD\nP-2,GTX,,,,\n"
DEALS = (
    "opportunity_id,name,account,product,type,owner,stage,status,amount,currency,"
    "created_on,close_date,probability,next_step,Signed,Seats,Cut,Fee\n"
    """D-1,"First, deal",SOUTH,P-2,new,Rex,Won,won,12.345,KWD,2026-01-01,2026-01-20,100 %,-call,2026-01-10,1.125,12.5 %,1.234
D-2,,,,,,Offer,open,,,,,33.333333 %,,,,,
D-3,Third,TWIN,,,Rob,Lost,lost,900.10,USD,,2026-02-01,0 %,,,3,,
"""
)
OWN = {
    "signed_on": Attribute("Signed", "DATE"),
    "seats": Attribute("Seats", "NUMBER"),
    "cut_rate": Attribute("Cut", "PERCENT"),
    "fee_minor": Attribute("Fee", "MONEY"),
}


@pytest.fixture
def sol(viewer):
    return viewer("sol")


def taken(content: bytes, name: str, sol, source: str = "crm", **marks: object) -> Upload:
    """Import a file as it is guessed; `marks` change the guess."""
    upload = upload_create(content=content, file_name=name, source=source, currency="USD", actor=sol)
    mapping = Mapping.from_dict({**upload.mapping, **marks})
    mapping_save(upload_id=upload.pk, mapping=mapping, actor=sol)
    upload_preview(upload_id=upload.pk, actor=sol)
    return upload_commit(upload_id=upload.pk, actor=sol)


def facts(sol) -> None:
    point = {"format": {"decimal_mark": "."}}
    assert taken(ACCOUNTS.encode(), "accounts.csv", sol, **point).held == 0
    assert taken(PRODUCTS.encode(), "products.csv", sol, **point).held == 0
    upload = taken(DEALS.encode(), "deals.csv", sol, **point, attributes={n: vars_of(one) for n, one in OWN.items()})
    assert (upload.held, upload.created) == (0, 3), list(HeldRow.objects.values_list("reason", flat=True))


def vars_of(attribute: Attribute) -> dict[str, str]:
    return {"column": attribute.column, "type": str(attribute.type)}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_export_of_facts_comes_back_unchanged(sol, sign_in, form):
    facts(sol)
    client = sign_in("sol")
    for kind, listed in LISTS.items():
        count = listed(sol).count()
        file = client.get(reverse("crm:fact_export", args=[kind, form])).content
        upload = taken(file, f"{kind}.{form}", sol)
        counts = (upload.kind, upload.received, upload.unchanged, upload.held)
        assert counts == (kind, count, count, 0), list(HeldRow.objects.values_list("reason", flat=True))
        assert count >= 2


def test_an_edited_export_changes_what_was_edited(sol, sign_in):
    facts(sol)
    file = sign_in("sol").get(reverse("crm:fact_export", args=["opportunity", "csv"])).content
    upload = taken(file.replace(b"900.1", b"901.1").replace(b"12.5 %", b"13.5 %"), "deals.csv", sol)
    assert (upload.updated, upload.unchanged, upload.held) == (2, 1, 0)
    deals = {row.fact.source_key: row for row in LISTS["opportunity"](sol)}
    assert (deals["D-3"].amount_minor, deals["D-1"].amount_minor) == (90_110, 12_345)
    assert deals["D-1"].attributes["cut_rate"] == int(Decimal("0.135") * 10**8)


def test_a_row_with_a_key_of_another_source_is_held(sol, sign_in):
    facts(sol)
    file = sign_in("sol").get(reverse("crm:fact_export", args=["product", "csv"])).content
    upload = taken(file, "products.csv", sol, source="shop")
    assert (upload.created, upload.held) == (0, 2)
    assert set(HeldRow.objects.values_list("code", "column", "value")) == {("KEY_FOREIGN", "Source of key", "crm")}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_export_of_people_comes_back_unchanged(sol, sign_in, form):
    import_text(
        "user_id,name,manager,office,title\nu-9,Rex,Mara,Eastern,Account executive\n",
        "p.csv",
        sol,
        starts_on="2026-01-01",
    )
    participant_save(name="Nobody Seated", email="", employee_number="", actor=sol)
    seats, people = Position.objects.count(), Participant.objects.count()
    file = sign_in("sol").get(reverse("people:participant_export", args=[form])).content
    upload = taken(file, f"people.{form}", sol)
    counts = (upload.kind, upload.received, upload.unchanged, upload.held)
    assert counts == ("participant", people, people, 0), upload.preview
    assert (Position.objects.count(), Participant.objects.count()) == (seats, people)


def test_a_unit_and_a_title_are_found_by_their_names(sol):
    file = write_csv([["rob", "Rob", "West", "Manager", "2026-05-01"]], ["Key", "Name", "Unit", "Title", "Starts on"])
    upload = taken(file, "people.csv", sol)
    assert (upload.updated, upload.held) == (1, 0)
    assert sorted(Unit.objects.values_list("code", flat=True)) == ["east", "west"]
    assert sorted(Title.objects.values_list("code", flat=True)) == ["manager", "rep"]
