"""Scores of accounts: what their factors ask, what they come to, and how each score came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from planning.engine.scoring import UNKNOWN, Factor, Missing, Scaling, Scores, bands, score
from planning.models import ScoreCard, ScoreKind, ScoreState
from planning.selectors.rules import account_rows, account_territories
from planning.selectors.segments import segmented
from spm.core.findings import Finding, Severity
from spm.crm.selectors.accounts import AccountDeals, account_parents, accounts_frame, deals_of_year
from spm.crm.selectors.lists import account_list
from spm.crm.selectors.visibility import deal_owners
from spm.roles.policy import Viewer

MONEY = ("annual_revenue_minor", "sales", "open_pipeline")
DEALT = ("sales", "deals_won", "open_pipeline", "deals_open")
TEXT_FIELDS = {
    "industry": _("Industry"),
    "segment": _("Segment"),
    "country": _("Country"),
    "region": _("Region"),
    "city": _("City"),
}
NUMBER_FIELDS = {
    "employees": _("Employees"),
    "annual_revenue_minor": _("Annual revenue"),
    "founded_year": _("Founded"),
    "sales": _("Won in 12 months"),
    "deals_won": _("Deals won in 12 months"),
    "open_pipeline": _("Open pipeline"),
    "deals_open": _("Open deals"),
    "subsidiaries": _("Subsidiaries"),
}
FIELDS = TEXT_FIELDS | NUMBER_FIELDS


@dataclass(frozen=True)
class Scored:
    """The frame of accounts, their scores, and the factors behind them."""

    accounts: pd.DataFrame
    factors: tuple[Factor, ...]
    scores: Scores

    @property
    def by_account(self) -> dict[str, int | None]:
        """The score of each account in hundredths of a point; None where nothing of it is known."""
        points = [None if each == UNKNOWN else each for each in self.scores.points.tolist()]
        return dict(zip(self.accounts["account_key"].tolist(), points, strict=True))


@dataclass(frozen=True)
class ShareLine:
    """What a factor gives to a score: `value` is None where it is unknown."""

    factor: Factor
    value: Any
    share: int

    @property
    def is_money(self) -> bool:
        """Tell whether the value is an amount in minor units."""
        return self.factor.field in MONEY

    @property
    def is_text(self) -> bool:
        """Tell whether the value is no number."""
        return self.factor.field in TEXT_FIELDS


@dataclass(frozen=True)
class Explained:
    """A score with the shares that sum to it; None where no factor counts. One that is hidden has neither."""

    card: ScoreCard
    points: int | None
    lines: tuple[ShareLine, ...]
    is_hidden: bool = False


@dataclass(frozen=True)
class AccountScore:
    """The score of an account; None where no factor counts, and where it is hidden: it counts deals that the viewer does not see."""

    account_key: str
    points: int | None
    is_hidden: bool = False


@dataclass(frozen=True)
class ScoreRow:
    """An account in the list of scores."""

    score: AccountScore
    row: Any


@dataclass(frozen=True)
class Effects:
    """What a draft would do: how many accounts lie in each ten points now and then, how many have no score, and who moves most."""

    before: list[int]
    after: list[int]
    unknown_before: int
    unknown_after: int
    moves: tuple[tuple[str, str, int | None, int | None], ...]

    @property
    def bands(self) -> list[tuple[int, int, int, int]]:
        """Lower and upper end of each band in points, accounts before, accounts after."""
        pairs = zip(self.before, self.after, strict=True)
        return [(10 * row, 10 * row + 10, now, then) for row, (now, then) in enumerate(pairs)]


def kind_asked(text: str) -> ScoreKind:
    """Give the kind that an address names; raises DoesNotExist for none."""
    if text.upper() not in ScoreKind.values:
        raise ScoreCard.DoesNotExist
    return ScoreKind(text.upper())


def card_get(kind: str, state: str = ScoreState.IN_FORCE) -> ScoreCard | None:
    """Give the factors of a kind that are in force, or the draft."""
    return ScoreCard.objects.filter(kind=kind, state=state).first()


def factors_of(card: ScoreCard | None) -> tuple[Factor, ...]:
    """The factors as the engine takes them."""
    return tuple(
        Factor(
            each["name"],
            each["field"],
            Scaling(each["scaling"]),
            each["weight"],
            Missing(each["missing"]),
            each.get("low", 0),
            each.get("high", 0),
            tuple((text, points) for text, points in each.get("table", ())),
        )
        for each in (card.factors if card else ())
    )


def score_frame(currency: str, on: date, only: list[str] | None = None) -> pd.DataFrame:
    """Give the accounts, all or some, with every field that a factor may ask; money in the currency, else unknown."""
    frame = segmented(accounts_frame(only), on)
    own = frame["currency"].isin([currency, ""])
    frame["annual_revenue_minor"] = frame["annual_revenue_minor"].where(own, pd.NA)
    deals = deals_of_year(currency, on, owners=None, only=only)
    held = [deals.get(key, AccountDeals()) for key in frame["account_key"]]
    for name in DEALT:
        frame[name] = pd.array([getattr(each, name) for each in held], dtype="Int64")
    below = pd.Series(list(account_parents().values()), dtype=object).value_counts()
    frame["subsidiaries"] = frame["account_key"].map(below).fillna(0).astype("Int64")
    return frame


def scored(card: ScoreCard | None, frame: pd.DataFrame) -> Scored:
    """Score accounts by a card; without one nothing is scored."""
    factors = factors_of(card)
    return Scored(frame, factors, score(frame, factors))


def scores_explained(viewer: Viewer, account_id: UUID, *, on: date, kind: str | None = None) -> list[Explained]:
    """Say how each score of an account that is in force came about, or the one of a kind."""
    cards = ScoreCard.objects.filter(state=ScoreState.IN_FORCE, kind__in=[kind] if kind else ScoreKind).order_by("kind")
    shown = list(cards)
    if not shown:
        return []
    keys = [str(account_id)]
    frame = score_frame(viewer.organisation.currency, on, keys)
    unseen = _unseen(viewer, keys, on)
    return [_explained(card, frame, unseen) for card in shown]


def _explained(card: ScoreCard, frame: pd.DataFrame, unseen: set[str]) -> Explained:
    found = scored(card, frame)
    account = found.accounts.iloc[0]
    if _asks_deals(found.factors) and account["account_key"] in unseen:
        return Explained(card, None, (), is_hidden=True)
    lines = tuple(
        ShareLine(factor, _value(account[factor.field], factor) if has else None, share)
        for factor, has, share in zip(
            found.factors, found.scores.known[0].tolist(), found.scores.shares[0].tolist(), strict=True
        )
    )
    return Explained(card, found.by_account[account["account_key"]], lines)


def score_list(viewer: Viewer, card: ScoreCard | None, *, territory: UUID | None = None) -> list[AccountScore]:
    """Give accounts within reach by score, the highest first, then those without one, then the hidden; all or of a territory today.

    Without a card, no factors are in force, and there are none.
    """
    if card is None:
        return []
    rows = account_list(viewer.acting("fact.view"))
    if territory is not None:
        rows = rows.filter(fact__in=account_territories(viewer.on).filter(territory=territory).values("account"))
    keys = [str(key) for key in rows.values_list("fact", flat=True)]
    found = scored(card, score_frame(viewer.organisation.currency, viewer.on, keys))
    unseen = _unseen(viewer, keys, viewer.on) if _asks_deals(found.factors) else set()
    scores = [
        AccountScore(key, None if key in unseen else points, key in unseen) for key, points in found.by_account.items()
    ]
    return sorted(scores, key=lambda each: (each.is_hidden, each.points is None, -(each.points or 0), each.account_key))


def score_rows(viewer: Viewer, scores: Sequence[AccountScore]) -> list[ScoreRow]:
    """Give scores with the account, its territory and its owner."""
    versions = account_list(viewer.acting("fact.view")).filter(fact__in=[each.account_key for each in scores])
    rows = {str(row.version.fact_id): row for row in account_rows(versions, viewer.on)}
    return [ScoreRow(each, rows[each.account_key]) for each in scores if each.account_key in rows]


def score_effects(viewer: Viewer, draft: ScoreCard) -> Effects:
    """Say what a draft would do to the scores of all accounts of which the viewer sees every deal."""
    frame = score_frame(viewer.organisation.currency, viewer.on, _seen_whole(viewer))
    before, after = scored(card_get(draft.kind), frame).scores.points, scored(draft, frame).scores.points
    moved = np.abs(np.maximum(after, 0) - np.maximum(before, 0))
    most = np.argsort(-moved, kind="stable")[:10]
    moves = tuple(
        (
            frame["account_key"].iloc[row],
            frame["name"].iloc[row],
            _points(before[row]),
            _points(after[row]),
        )
        for row in most.tolist()
        if before[row] != after[row]
    )
    return Effects(bands(before), bands(after), _unknown(before), _unknown(after), moves)


def scores_hidden(scores: Sequence[AccountScore]) -> list[Finding]:
    """Say how many scores are hidden, and why."""
    count = sum(each.is_hidden for each in scores)
    if not count:
        return []
    said = ngettext("The score of %(n)s account is hidden.", "The scores of %(n)s accounts are hidden.", count)
    why = gettext("They count deals of people whose deals you don't see.")
    fix = gettext("Ask somebody who sees these deals.")
    return [Finding("SCORES_HIDDEN", "scores", said % {"n": count}, why, fix, Severity.NOTICE)]


def unscored(kind: str, count: int) -> list[Finding]:
    """Say how many accounts have no score, and that they count 0."""
    if not count:
        return []
    said = ngettext(
        "%(n)s account has no score of %(kind)s: none of its factors is known of it.",
        "%(n)s accounts have no score of %(kind)s: none of its factors is known of them.",
        count,
    )
    what = said % {"n": count, "kind": kind.lower()}
    fix = "Import the fields that the factors ask, or let an unknown value count."
    return [Finding("ACCOUNTS_UNSCORED", kind.lower(), what, "They count 0.", fix, Severity.WARNING)]


def _seen_whole(viewer: Viewer) -> list[str] | None:
    """The accounts within reach of which the viewer sees every deal; None: all."""
    if deal_owners(viewer) is None:
        return None
    keys = [str(key) for key in account_list(viewer.acting("fact.view")).values_list("fact", flat=True)]
    unseen = _unseen(viewer, keys, viewer.on)
    return [key for key in keys if key not in unseen]


def _unseen(viewer: Viewer, keys: list[str], on: date) -> set[str]:
    """Those of the accounts that have deals which scores of the day may count and the viewer does not see."""
    owners = deal_owners(viewer)
    if owners is None:
        return set()
    every, seen = (deals_of_year(viewer.organisation.currency, on, owners=each, only=keys) for each in (None, owners))
    return {key for key, deals in every.items() if seen.get(key) != deals}


def _asks_deals(factors: Sequence[Factor]) -> bool:
    return any(each.field in DEALT for each in factors)


def _value(value: Any, factor: Factor) -> Any:
    return str(value) if factor.field in TEXT_FIELDS else int(value)


def _points(points: Any) -> int | None:
    return None if points == UNKNOWN else int(points)


def _unknown(points: np.ndarray) -> int:
    return int((points == UNKNOWN).sum())
