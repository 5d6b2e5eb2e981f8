"""manage.py import_facts: the CRM set in one command, all files or none."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from spm.crm.models import OpportunityVersion, Upload
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.crm.support import FILES, crm_set

CHOICES = ["--organisation", "acme", "--currency", "USD", "--valid-from", "2016-10-01"]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import_facts", *arguments, stdout=out)
    return out.getvalue()


def test_the_crm_set_is_imported_in_the_order_of_references(acme: Organisation) -> None:
    files = [str(crm_set() / name) for name in sorted(FILES)]
    said = run(*files, *CHOICES, "--commit").splitlines()
    assert said == [
        "sales_teams.csv: participants: received 35, created 35, updated 0, unchanged 0, held 0",
        "accounts.csv: accounts: received 85, created 85, updated 0, unchanged 0, held 0",
        "products.csv: products: received 7, created 7, updated 0, unchanged 0, held 0",
        "sales_pipeline.csv: opportunities: received 8,800, created 7,320, updated 0, unchanged 0, held 1,480",
        "  held 1,480: product “GTXPro”: There is no product “GTXPro”. Accept “GTX Pro” for it, or import the product first.",
    ]


def test_without_commit_nothing_is_written(acme: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("product,sales_price\nA,1\n")
    assert "created 1" in run(str(file), *CHOICES)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert Upload.objects.get().state == "previewed"


def test_one_bad_file_undoes_all(acme: Organisation, tmp_path: Path) -> None:
    good, bad = tmp_path / "products.csv", tmp_path / "deals.csv"
    good.write_text("product,sales_price\nA,1\n")
    bad.write_text('opportunity_id,deal_stage\nD1,"open\n')
    with pytest.raises(CommandError, match="quote"):
        run(str(good), str(bad), *CHOICES, "--commit")
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert not Upload.objects.exists()


def test_what_is_missing_is_named(acme: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "teams.csv"
    file.write_text("sales_agent,manager\nA,B\n")
    with pytest.raises(CommandError, match="No day is chosen"):
        run(str(file), "--organisation", "acme", "--commit")
    with pytest.raises(CommandError, match="no company nobody"):
        run(str(file), "--organisation", "nobody")


def test_a_further_column_of_deals_is_taken_by_name_and_type(acme: Organisation, tmp_path: Path) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text("opportunity_id,deal_stage,close_value,close_date,discount\nD-1,Lost,0,2026-08-01,8%\n")
    with pytest.raises(CommandError, match="discount:SHARE is not COLUMN:TYPE"):
        run(str(deals), *CHOICES, "--attribute", "discount:SHARE")
    run(str(deals), *CHOICES, "--attribute", "discount:PERCENT", "--commit")
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert OpportunityVersion.objects.get().attributes == {"discount_rate": 8_000_000}
