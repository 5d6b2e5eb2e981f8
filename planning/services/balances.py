"""Asks for a proposal that evens out territories, keeps what was found, lets a person edit it, and commits it as accounts named apart."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from planning.engine.balancing import NOBODY
from planning.engine.proposing import MEASURES, POINTS, Solved, propose
from planning.engine.skills import Skill
from planning.models import BalanceAccount, BalanceProposal, BalanceState, Territory
from planning.selectors.balances import Asked, balance_asked, balance_moves, balance_standing, weights_of
from planning.services.rules import Routed, accounts_name
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE
from spm.jobs.services import job_enqueue
from spm.roles.policy import Viewer, require
from spm.tenancy.copying import insert_columns
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id

MOST_CELLS = 2_000_000
"""Accounts × territories of one proposal: the optimiser keeps a cost for each pair."""


@transaction.atomic
def balance_ask(
    *, parent_id: UUID | None, starts_on: date, settings: Mapping[str, Any], actor: Viewer
) -> BalanceProposal:
    """Ask for a proposal from a day on; it is computed by a job. Raises ValidationError for a past day or weights that count nothing."""
    require(actor, "balance.edit")
    if starts_on < actor.on:
        raise ValidationError(
            {"starts_on": f"{starts_on} is past, and history is not rewritten. Choose {actor.on} or later."}
        )
    if not any(Decimal(str(settings[name])) > 0 for name in MEASURES):
        raise ValidationError(
            "Give workload, potential or sales a weight above 0: without one, nothing tells loads apart."
        )
    parent = Territory.objects.get(pk=parent_id) if parent_id else None
    kept: dict[str, Any] = {name: str(settings[name]) for name in (*MEASURES, "moves", "regions", "band_percent")}
    kept |= {name: str(settings.get(name, 0)) for name in ("travel", "skills")}
    kept |= {"protect_minor": settings.get("protect_minor"), "is_quick": bool(settings.get("is_quick"))}
    proposal = BalanceProposal.objects.create(
        starts_on=starts_on, parent=parent, settings=kept, asked_by_name=actor.name
    )
    job_enqueue("balance", slot=str(proposal.pk), arguments={"proposal": str(proposal.pk)}, actor=actor)
    return proposal


@transaction.atomic
def balance_compute(proposal_id: UUID) -> BalanceProposal:
    """Compute a proposal and keep it; one that is computed already is left as it is."""
    proposal = BalanceProposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.state != BalanceState.ASKED:
        return proposal
    currency = Organisation.objects.get(pk=current_organisation_id()).currency
    settings = proposal.settings
    asked = balance_asked(
        parent=proposal.parent, on=proposal.starts_on, currency=currency, protect_minor=settings["protect_minor"]
    )
    too_many = _too_many(asked)
    if too_many is None:
        band = float(Decimal(settings["band_percent"]) / 100)
        weights, is_quick = weights_of(proposal), settings["is_quick"]
        solved = propose(asked.accounts, asked.patches, weights, band, fit=asked.fit, is_quick=is_quick)
        _keep(proposal, asked, solved)
        proposal.solved = _said(asked, solved, currency)
        proposal.findings = [each.as_dict() for each in (*solved.findings, *asked.findings)]
    else:
        proposal.findings = [too_many.as_dict()]
    proposal.state = BalanceState.READY
    proposal.save(update_fields=["solved", "findings", "state"])
    return proposal


@transaction.atomic
def balance_move(*, proposal_id: UUID, rows: Sequence[UUID], territory_id: UUID, actor: Viewer) -> int:
    """Give some accounts (rows of the proposal) to another of its territories; gives how many changed."""
    proposal = _editable(proposal_id, actor)
    if str(territory_id) not in {each["id"] for each in proposal.solved["territories"]}:
        raise ValidationError({"territory": "This territory takes no part in the proposal. Choose one of its table."})
    found = BalanceAccount.objects.filter(proposal=proposal, pk__in=list(rows))
    fixed = found.filter(is_fixed=True).exclude(before=territory_id).order_by("name").first()
    if fixed is not None:
        raise ValidationError(
            f"{fixed.name} is fixed: it is named apart, or protected by its sales. Nothing was moved."
        )
    return found.exclude(after=territory_id).update(after_id=territory_id)


@transaction.atomic
def balance_commit(*, proposal_id: UUID, actor: Viewer) -> Routed:
    """Name every account that moves apart for its territory, from the day of the proposal on; the rules stay as they are.

    Raises ValidationError where the day is past, nothing moves, or an account was given elsewhere since the proposal was computed.
    """
    proposal = _editable(proposal_id, actor)
    moves = list(balance_moves(proposal))
    if not moves:
        raise ValidationError("Nothing moves in this proposal. Move an account first, or ask for another proposal.")
    _not_stale(proposal)
    wanted = {str(each.account_id): each.after_id for each in moves if each.after_id is not None}
    reason = f"Balance of {proposal.starts_on}, asked by {proposal.asked_by_name}"
    routed = accounts_name(wanted=wanted, start=proposal.starts_on, reason=reason, actor=actor)
    proposal.state, proposal.committed_at, proposal.committed_by_name = (
        BalanceState.COMMITTED,
        timezone.now(),
        actor.name,
    )
    proposal.save(update_fields=["state", "committed_at", "committed_by_name"])
    return routed


@transaction.atomic
def balance_discard(*, proposal_id: UUID, actor: Viewer) -> None:
    """Throw a proposal away; one that was committed stays as its record."""
    require(actor, "balance.edit")
    proposal = BalanceProposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.state == BalanceState.COMMITTED:
        raise ValidationError("This proposal was committed and stays as the record of it.")
    BalanceAccount.objects.filter(proposal=proposal).delete()
    proposal.delete()


def _editable(proposal_id: UUID, actor: Viewer) -> BalanceProposal:
    require(actor, "balance.edit")
    proposal = BalanceProposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.state == BalanceState.ASKED:
        raise ValidationError("The proposal is still being computed. Look again in a moment.")
    if proposal.state == BalanceState.COMMITTED:
        raise ValidationError("The proposal was committed and doesn't change. Ask for another one.")
    return proposal


def _not_stale(proposal: BalanceProposal) -> None:
    """Refuse where an account that moves belongs elsewhere by now than the proposal says."""
    now = balance_standing(proposal)
    stale = [each for each in balance_moves(proposal) if now.get(each.account_id, each.account_id) != each.before_id]
    if stale:
        what = f"{len(stale)} of the accounts that move belong elsewhere since the proposal was computed, first {stale[0].name}."
        raise ValidationError(f"{what} Nothing was changed. Ask for a new proposal.")


def _too_many(asked: Asked) -> Finding | None:
    if len(asked.accounts) * len(asked.patches) <= MOST_CELLS:
        return None
    what = f"{len(asked.accounts):,} accounts and {len(asked.patches):,} territories are too many for one proposal."
    fix = "Balance the territories below one of them at a time."
    return Finding("BALANCE_TOO_LARGE", "accounts", what, "Nothing is proposed.", fix)


def _said(asked: Asked, solved: Solved, currency: str) -> dict[str, Any]:
    """What the optimiser proved, and between which territories."""
    patches = zip(asked.territories, asked.patches, asked.skills, strict=True)
    return {
        "objective": f"{solved.objective:.6f}",
        "bound": None if solved.bound is None else f"{solved.bound:.6f}",
        "gap": None if solved.gap is None else f"{solved.gap:.6f}",
        "currency": currency,
        "scores": list(asked.scores),
        "territories": [
            {"id": str(each.id), "capacity": patch.capacity, "skills": _kept(skills)} for each, patch, skills in patches
        ],
    }


def _kept(skills: Iterable[Skill]) -> list[list[str]]:
    return [[each.kind, each.name] for each in skills]


def _keep(proposal: BalanceProposal, asked: Asked, solved: Solved) -> None:
    """Write the accounts in one statement."""
    ids = [str(each.id) for each in asked.territories]
    frame = asked.accounts
    before, after = (
        [None if number == NOBODY else ids[number] for number in numbers]
        for numbers in (frame["patch"].tolist(), solved.patches.tolist())
    )
    insert_columns(
        BalanceAccount._meta.db_table,
        {
            "proposal_id": ("uuid", [str(proposal.pk)] * len(frame)),
            "account_id": ("uuid", frame["account_key"].tolist()),
            "name": ("text", frame["name"].tolist()),
            "region": ("text", frame["region"].tolist()),
            "workload": ("bigint", frame["workload"].tolist()),
            "potential": ("bigint", frame["potential"].tolist()),
            "sales_minor": ("bigint", frame["sales"].tolist()),
            "load_rate": ("bigint", [round(load / POINTS * RATE_SCALE) for load in solved.loads.tolist()]),
            "is_fixed": ("boolean", frame["is_fixed"].tolist()),
            "latitude": ("numeric", frame["latitude"].tolist()),
            "longitude": ("numeric", frame["longitude"].tolist()),
            "needs": ("jsonb", [json.dumps(_kept(asked.fit.asked_of(row))) for row in range(len(frame))]),
            "before_id": ("uuid", before),
            "after_id": ("uuid", after),
        },
    )
