"""What the tests of incentives share."""

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from spm.identity.models import Membership
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.cast import START
from tests.incentives import world


@pytest.fixture
def closing(viewer):
    """Sol closes, Fin approves; Eve, who is in finance as well here, pays."""
    sol = viewer("sol")
    period = world.build(sol)
    world.deal("D-1", "rex", 1_200_000)
    world.calculate(period, sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    RoleGrant.objects.create(
        membership=Membership.objects.get(user__email="eve@acme.example"),
        role=Role.FINANCE,
        during=DateRange(START, None),
    )
    return sol, viewer("fin"), viewer("eve"), period
