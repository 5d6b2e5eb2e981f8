"""What a balance is computed from, and how a proposal stands against today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.db.models import F, Q, QuerySet

from planning.engine.balancing import NOBODY
from planning.engine.proposing import MEASURES, Patch, Standing, Weights, moved, places_of, standing
from planning.engine.skills import Fit, Skill, lacking_of
from planning.engine.travelling import Travel, travel
from planning.models import (
    BalanceAccount,
    BalanceProposal,
    BalanceState,
    NamedAccount,
    ScoreKind,
    Territory,
    TerritoryAssignment,
)
from planning.selectors.rules import account_territories
from planning.selectors.scores import card_get, score_frame, scored, unscored
from planning.selectors.skills import fit_of, skill_text, skills_read
from planning.selectors.territories import covers_of
from spm.core.findings import Finding, Severity
from spm.core.money import RATE_SCALE
from spm.core.periods import year_before
from spm.crm.selectors.accounts import account_places, accounts_frame, sales_frame
from spm.jobs.models import Job


@dataclass(frozen=True)
class Asked:
    """The territories that take part, the frame of their accounts, and what is not known of them."""

    territories: tuple[Territory, ...]
    patches: tuple[Patch, ...]
    accounts: pd.DataFrame
    scores: tuple[str, ...]
    """Which measures are scores, in hundredths of a point."""
    fit: Fit
    skills: tuple[tuple[Skill, ...], ...]
    """The skills of each territory's people on the day."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class PatchLine:
    """A territory of a proposal: who covers it, its capacity, and its load against the fair one, today and proposed (1 is fair)."""

    territory: Territory
    sellers: str
    capacity: float
    before: float
    after: float
    accounts_before: int
    accounts_after: int
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A proposal beside today."""

    lines: tuple[PatchLine, ...]
    before: Standing
    after: Standing
    accounts: int
    moving: int
    moved_index: float
    """The share of the index that changes hands."""
    moved_sales: float
    """The share of sales that changes hands."""
    travel_before: Travel
    travel_after: Travel
    lacking_before: float | None
    """The share of the index whose skills lack, each account by the share of its skills; None where none are asked for."""
    lacking_after: float | None


def balance_list() -> QuerySet[BalanceProposal]:
    """Give the proposals, the latest first."""
    return BalanceProposal.objects.select_related("parent").order_by("-asked_at", "-pk")


def balance_job(proposal: BalanceProposal) -> Job | None:
    """Give the job that computes a proposal; None once it is computed."""
    if proposal.state != BalanceState.ASKED:
        return None
    return Job.objects.filter(kind="balance", slot=str(proposal.pk)).first()


def balance_moves(proposal: BalanceProposal) -> QuerySet[BalanceAccount]:
    """Give the accounts that would change their territory, the heaviest first."""
    return balance_accounts(proposal).filter(~Q(before=F("after")) | Q(before=None, after__isnull=False))


def balance_accounts(proposal: BalanceProposal) -> QuerySet[BalanceAccount]:
    """Give all accounts of a proposal, the heaviest first."""
    rows = BalanceAccount.objects.filter(proposal=proposal).select_related("account", "before", "after")
    return rows.order_by("-load_rate", "name", "pk")


def balance_asked(*, parent: Territory | None, on: date, currency: str, protect_minor: int | None) -> Asked:
    """Read what a balance is computed from: accounts by where they belong on the day, with workload, potential and sales.

    Workload and potential are the scores of the account where factors are in force; else workload is 1 for each account and potential its
    annual revenue. Sales are its won deals of the year before. Money is in the company's currency.
    """
    territories = _taking_part(parent)
    covers = covers_of(TerritoryAssignment.objects.filter(territory__in=territories, during__contains=on), on)
    patches, findings, people = [], [], []
    for territory in territories:
        people.append([cover.holder_id for cover in covers.get(territory.id, []) if cover.holder_id])
        shares = [cover.assignment.share_rate for cover in covers.get(territory.id, []) if cover.holder_id]
        patches.append(Patch(territory.name, sum(shares) / RATE_SCALE if shares else 1.0))
        findings += [] if shares else [_vacant(territory, on)]
    accounts = _accounts(territories, parent, on)
    fit, skills = fit_of(accounts, people, on)
    frame, scores, more = _measured(accounts, on, currency)
    frame["is_fixed"] = frame["is_named"] | (frame["sales"] >= protect_minor if protect_minor is not None else False)
    held = tuple(tuple(each) for each in skills)
    return Asked(tuple(territories), tuple(patches), frame, scores, fit, held, (*findings, *more))


def balance_standing(proposal: BalanceProposal) -> dict[UUID, UUID | None]:
    """Give where the accounts that the territories of a proposal share out belong on its day as it is known now; None: to none of them."""
    found = Territory.objects.in_bulk([UUID(each["id"]) for each in proposal.solved["territories"]])
    territories = list(found.values())
    frame = _accounts(territories, proposal.parent, proposal.starts_on)
    ids = [each.id for each in territories]
    patches = zip(frame["account_key"], frame["patch"].tolist(), strict=True)
    return {UUID(key): None if patch == NOBODY else ids[patch] for key, patch in patches}


def balance_compared(proposal: BalanceProposal) -> Comparison | None:
    """Say how a proposal stands against today, as it is edited now; None where nothing was proposed."""
    if not proposal.solved.get("territories"):
        return None
    rows = pd.DataFrame(
        BalanceAccount.objects.filter(proposal=proposal).values_list(
            "region", "load_rate", "sales_minor", "before_id", "after_id", "latitude", "longitude", "needs"
        ),
        columns=["region", "load", "sales", "before", "after", "latitude", "longitude", "needs"],
    )
    asked = {UUID(each["id"]): float(each["capacity"]) for each in proposal.solved["territories"]}
    found = {each.id: each for each in Territory.objects.filter(id__in=asked)}
    territories = [found[key] for key in asked]
    place = {key: number for number, key in enumerate(asked)}
    before, after = (
        np.array([place.get(key, NOBODY) for key in rows[name].tolist()], dtype=np.int64)
        for name in ("before", "after")
    )
    patches = [Patch(each.name, asked[each.id]) for each in territories]
    skills = [skills_read(each.get("skills", ())) for each in proposal.solved["territories"]]
    loads, regions = rows["load"].to_numpy(float), rows["region"].tolist()
    now, then = (standing(loads, chosen, regions, patches) for chosen in (before, after))
    covers = covers_of(
        TerritoryAssignment.objects.filter(territory__in=asked, during__contains=proposal.starts_on), proposal.starts_on
    )
    lines = tuple(
        PatchLine(
            each,
            ", ".join(cover.holder_name for cover in covers.get(each.id, []) if cover.holder_name),
            patches[number].capacity,
            now.against_fair[number],
            then.against_fair[number],
            int((before == number).sum()),
            int((after == number).sum()),
            tuple(skill_text(skill) for skill in skills[number]),
        )
        for number, each in enumerate(territories)
    )
    sales = rows["sales"].to_numpy(float)
    ways = [travel(places_of(rows), chosen, len(patches)) for chosen in (before, after)]
    lacking = [_lacking(loads, chosen, rows["needs"].tolist(), skills) for chosen in (before, after)]
    return Comparison(
        lines,
        now,
        then,
        len(rows),
        int((before != after).sum()),
        moved(loads, before, after),
        moved(sales, before, after),
        ways[0],
        ways[1],
        lacking[0],
        lacking[1],
    )


def lacks_of(proposal: BalanceProposal, rows: Iterable[BalanceAccount]) -> dict[UUID, list[str]]:
    """Give by row the skills that its account asks for and the territory proposed for it lacks, in words."""
    held = {UUID(each["id"]): skills_read(each.get("skills", ())) for each in proposal.solved.get("territories", ())}
    lacks = {
        row.pk: lacking_of(skills_read(row.needs), held[row.after_id]) if row.after_id in held else [] for row in rows
    }
    return {key: [skill_text(skill) for skill in each] for key, each in lacks.items()}


def _lacking(
    loads: np.ndarray, chosen: np.ndarray, needs: Sequence[Sequence[Any]], skills: Sequence[Sequence[Skill]]
) -> float | None:
    """The share of the index whose skills lack; accounts of nobody and those that ask for none are left out."""
    whole = lacking = 0.0
    for load, patch, kept in zip(loads.tolist(), chosen.tolist(), needs, strict=True):
        if kept and patch != NOBODY:
            asked = skills_read(kept)
            whole += load
            lacking += load * len(lacking_of(asked, skills[patch])) / len(asked)
    return lacking / whole if whole else None


def weights_of(proposal: BalanceProposal) -> Weights:
    """Give the weights that were asked."""
    return Weights(
        **{name: float(proposal.settings.get(name, 0)) for name in (*MEASURES, "moves", "regions", "travel", "skills")}
    )


def _taking_part(parent: Territory | None) -> list[Territory]:
    """The territories right below one, or all that have none below; in the order of their names."""
    if parent is not None:
        return list(Territory.objects.filter(parent=parent).order_by("name", "code"))
    above = Territory.objects.exclude(parent=None).values("parent_id")
    return list(Territory.objects.exclude(pk__in=above).order_by("name", "code"))


def _accounts(territories: Sequence[Territory], parent: Territory | None, on: date) -> pd.DataFrame:
    """The accounts of these territories, and those that belong to the one above or, where all take part, to none."""
    held = dict(account_territories(on).values_list("account_id", "territory_id"))
    place = {each.id: number for number, each in enumerate(territories)}
    wanted = None
    if parent is not None:
        inside = {*place, parent.id}
        wanted = [str(account) for account, territory in held.items() if territory in inside]
    frame = accounts_frame(wanted)
    today = [held.get(UUID(key)) for key in frame["account_key"]]
    frame["patch"] = [NOBODY if each is None else place.get(each, NOBODY) for each in today]
    if parent is None:
        inside_now = np.array([each is None or each in place for each in today], dtype=bool)
        frame = frame[inside_now].reset_index(drop=True)
    named = {
        str(key) for key in NamedAccount.objects.filter(during__endswith=None).values_list("account_id", flat=True)
    }
    named |= {
        str(key) for key in NamedAccount.objects.filter(during__endswith__gt=on).values_list("account_id", flat=True)
    }
    frame["is_named"] = frame["account_key"].isin(named)
    return frame


def _measured(frame: pd.DataFrame, on: date, currency: str) -> tuple[pd.DataFrame, tuple[str, ...], list[Finding]]:
    """The accounts with workload, potential and sales, which of these are scores, and what is left out of them."""
    sold = sales_frame(currency=currency, start=year_before(on), end=on).set_index("account_key")
    own = (frame["currency"] == currency) | (frame["currency"] == "")
    revenue = frame["annual_revenue_minor"]
    frame["workload"] = 1
    frame["potential"] = revenue.where(own).fillna(0).astype("int64")
    frame["sales"] = frame["account_key"].map(sold["sales"]).fillna(0).astype("int64").clip(lower=0)
    frame["region"] = [" ".join(filter(None, pair)) for pair in zip(frame["country"], frame["region"], strict=True)]
    known = account_places()
    places = [known.get(key, (None, None)) for key in frame["account_key"]]
    for side, name in enumerate(("latitude", "longitude")):
        frame[name] = pd.Series([each[side] for each in places], index=frame.index, dtype=object)
    findings: list[Finding] = []
    cards = {kind: card for kind in ScoreKind if (card := card_get(kind))}
    asked = score_frame(currency, on, frame["account_key"].tolist()) if cards else frame
    for kind, card in cards.items():
        found = scored(card, asked).by_account
        frame[kind.lower()] = [found[key] or 0 for key in frame["account_key"]]
        findings += unscored(kind, sum(found[key] is None for key in frame["account_key"]))
    foreign = int((revenue.notna() & ~own).sum())
    if foreign and ScoreKind.POTENTIAL not in cards:
        what = f"{foreign} accounts state their annual revenue in another currency than {currency}"
        findings.append(_left_out("potential", what))
    if others := int(frame["account_key"].map(sold["others"]).fillna(0).sum()):
        findings.append(
            _left_out("sales", f"{others} won deals of the year before {on} are in another currency than {currency}")
        )
    return frame, tuple(cards), findings


def _left_out(measure: str, what: str) -> Finding:
    fix = f"Set the weight of {measure} to 0 where that matters, or give the amounts in the company's currency."
    return Finding("CURRENCY_LEFT_OUT", measure, f"{what}.", f"They count 0 for {measure}.", fix, Severity.WARNING)


def _vacant(territory: Territory, on: date) -> Finding:
    what, why = f"Nobody covers {territory.name} on {on}.", "It counts as one vacant seat."
    return Finding(
        "TERRITORY_VACANT", territory.name, what, why, "Assign somebody, or balance without it.", Severity.WARNING
    )
