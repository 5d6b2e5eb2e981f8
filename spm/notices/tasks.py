"""Sends the mail that is due, company by company."""

from smtplib import SMTPException

import structlog
from django.utils import timezone

from spm.celery import app
from spm.jobs.tasks import TenantTask
from spm.notices.services import mail_send_next
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor

log = structlog.get_logger("spm.notices")
AT_MOST = 200


@app.task(base=TenantTask, bind=True)
def relay(self: TenantTask) -> int:
    """Send what is due, one transaction per mail; a mail server that refuses ends the round, the next one tries again."""
    sent, now, actor = 0, timezone.now(), Actor(name="Mail")
    for organisation in Organisation.objects.order_by("pk"):
        is_due = True
        while is_due and sent < AT_MOST:
            try:
                with self.scope(organisation.pk, actor):
                    is_due = mail_send_next(now=now)
            except (SMTPException, OSError) as fault:
                log.warning("mail_not_sent", organisation_id=organisation.pk, fault=type(fault).__name__)
                return sent
            sent += is_due
    return sent
