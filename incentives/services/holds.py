"""Holds of pay by hand: asked for by one, approved by another, released by a further request with its own reason.

What is held stays earned, and released by its plan; it is not payable until the release is approved. Nothing that is approved changes:
a hold acts in the books that still take entries, and whom it holds in whole is left out of payouts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse

from incentives.models import Hold, HoldRelease, Plan, PlanVersion
from incentives.selectors.facts import digest_of
from incentives.selectors.hand_holding import (
    KIND,
    RELEASING,
    books_of_people,
    hold_kept,
    payable_open,
    payable_shut,
)
from incentives.selectors.periods import books_for
from incentives.services.converting import books_finish
from incentives.services.ledger import ledger_lock
from incentives.services.posting import no_books
from incentives.services.statements import run_of_books, statements_reissue
from spm.approvals.models import ApprovalRequest, ApprovalState
from spm.approvals.selectors import approval_latest, approval_open, approved_keys, things_live
from spm.approvals.services import approval_ask, approval_decide
from spm.core.findings import Finding
from spm.crm.models import Opportunity
from spm.people.models import Participant
from spm.roles.policy import Viewer, can_for, require, require_for, visible


@dataclass(frozen=True)
class HoldWish:
    """What is asked for: whose pay (None: everybody's), from which day, and why; of which plan, component and deal, None is any."""

    participant_id: UUID | None
    plan_id: UUID | None
    component: str
    starts_on: date
    reason: str
    deal_id: UUID | None = None


@transaction.atomic
def hold_ask(*, wish: HoldWish, actor: Viewer) -> Hold:
    """Ask that pay is held; the approver is shown what is payable of it now.

    Raises ValidationError where nobody is meant, the plan has no such component, or no reason is given.
    """
    require(actor, "hold.edit")
    person = _person(wish.participant_id, actor)
    _check(wish)
    _number_lock()
    hold = Hold.objects.create(
        number=(Hold.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        **(vars(wish) | {"reason": wish.reason.strip()}),
    )
    title = f"{hold} of {_whose(hold, person)}"
    _ask(hold, hold.pk, KIND, title=title, reason=hold.reason, totals=payable_open(hold), actor=actor)
    return hold


@transaction.atomic
def hold_release_ask(*, hold_id: UUID, reason: str, actor: Viewer) -> HoldRelease:
    """Ask that what a hold keeps is released; raises ValidationError where it is not on, or its release waits already."""
    _number_lock()
    hold = Hold.objects.select_related("participant", "plan", "deal").get(pk=hold_id)
    require_for(actor, "hold.edit", hold.participant_id)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is released; the reason stands on the statement."})
    given = approval_latest(KIND, hold.pk)
    if given is None or given.state != ApprovalState.APPROVED:
        raise ValidationError(f"{hold} was not approved, so it holds nothing and needs no release.")
    for state in things_live(RELEASING, HoldRelease.objects.filter(hold=hold)).values_list("state", flat=True):
        said = "is released already" if state == ApprovalState.APPROVED else "waits for its release already"
        raise ValidationError(f"{hold} {said}. Nothing was changed.")
    release = HoldRelease.objects.create(
        hold=hold, reason=reason.strip(), asked_by_id=actor.user_id, asked_by_name=actor.name
    )
    title = f"Release of {hold}, {_whose(hold, hold.participant)}"
    _ask(hold, release.pk, RELEASING, title=title, reason=release.reason, totals=hold_kept(hold), actor=actor)
    return release


@transaction.atomic
def hold_approve(*, hold_id: UUID, actor: Viewer, reason: str = "") -> list[Finding]:
    """Approve what waits of a hold, itself or its release, and post what follows; gives why something could not be posted."""
    require(actor, "hold.approve")
    hold = Hold.objects.get(pk=hold_id)
    waiting = hold_waiting(hold)
    if waiting is None:
        raise ValidationError("Nothing waits for a decision here.")
    return list(approval_decide(request_id=waiting.pk, is_approved=True, actor=actor, reason=reason).findings)


def hold_approved(request: ApprovalRequest, actor: Viewer) -> list[Finding]:
    """Post what follows the approval of a hold, or of its release; gives which books it does not reach."""
    is_own = request.kind == KIND
    key = request.key if is_own else HoldRelease.objects.values_list("hold", flat=True).get(pk=request.key)
    return _apply(Hold.objects.get(pk=key), actor)


def hold_waiting(hold: Hold) -> ApprovalRequest | None:
    """Give the request about a hold, or about its release, that waits for a decision."""
    own = approval_open(KIND, hold.pk)
    if own is not None:
        return own
    found = (
        approval_open(RELEASING, one) for one in HoldRelease.objects.filter(hold=hold).values_list("pk", flat=True)
    )
    return next((one for one in found if one is not None), None)


@transaction.atomic
def holds_apply(*, period: Any, actor: Viewer, people: Iterable[str] | None = None) -> set[str]:
    """Bring the books of a period to what the approved holds say, and issue the statements that it changes."""
    changed = books_finish(period=period, actor=actor, people=None if people is None else sorted(people))
    if changed:
        statements_reissue(period=period, run=run_of_books(period), people=changed)
    return changed


def _apply(hold: Hold, actor: Viewer) -> list[Finding]:
    """In every open books that hold something of it, the earliest first; what shut books kept is given back in the next open ones."""
    ledger_lock()
    people = None if hold.participant_id is None else [str(hold.participant_id)]
    findings, places = [], {}
    for period in books_of_people(people):
        books = books_for(period, actor.on)
        if books is not None:
            places[books.id] = books
        elif hold_kept(hold):
            findings = [no_books(period)]
    for books in sorted(places.values(), key=lambda one: one.during.lower):
        holds_apply(period=books, actor=actor, people=people)
    is_over = HoldRelease.objects.filter(hold=hold, pk__in=approved_keys(RELEASING)).exists()
    keys = [] if is_over else sorted({one.period_key for one in payable_shut(hold)})
    return [*findings, *(_not_reached(hold, key) for key in keys)]


def _not_reached(hold: Hold, period_key: str) -> Finding:
    """Say that books which take no entries keep what a hold of a plan, a component or a deal means as it was approved."""
    return Finding(
        "HOLD_AFTER_REVIEW",
        period_key,
        f"{hold} does not hold what the books of {period_key} have payable: they are reviewed or approved and take no entries.",
        "The payout of that period pays it.",
        "Reopen the period before it is paid, or hold all pay of the person: who is held in whole is left out of payouts.",
        about=(("period_key", period_key),),
    )


def _person(participant_id: UUID | None, actor: Viewer) -> Participant | None:
    """Whose pay it is, None for everybody's; raises ValidationError for what is not within reach."""
    if participant_id is None:
        if not can_for(actor, "hold.edit", None):
            raise ValidationError({"participant": "Name a person: your role reaches a part of the company."})
        return None
    rows = visible(actor, Participant.objects.all(), participant="pk", action="hold.edit")
    person = rows.filter(pk=participant_id).first()
    if person is None:
        raise ValidationError({"participant": "This person is not known. Choose somebody of the company."})
    return person


def _check(wish: HoldWish) -> None:
    if wish.participant_id is None and wish.plan_id is None and wish.deal_id is None:
        raise ValidationError("Say whose pay is held: of a person, a plan or a deal.")
    if wish.deal_id is not None and not Opportunity.objects.filter(pk=wish.deal_id).exists():
        raise ValidationError({"deal": "This deal is not known. Choose one of the company, or none."})
    if not wish.reason.strip():
        raise ValidationError({"reason": "Say why; the reason stands on the statement."})
    if wish.plan_id is None:
        if wish.component:
            raise ValidationError({"component": "A component belongs to a plan. Name the plan, or leave both out."})
        return
    plan = Plan.objects.filter(pk=wish.plan_id).first()
    if plan is None:
        raise ValidationError({"plan": "This plan is not known. Choose one of the company, or none."})
    known = {
        str(each.get("key")) for one in PlanVersion.objects.filter(plan=plan) for each in one.definition["components"]
    }
    if wish.component and wish.component not in known:
        raise ValidationError(
            {"component": f"{plan} has no component {wish.component}. It has: {', '.join(sorted(known))}."}
        )


def _whose(hold: Hold, person: Participant | None) -> str:
    named = [person.name] if person is not None else []
    if hold.plan is not None:
        named.append(f"{hold.plan}: {hold.component}" if hold.component else str(hold.plan))
    if hold.deal is not None:
        named.append(f"deal {hold.deal.source_key}")
    return ", ".join(named)


def _ask(
    hold: Hold, key: UUID, kind: str, *, title: str, reason: str, totals: list[dict[str, Any]], actor: Viewer
) -> ApprovalRequest:
    """Ask for the decision; whose pay it is does not take it."""
    rows = Participant.objects.select_related("membership")
    people = rows.none() if hold.participant_id is None else rows.filter(pk=hold.participant_id)
    return approval_ask(
        kind=kind,
        key=key,
        content=digest_of([str(key), str(hold.pk), reason]),
        action="hold.approve",
        title=title,
        url=reverse("incentives:hold_detail", args=[hold.pk]),
        reason=reason,
        authors=[one.membership.user_id for one in people if one.membership is not None],
        totals=totals,
        about_id=hold.participant_id,
        actor=actor,
    )


def _number_lock() -> None:
    """Let one request about holds wait for another, so that numbers have no gap and one hold is released once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('hold:' || current_setting('app.organisation_id'), 0))"
        )
