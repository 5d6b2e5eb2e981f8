"""Scores of accounts: what their factors ask, what they come to, and how each score came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from planning.engine.scoring import UNKNOWN, Factor, Missing, Scaling, Scores, bands, score
from planning.models import ScoreCard, ScoreState
from planning.selectors.families import SOLD_MONTHS
from planning.selectors.rules import account_rows, account_territories
from planning.selectors.segments import segmented
from spm.core.findings import Finding, Severity
from spm.core.periods import months_from
from spm.crm.selectors.accounts import AccountDeals, account_deals, account_parents, accounts_frame
from spm.crm.selectors.lists import account_list
from spm.roles.policy import Viewer

MONEY = ("annual_revenue_minor", "sales", "open_pipeline")
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
    """A score with the shares that sum to it; None where no factor counts."""

    card: ScoreCard
    points: int | None
    lines: tuple[ShareLine, ...]


@dataclass(frozen=True)
class ScoreRow:
    """An account in the list of scores."""

    account_key: str
    points: int | None
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
    deals = account_deals(currency=currency, start=months_from(on, -SOLD_MONTHS), end=on, only=only)
    held = [deals.get(key, AccountDeals()) for key in frame["account_key"]]
    for name in ("sales", "deals_won", "open_pipeline", "deals_open"):
        frame[name] = pd.array([getattr(each, name) for each in held], dtype="Int64")
    below = pd.Series(list(account_parents().values()), dtype=object).value_counts()
    frame["subsidiaries"] = frame["account_key"].map(below).fillna(0).astype("Int64")
    return frame


def scored(card: ScoreCard | None, frame: pd.DataFrame) -> Scored:
    """Score accounts by a card; without one nothing is scored."""
    factors = factors_of(card)
    return Scored(frame, factors, score(frame, factors))


def score_explained(card: ScoreCard, account_id: UUID, *, currency: str, on: date) -> Explained:
    """Say how the score of an account came about."""
    found = scored(card, score_frame(currency, on, [str(account_id)]))
    points = found.by_account[str(account_id)]
    account = found.accounts.iloc[0]
    lines = tuple(
        ShareLine(factor, _value(account[factor.field], factor) if has else None, share)
        for factor, has, share in zip(
            found.factors, found.scores.known[0].tolist(), found.scores.shares[0].tolist(), strict=True
        )
    )
    return Explained(card, points, lines)


def scores_explained(account_id: UUID, *, currency: str, on: date) -> list[Explained]:
    """Say how each score of an account that is in force came about."""
    cards = ScoreCard.objects.filter(state=ScoreState.IN_FORCE).order_by("kind")
    return [score_explained(card, account_id, currency=currency, on=on) for card in cards]


def score_list(viewer: Viewer, kind: str, *, territory: UUID | None = None) -> list[tuple[str, int | None]]:
    """Give accounts within reach by score, the highest first, those without one last; all or those of a territory today."""
    rows = account_list(viewer.acting("fact.view"))
    if territory is not None:
        rows = rows.filter(fact__in=account_territories(viewer.on).filter(territory=territory).values("account"))
    keys = [str(key) for key in rows.values_list("fact", flat=True)]
    found = scored(card_get(kind), score_frame(viewer.organisation.currency, viewer.on, keys)).by_account
    return sorted(found.items(), key=lambda pair: (pair[1] is None, -(pair[1] or 0), pair[0]))


def score_rows(viewer: Viewer, pairs: Sequence[tuple[str, int | None]]) -> list[ScoreRow]:
    """Give scores with the account, its territory and its owner."""
    versions = account_list(viewer.acting("fact.view")).filter(fact__in=[key for key, _points in pairs])
    rows = {str(row.version.fact_id): row for row in account_rows(versions, viewer.on)}
    return [ScoreRow(key, points, rows[key]) for key, points in pairs if key in rows]


def score_effects(viewer: Viewer, draft: ScoreCard) -> Effects:
    """Say what a draft would do to the scores of all accounts."""
    frame = score_frame(viewer.organisation.currency, viewer.on)
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


def _value(value: Any, factor: Factor) -> Any:
    return str(value) if factor.field in TEXT_FIELDS else int(value)


def _points(points: Any) -> int | None:
    return None if points == UNKNOWN else int(points)


def _unknown(points: np.ndarray) -> int:
    return int((points == UNKNOWN).sum())
