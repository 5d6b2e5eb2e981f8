"""Quotas set by several people at once, on committed rows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from django.db import connections

from planning.models import CalendarKind, Quota
from planning.services.calendars import calendar_extend
from planning.services.quotas import QuotaChange, QuotaValue, quota_set_many
from spm.identity.models import Membership
from spm.people.models import Position
from spm.roles.policy import viewer_get
from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR
from tests.conftest import TODAY


def test_two_who_set_the_same_quota_at_once(committed_db: None) -> None:
    acme = Organisation.objects.get(slug="acme")
    with organisation_scope(acme.pk, actor=DIRECTOR):
        sol = _viewer(acme)
        period = calendar_extend(
            kind=CalendarKind.QUARTERLY, start=date(2026, 1, 1), until=date(2026, 4, 1), actor=sol
        )[0]
        seats = list(Position.objects.order_by("pk"))

    def save(value: int) -> QuotaChange:
        try:
            with organisation_scope(acme.pk, actor=DIRECTOR):
                values = [QuotaValue(seat.pk, period.pk, value) for seat in seats]
                return quota_set_many(values=values if value % 2 else values[::-1], actor=sol)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        changes = list(threads.map(save, range(1, 9)))

    assert sum(change.created for change in changes) == len(seats)
    assert sum(change.updated for change in changes) == 7 * len(seats)
    with organisation_scope(acme.pk, actor=DIRECTOR):
        assert Quota.objects.count() == len(seats)
        assert Quota.objects.values("value").distinct().count() == 1


def _viewer(acme: Organisation) -> Any:
    membership = Membership.objects.select_related("user", "organisation").get(user__email="sol@acme.example")
    return viewer_get(membership, on=TODAY, via="test")
