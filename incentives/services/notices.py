"""Tells people in the product that their statement changed. No figures: they are behind the sign-in."""

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext

from incentives.models import Statement
from spm.notices.models import Notice

KIND = "statement"


def statement_notices_send() -> int:
    """Leave one notice for each latest statement whose person can sign in and has none about it; gives their number."""
    newest = Statement.objects.filter(
        participant=OuterRef("participant"), period=OuterRef("period"), currency=OuterRef("currency")
    )
    latest = (
        Statement.objects.filter(
            pk=Subquery(newest.order_by("-number").values("pk")[:1]), participant__membership__isnull=False
        )
        .select_related("participant", "period")
        .order_by("period__during", "pk")
    )
    told = set(Notice.objects.filter(kind=KIND).values_list("slot", flat=True))
    notices = [_notice(statement) for statement in latest if str(statement.pk) not in told]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def _notice(statement: Statement) -> Notice:
    membership_id = statement.participant.membership_id
    assert membership_id is not None
    is_first = statement.number == 1
    words = (
        gettext("Your statement of %(period)s is ready")
        if is_first
        else gettext("Your statement of %(period)s has changed")
    )
    return Notice(
        membership_id=membership_id,
        kind=KIND,
        slot=str(statement.pk),
        title=words % {"period": statement.period.key},
        body=gettext("Open it to see every line and its why."),
        url=reverse("incentives:statement_detail", args=[statement.pk]),
        wants_mail=True,
    )
