"""Tells how likely open deals are won, where that was tried out of time and found better than plain shares, and calibrated."""

from datetime import date
from typing import Any

from django.db import transaction

from insights.engine.likelihood import LEAST_TESTED, LEAST_TRAINED
from insights.engine.likelihood_reasons import Reason, reasons
from insights.models import DealLikelihood, LikelihoodTrial
from insights.selectors.learned import Learned, learn
from insights.selectors.past_deals import past_deals
from spm.core.dated import day_number, day_of
from spm.core.money import RATE_SCALE


@transaction.atomic
def likelihoods_refresh(*, day: date) -> int:
    """Write the trial of the day and the likelihood of every open deal, replacing those before; gives how many are told."""
    learned = learn(past_deals(day), day_number(day))
    row = _tried(learned, day)
    LikelihoodTrial.objects.filter(as_on=day).delete()
    row.save()
    DealLikelihood.objects.all().delete()
    if row.refused or not len(learned.deals.open):
        return 0
    told = _told(learned, day)
    DealLikelihood.objects.bulk_create(told, batch_size=5000)
    return len(told)


def _told(learned: Learned, day: date) -> list[DealLikelihood]:
    fitted, (place, now) = learned.fitted(), learned.open_now()
    why = reasons(fitted, learned.looks, now)
    return [
        DealLikelihood(
            as_on=day,
            deal_id=learned.deals.key[deal],
            chance_rate=_rate(chance),
            reasons=[_reason(one, learned.deals.names) for one in each],
        )
        for deal, chance, each in zip(place, fitted.chance(now), why, strict=True)
    ]


def _reason(one: Reason, names: dict[str, list[str]]) -> dict[str, Any]:
    known = names.get(one.what, [])
    value = known[one.code] if one.what in names and one.code >= 0 else one.value
    return {"what": one.what, "value": value, "moves_rate": _rate(one.moves), "deals": one.deals}


def _tried(learned: Learned, day: date) -> LikelihoodTrial:
    tried = learned.tried
    if tried is None:
        decided = int((learned.deals.decided >= 0).sum())
        reason = (
            f"{decided} deals have been won or lost. {LEAST_TRAINED} that were open for some weeks are needed to learn from, some of them"
            f" won and some lost, and {LEAST_TESTED} later ones to try it on."
        )
        return LikelihoodTrial(as_on=day, refused=reason)
    return LikelihoodTrial(
        as_on=day,
        cut_on=day_of(learned.cut),
        trained=tried.trained,
        tested=tried.tested,
        brier_rate=_rate(tried.model.brier),
        stage_brier_rate=_rate(tried.stage.brier),
        base_brier_rate=_rate(tried.base.brier),
        gap_rate=_rate(tried.worst_bin),
        bins=[[rows, _rate(mean), _rate(share)] for rows, mean, share in tried.bins],
        refused=tried.refused,
    )


def _rate(share: float) -> int:
    return round(share * RATE_SCALE)
