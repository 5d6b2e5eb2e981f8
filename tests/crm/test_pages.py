"""The pages of intake: from a file to facts, decisions, undo; who may and who may not."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from spm.crm.models import HeldRow, Opportunity, OpportunityVersion, Upload
from spm.people.models import Participant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.crm.support import import_text

TEAMS = "sales_agent,manager,regional_office\nAda Reed,Mo Boss,East\nBen Cole,Mo Boss,East\n"
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
DEALS = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
    "D1,Ada Reed,GTX Pro,,Engaging,2026-01-05,,\n"
    "D2,Ben Cole,GTXPro,,Engaging,2026-01-06,,\n"
    "D3,Ben Cole,GTXPro,,Engaging,2026-01-07,,\n"
    "D4,Nobody,MG Special,,Engaging,07/01/2026,,\n"
)


def send(client: Client, text: str, name: str, **constants: str) -> Upload:
    """Walk a file through upload, mapping and preview as a person would: take what the page proposes, fill in what it asks."""
    response = client.post(
        reverse("crm:upload_new"), {"file": SimpleUploadedFile(name, text.encode()), "source": "crm"}
    )
    assert response.status_code == 302, response.content.decode()
    page = client.get(response.url)
    assert page.status_code == 200
    chosen = {bound.html_name: bound.value() or "" for bound in page.context["form"]} | constants
    response = client.post(response.url, chosen)
    assert response.status_code == 302, [finding["what"] for finding in response.context["findings"]]
    with organisation_scope(Organisation.objects.get(slug="acme").pk, actor=DIRECTOR):
        return Upload.objects.latest("uploaded_at")


def commit(client: Client, upload: Upload) -> Upload:
    client.post(reverse("crm:upload_commit", args=[upload.pk]))
    with organisation_scope(upload.organisation_id, actor=DIRECTOR):
        upload.refresh_from_db()
    return upload


@pytest.fixture
def sol(sign_in: Any) -> Client:
    return sign_in("sol")


def test_a_file_goes_from_upload_to_facts(sol: Client, acme: Organisation) -> None:
    commit(sol, send(sol, TEAMS, "teams.csv", constant_starts_on="2026-01-01"))
    commit(sol, send(sol, PRODUCTS, "products.csv", constant_currency="USD"))
    upload = send(sol, DEALS, "deals.csv", constant_currency="USD")
    page = sol.get(reverse("crm:upload_detail", args=[upload.pk]))
    assert b"Nothing is written yet" in page.content
    upload = commit(sol, upload)
    assert (upload.received, upload.created, upload.held) == (4, 1, 3)

    inbox = sol.get(reverse("crm:inbox"))
    assert "release 2 rows" in inbox.content.decode()
    assert f"{reverse('crm:held_list')}?kind=opportunity" in sol.get(reverse("home")).content.decode()
    sol.post(
        reverse("crm:alias_accept"), {"kind": "product", "source": "crm", "alias": "GTXPro", "target_key": "GTX Pro"}
    )
    deals = sol.get(reverse("crm:opportunity_list"))
    assert deals.context["page"].paginator.count == 3

    with organisation_scope(acme.pk, actor=DIRECTOR):
        held = HeldRow.objects.get(state="held")
    page = sol.get(reverse("crm:held_fix", args=[held.pk]))
    cells = {f"cell_{place}": value for place, (_name, value, _wrong) in enumerate(page.context["cells"])}
    sol.post(reverse("crm:held_fix", args=[held.pk]), cells | {"cell_1": "Ada Reed", "cell_5": "2026-01-07"})
    with organisation_scope(acme.pk, actor=DIRECTOR):
        upload.refresh_from_db()
        deal = OpportunityVersion.objects.get(fact__source_key="D4")
    assert (upload.created, upload.held) == (4, 0)
    for name in ("opportunity_detail",):
        page = sol.get(reverse(f"crm:{name}", args=[deal.fact_id]))
        assert page.status_code == 200 and b"known now" in page.content

    sol.post(reverse("crm:upload_undo", args=[upload.pk]))
    assert sol.get(reverse("crm:opportunity_list")).context["page"].paginator.count == 0
    page = sol.get(reverse("crm:opportunity_detail", args=[deal.fact_id]))
    assert page.status_code == 200 and b"Its import was undone" in page.content and b"known now" not in page.content
    assert sol.get(reverse("crm:upload_list")).status_code == 200


def test_what_is_missing_in_the_mapping_is_named(sol: Client) -> None:
    response = sol.post(
        reverse("crm:upload_new"), {"file": SimpleUploadedFile("deals.csv", DEALS.encode()), "source": "crm"}
    )
    page = sol.get(response.url)
    chosen = {bound.html_name: bound.value() or "" for bound in page.context["form"]} | {
        "constant_currency": "",
        "column_stage": "",
    }
    refused = sol.post(response.url, chosen)
    assert refused.status_code == 422
    assert {finding["code"] for finding in refused.context["findings"]} == {"CURRENCY_MISSING", "FIELD_MISSING"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("deals.xlsx", DEALS.encode(), "not a workbook"),
        ("deals.csv", b"", "empty"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG"),
        ("deals.exe", DEALS.encode(), "called .exe"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    sol: Client, acme: Organisation, name: str, content: bytes, said: str
) -> None:
    response = sol.post(reverse("crm:upload_new"), {"file": SimpleUploadedFile(name, content), "source": "crm"})
    assert response.status_code == 200
    assert said in response.content.decode()
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert not Upload.objects.exists()


GETS = [
    "upload_list",
    "upload_new",
    "inbox",
    "held_list",
    "held_upload",
    "opportunity_list",
    "account_list",
    "product_list",
]
ALLOWED = {
    "sol": set(GETS),
    "otto": {"upload_list", "inbox", "held_list", "opportunity_list", "account_list", "product_list"},
    "rex": {"opportunity_list", "account_list", "product_list"},
    "ada": set(),
}


@pytest.mark.parametrize("name", GETS)
@pytest.mark.parametrize("who", ALLOWED)
def test_who_may_open_which_page(sign_in: Any, who: str, name: str) -> None:
    expected = 200 if name in ALLOWED[who] else 403
    assert sign_in(who).get(reverse(f"crm:{name}")).status_code == expected


def test_a_rep_sees_own_deals_only_and_can_not_import(sol: Client, sign_in: Any, acme: Organisation) -> None:
    commit(
        sol,
        send(
            sol,
            DEALS.replace("Ada Reed", "rex")
            .replace("Ben Cole", "rob")
            .replace("GTXPro", "GTX Pro")
            .replace("product,", "item_no,", 1),
            "deals.csv",
            constant_currency="USD",
            column_product="",
        ),
    )
    rex = sign_in("rex")
    assert rex.get(reverse("crm:opportunity_list")).context["page"].paginator.count == 1
    with organisation_scope(acme.pk, actor=DIRECTOR):
        other = OpportunityVersion.objects.get(fact__source_key="D2")
        own = OpportunityVersion.objects.get(fact__source_key="D1")
    assert rex.get(reverse("crm:opportunity_detail", args=[own.fact_id])).status_code == 200
    assert rex.get(reverse("crm:opportunity_detail", args=[other.fact_id])).status_code == 404
    assert rex.post(reverse("crm:upload_new"), {}).status_code == 403
    assert rex.get(reverse("crm:fact_export", args=["opportunity", "csv"])).content.count(b"\r\n") == 2


def test_another_company_sees_nothing(sol: Client, sign_in: Any) -> None:
    upload = commit(sol, send(sol, PRODUCTS, "products.csv", constant_currency="USD"))
    gus = sign_in("gus@globex.example")
    assert gus.get(reverse("crm:upload_detail", args=[upload.pk])).status_code == 404
    assert gus.post(reverse("crm:upload_undo", args=[upload.pk])).status_code == 404
    assert not gus.get(reverse("crm:product_list")).context["page"].object_list


def test_the_shares_of_a_deal_are_set_on_its_page(sign_in, viewer):
    import_text("opportunity_id,stage,status,owner\nD-1,Lead,open,Rex\n", "opportunities.csv", viewer("sol"))
    deal, people = Opportunity.objects.get().pk, {one.name: str(one.pk) for one in Participant.objects.all()}
    page = f"/import/opportunities/{deal}/"
    client = sign_in("sol")
    assert client.post(page, {}).status_code == 422
    given = {"participant": [people["Rex"], people["Ria"], ""], "kind": ["revenue"] * 3, "share": ["70", "20", ""]}
    answer = client.post(page, given)
    assert answer.status_code == 422 and "sum to 90 %, not to 100 %" in answer.content.decode()
    assert client.post(page, given | {"share": ["70", "30 %", ""]}).status_code == 302
    shown = client.get(page).content.decode()
    assert 'value="70"' in shown and 'value="30"' in shown
    assert "Save shares" not in sign_in("rex").get(page).content.decode()
