"""The CRM set pays exactly what was computed apart from this project: import, plan, quotas, nightly, statements, by the public doors."""

from io import StringIO

from django.core.management import call_command
from django.test import Client

from incentives.models import Journal, LedgerEntry, Run, Statement
from incentives.selectors.chain import chain_verify
from incentives.services.runs import run_recompute
from spm.identity.models import User
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.incentives import crm_set

WITHOUT_DEALS = {"Mei-Mei Johns", "Elizabeth Anderson", "Natalya Ivanova", "Carol Thompson", "Carl Lin"}


def nightly(**options: object) -> str:
    out = StringIO()
    call_command("nightly", organisation="acme", on=crm_set.NIGHT, here=True, stdout=out, **options)
    return out.getvalue()


def test_every_payout_and_override_equals_the_expected_files(committed_db: None) -> None:
    paid = crm_set.expected("expected_payouts.csv", "sales_agent", "payout_usd")
    overrides = crm_set.expected("expected_overrides.csv", "manager", "override_usd")
    assert (len(paid), sum(paid.values()), len(overrides), sum(overrides.values())) == (120, 48_779_471, 24, 5_002_772)
    client = Client()
    client.force_login(
        User.objects.get(email="sol@acme.example"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    crm_set.imported()
    crm_set.prepared(client)
    nightly()

    found = {place: cents for place, cents in crm_set.statements(client).items() if place[1].startswith("2017")}
    cast = {"Rex", "Ria", "Rob", "Mara", "Mona", "Max"}
    assert {place: cents for place, cents in found.items() if place in paid} == paid
    assert {place: cents for place, cents in found.items() if place in overrides} == overrides
    rest = {
        place: cents
        for place, cents in found.items()
        if place not in paid and place not in overrides and place[0] not in cast
    }
    assert rest == {(name, f"2017-Q{quarter}"): 0 for name in WITHOUT_DEALS for quarter in range(1, 5)}

    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.id, actor=DIRECTOR):
        before = [model.objects.count() for model in (Run, Journal, LedgerEntry, Statement)]
        runs = list(Run.objects.select_related("period"))
        assert [run_recompute(run) for run in runs] == [run.results_digest for run in runs]
        assert chain_verify() is None
    nightly(again=True)
    with organisation_scope(acme.id, actor=DIRECTOR):
        assert [model.objects.count() for model in (Run, Journal, LedgerEntry, Statement)] == before
