"""Tells members something, marks it read, keeps what they chose, and sends the mail that is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from spm.identity.models import Membership
from spm.notices.models import Notice, NoticeChoice
from spm.roles.policy import Viewer, require

MAIL_SENTENCES = {
    "statement": gettext_noop("There is news about one of your statements."),
    "plan_document": gettext_noop("There is news about one of your plan documents."),
    "dispute": gettext_noop("There is news about a dispute."),
    "approval": gettext_noop("There is news about an approval."),
    "quota_letter": gettext_noop("There is news about your quotas."),
    "forecast": gettext_noop("Your forecast is due."),
    "kpi": gettext_noop("A target of a figure is missed."),
    "dashboard": gettext_noop("A dashboard is ready for you."),
    "webhook": gettext_noop("Webhooks to another system were switched off."),
    "proof": gettext_noop("A check of statements against the ledger needs you."),
}
"""What a mail says of a kind of notice. The notice's own words stay behind the sign-in: mail never carries pay figures."""

OTHER_SENTENCE = gettext_noop("There is a new notice for you.")
MAIL_WITHIN = timedelta(days=3)


def notice_send(
    *,
    membership_ids: Iterable[int],
    kind: str,
    slot: str,
    title: str,
    body: str = "",
    url: str = "",
    wants_mail: bool = False,
) -> None:
    """Leave a notice for each member, once per kind and slot, in the caller's transaction; mail follows after commit."""
    notices = [
        Notice(membership_id=each, kind=kind, slot=slot, title=title, body=body, url=url, wants_mail=wants_mail)
        for each in membership_ids
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def notices_take_back(*, kind: str, slot: str) -> list[int]:
    """Take back what nobody read yet of the slots that begin so, its mail too; gives the members who did read or were mailed."""
    rows = Notice.objects.filter(kind=kind, slot__startswith=slot)
    known = rows.exclude(read_at=None, mailed_at=None)
    members = sorted(set(known.values_list("membership_id", flat=True)))
    rows.filter(read_at=None).delete()
    return members


def notice_read(*, notice_id: UUID | None = None, actor: Viewer) -> int:
    """Mark one or all of the actor's own notices as read; gives how many were unread."""
    require(actor, "home.view")
    notices = Notice.objects.filter(membership_id=actor.membership_id or 0, read_at__isnull=True)
    if notice_id is not None:
        notices = notices.filter(pk=notice_id)
    return notices.update(read_at=Now())


def notice_choose(*, wants_mail: bool, actor: Viewer) -> None:
    """Keep whether the actor also wants mail."""
    require(actor, "home.view")
    if actor.membership_id is not None:
        NoticeChoice.objects.update_or_create(membership_id=actor.membership_id, defaults={"wants_mail": wants_mail})


def mail_due(*, now: datetime) -> QuerySet[Notice]:
    """Give the notices whose mail has not left, for members who may sign in and want mail; a late one is let go."""
    refused = NoticeChoice.objects.filter(membership=OuterRef("membership"), wants_mail=False)
    due = Notice.objects.filter(wants_mail=True, mailed_at__isnull=True, created_at__gt=now - MAIL_WITHIN)
    return due.filter(~Exists(refused), membership__is_active=True, membership__user__is_active=True).order_by(
        "created_at"
    )


def mail_send_next(*, now: datetime) -> bool:
    """Send the mail of one notice and note that it left; False when none is due.

    A crash between the two sends it again: a mail twice is better than none.
    """
    notice = mail_due(now=now).select_for_update(skip_locked=True, of=("self",)).first()
    if notice is None:
        return False
    membership = Membership.objects.select_related("user", "organisation").get(pk=notice.membership_id)
    _message(notice, membership).send()
    Notice.objects.filter(pk=notice.pk).update(mailed_at=now)
    return True


def _message(notice: Notice, membership: Membership) -> EmailMessage:
    with translation.override(membership.user.locale or None):
        sentence = gettext(MAIL_SENTENCES.get(notice.kind, OTHER_SENTENCE))
        lines = [sentence, gettext("Sign in to read it: %(url)s") % {"url": absolute(reverse("notices:notice_list"))}]
        lines.append(gettext("You can switch this mail off there."))
    subject = f"{membership.organisation.name}: {sentence.rstrip('.')}"
    return EmailMessage(" ".join(subject.split()), "\n\n".join(lines) + "\n", to=[membership.user.email])


def absolute(path: str) -> str:
    """Give an absolute address below the first origin that the settings trust."""
    origins = [*settings.CSRF_TRUSTED_ORIGINS, f"http://{settings.WEB_BIND}:{settings.PORT}"]
    return urljoin(origins[0], path)
