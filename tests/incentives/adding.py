"""Holds the way from earned to payable against the ledger: every period's steps come to what is payable, of each person and of all."""

from collections import Counter

from django.db.models import Sum

from incentives.models import LedgerEntry
from incentives.selectors.bridge import bridges_of
from planning.models import Period


def stands(**more):
    """What is payable by period, person and currency."""
    rows = LedgerEntry.objects.filter(account="payable", **more).order_by()
    columns = ("period_id", "participant_id", "currency")
    return {tuple(key): total for *key, total in rows.values_list(*columns).annotate(total=Sum("amount_minor"))}


def count(bridge, key, between):
    """Count what a period says of others, below 0 what it says that they did: both come to nothing."""
    for step in bridge.rows:
        if step.key == "carried":
            between["carried"] += step.amount_minor
        if step.key == "released":
            between["kept", step.period_key, key] += step.amount_minor
    for one in bridge.since:
        between["kept", key, one.period_key] -= one.amount_minor


def add_up():
    """Assert that all steps add up, and that both sides of what is carried and released later name each other."""
    payable, between = stands(), Counter()
    for period in Period.objects.filter(pk__in=LedgerEntry.objects.values("period")):
        found = {one.currency: one for one in bridges_of(period)}
        sums = Counter()
        for (books, who, currency), minor in payable.items():
            if books == period.pk:
                [bridge] = [one for one in bridges_of(period, participant_id=who) if one.currency == currency]
                assert bridge.payable_minor == minor, (period.key, who, bridge)
                sums[currency] += minor
        assert {currency: one.payable_minor for currency, one in found.items()} == {each: sums[each] for each in found}
        for bridge in found.values():
            count(bridge, period.key, between)
    assert not +between and not -between, between
