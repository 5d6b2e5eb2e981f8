"""What became since of pay that a statement kept: released or set free in later books, each with its day and the statement that has it.

It tells what stands now, so it is on the page of the latest version and in the API, and on no paper: those stay as they were issued.
"""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.models import HoldRelease, LedgerAccount, Statement
from incentives.selectors.bridge import Bridge, Since
from incentives.selectors.hand_holding import OF_NO_COMPONENT, releases_approved
from incentives.selectors.parts import Part, Row, Said
from incentives.selectors.waiting import component_names
from spm.web.templatetags.figures import day_text


def since_of(statement: Statement, bridge: Bridge | None) -> Part:
    """Give what later books set free of what those of a statement kept; without rows where nothing was."""
    found = bridge.since if bridge is not None else ()
    names = component_names({one.plan for one in found if one.plan})
    later = Statement.objects.filter(
        participant=statement.participant_id, currency=statement.currency, period__in={one.period_id for one in found}
    )
    statements = dict(later.order_by("number").values_list("period_id", "pk"))
    ends = releases_approved() if any(one.hold for one in found) else {}
    rows = [
        Row(
            Said(names.get((one.plan, one.component)) or OF_NO_COMPONENT.get(one.component, one.component)),
            (Said(_words(one, ends), url=_url(statements.get(one.period_id))), Said(minor=one.amount_minor)),
            place,
        )
        for place, one in enumerate(found, start=1)
    ]
    return Part(
        "since", "Released since", _("Released since"),
        _("Kept by this period, and payable with a later one. Papers stay as they were issued."),
        _("Pay that later periods released"), (_("Component"), _("What became of it"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip


def _words(one: Since, ends: Mapping[str, tuple[HoldRelease, datetime]]) -> str:
    """When and in which books it was set free; of a hold by hand by whom and why, too."""
    told = {"day": day_text(timezone.localtime(one.at).date()), "period": one.period_key}
    if one.hold in ends:
        release, _at = ends[one.hold]
        told |= {"who": release.asked_by_name, "why": release.reason}
        return _("Released from hold on %(day)s in %(period)s by %(who)s: %(why)s") % told
    if one.account == LedgerAccount.HELD:
        return _("Released from hold on %(day)s in %(period)s") % told
    return _("Its event came: released on %(day)s in %(period)s") % told


def _url(key: object) -> str:
    return reverse("incentives:statement_detail", args=[key]) if key else ""
