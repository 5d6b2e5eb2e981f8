"""How likely open deals within reach are won, with the reasons, or why that is unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from insights.engine.likelihood import AGES
from insights.models import DealLikelihood, LikelihoodTrial
from insights.selectors.pipeline import open_deals
from spm.core.money import RATE_SCALE
from spm.crm.selectors.lists import opportunity_list
from spm.roles.policy import Viewer

WORDS = {"owner": gettext_lazy("Owner"), "product": gettext_lazy("Product"), "stage": gettext_lazy("Stage")}
OLDEST = f"{AGES[-1][0]} to {AGES[-1][1]} days old"


@dataclass(frozen=True)
class Why:
    """What raises or lowers a likelihood, by how much (at scale 10**8), and from how many past deals that is known."""

    what: str
    words: str
    moves_rate: int
    deals: int

    @property
    def points(self) -> str:
        """Give the percentage points with their sign and one digit."""
        return f"{Decimal(self.moves_rate) * 100 / RATE_SCALE:+.1f}"


@dataclass(frozen=True)
class ToldDeal:
    """A deal within reach with its likelihood at scale 10**8; None is unknown, and `reason` says why."""

    deal: Any
    chance_rate: int | None
    why: tuple[Why, ...]
    as_on: Any
    reason: str


def likelihood_trial(viewer: Viewer) -> LikelihoodTrial:
    """Give how good the likelihood was that was tried last; before the first night it is of no day, and refused."""
    latest = LikelihoodTrial.objects.filter(as_on__lte=viewer.on).order_by("-as_on").first()
    return latest or LikelihoodTrial(refused=_("The nightly job has not told likelihoods yet."))


def likelihood_deals(viewer: Viewer) -> QuerySet[Any]:
    """Give the open deals within reach, those that are to close first before."""
    return open_deals(viewer).order_by(F("expected_close_on").asc(nulls_last=True), "fact__source_key", "fact_id")


def likelihoods_of(viewer: Viewer, deals: Iterable[Any]) -> list[ToldDeal]:
    """Give the likelihood of deals that the viewer sees, in their order."""
    rows, tried = list(deals), likelihood_trial(viewer)
    found = {row.deal_id: row for row in DealLikelihood.objects.filter(deal__in=[one.fact_id for one in rows])}
    return [_told(deal, found.get(deal.fact_id), tried) for deal in rows]


def likelihood_get(viewer: Viewer, deal_id: UUID) -> ToldDeal | None:
    """Give the likelihood of one deal; None where there is no such deal within reach."""
    deals = opportunity_list(viewer).filter(fact_id=deal_id)
    return next(iter(likelihoods_of(viewer, deals)), None)


def _told(deal: Any, row: DealLikelihood | None, tried: LikelihoodTrial) -> ToldDeal:
    reason = _unknown_because(deal, row, tried)
    if reason or row is None:
        return ToldDeal(deal, None, (), tried.as_on, reason)
    return ToldDeal(deal, row.chance_rate, tuple(_why(one) for one in row.reasons), row.as_on, "")


def _unknown_because(deal: Any, row: DealLikelihood | None, tried: LikelihoodTrial) -> str:
    if deal.status != "open":
        return _("The deal has been decided.")
    if tried.refused:
        return tried.refused
    if deal.created_on is None:
        return _("The deal has no day of creation, so its age is unknown.")
    if row is None:
        return _("The deal was not open on %(day)s; the next nightly job tells it.") % {"day": tried.as_on.isoformat()}
    return ""


def _why(one: dict[str, Any]) -> Why:
    value = one["value"] or _("not named")
    if value == OLDEST:
        days = AGES[-1][0] - 1
        value = ngettext("more than %(days)s day old", "more than %(days)s days old", days) % {"days": days}
    words = f"{WORDS[one['what']]}: {value}" if one["what"] in WORDS else value[:1].upper() + value[1:]
    return Why(one["what"], words, one["moves_rate"], one["deals"])
