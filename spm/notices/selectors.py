"""The notices of the viewer: nobody sees another's."""

from django.db.models import QuerySet

from spm.notices.models import Notice, NoticeChoice
from spm.roles.policy import Viewer


def notice_list(viewer: Viewer) -> QuerySet[Notice]:
    """Give the viewer's own notices, latest first; none for platform staff and the system."""
    return Notice.objects.filter(membership_id=viewer.membership_id or 0).order_by("-created_at", "-pk")


def notice_unread_count(viewer: Viewer) -> int:
    """Count the viewer's unread notices."""
    return notice_list(viewer).filter(read_at__isnull=True).count()


def notice_mail_wanted(viewer: Viewer) -> bool:
    """Tell whether the viewer also wants mail."""
    choice = NoticeChoice.objects.filter(membership_id=viewer.membership_id or 0).first()
    return choice is None or choice.wants_mail
