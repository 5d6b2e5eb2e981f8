"""What waits, what was decided, and the answer that a module asks for before it acts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, OuterRef, Q, QuerySet, Subquery, When

from spm.approvals.following import about_only
from spm.approvals.models import (
    KINDS,
    ApprovalRequest,
    ApprovalRoute,
    ApprovalState,
    ApprovalStep,
    Basis,
    Deputy,
    ReminderPolicy,
)
from spm.approvals.routing import (
    Line,
    Member,
    StepPreview,
    deputies_on,
    members_on,
    names,
    narrowed_of,
    route_for,
    route_preview,
)
from spm.people.models import Participant
from spm.roles.catalogue import ROLE_ACTIONS, WHOLE_COMPANY
from spm.roles.models import Reach
from spm.roles.policy import Viewer, refusal, require, visible
from spm.tenancy.models import Organisation


@dataclass(frozen=True)
class Desk:
    """Who decides, and for whom: read once for any number of requests."""

    viewer: Viewer
    member: Member
    is_single: bool
    principals: tuple[tuple[Member, frozenset[str]], ...] = ()

    def obstacle(self, request: ApprovalRequest, steps: Sequence[ApprovalStep]) -> str:
        """Say why the viewer can't answer the step whose turn it is; nothing where they can."""
        step = step_open(steps)
        if request.state != ApprovalState.OPEN or step is None:
            return f"It is {request.state} already."
        if not self._is_named(request, step):
            return self._unnamed(request, step)
        if self.is_single:
            return ""
        if self.viewer.user_id is None:
            return "A person has to decide this, not a command or a task."
        if self.viewer.user_id in request.barred_ids:
            return "You asked for it or wrote it, so somebody else decides."
        if any(each.decided_by_id == self.viewer.user_id for each in steps):
            return "You answered an earlier step of it, so somebody else answers this one."
        if self._is_own(request, step) or self.answers_for(request, step) is not None:
            return ""
        return "You would answer for somebody who asked for it or wrote it, so somebody else decides."

    def answers_for(self, request: ApprovalRequest, step: ApprovalStep) -> Member | None:
        """Give the person for whom the viewer answers as a deputy; None where they answer for themselves or not at all."""
        if self._is_own(request, step):
            return None
        return next((each for each in self._named(request, step) if each.user_id not in request.barred_ids), None)

    def _is_named(self, request: ApprovalRequest, step: ApprovalStep) -> bool:
        return self._is_own(request, step) or bool(self._named(request, step))

    def _is_own(self, request: ApprovalRequest, step: ApprovalStep) -> bool:
        if not self.viewer.can("approval.decide"):
            return False
        if self.viewer.is_system:
            return step.basis == Basis.RIGHT
        return names(step, request, self.member)

    def _named(self, request: ApprovalRequest, step: ApprovalStep) -> list[Member]:
        if not self.viewer.can("approval.decide"):
            return []
        return [
            each
            for each, actions in self.principals
            if (not actions or request.action in actions) and names(step, request, each)
        ]

    def _unnamed(self, request: ApprovalRequest, step: ApprovalStep) -> str:
        if step.basis == Basis.RIGHT and self.viewer.can(request.action):
            return "It is about people beyond your reach too. Somebody who reaches all of them decides."
        if step.basis == Basis.RIGHT:
            return refusal(self.viewer, request.action)
        return f"The route names somebody else to answer now: {str(step).lower()}."


def desk_of(viewer: Viewer) -> Desk:
    """Give the desk of a viewer, with the people for whom they are deputy today."""
    roles, narrowed = frozenset(viewer.roles), narrowed_of(viewer.narrowed)
    member = Member(viewer.user_id or 0, viewer.membership_id or 0, viewer.name, roles, narrowed, viewer.on)
    held = dict(deputies_on(viewer.on).filter(deputy_id=viewer.user_id or 0).values_list("person_id", "actions"))
    persons = members_on(viewer.on, list(held)) if held else []
    principals = tuple((each, frozenset(held[each.user_id])) for each in persons)
    return Desk(viewer, member, is_single_operator(viewer), principals)


def step_open(steps: Sequence[ApprovalStep]) -> ApprovalStep | None:
    """Give the step whose turn it is: the first one without an answer."""
    return next((each for each in steps if each.decided_at is None), None)


def steps_list(requests: Iterable[ApprovalRequest]) -> dict[UUID, list[ApprovalStep]]:
    """Give the steps of each request in their order; one asked before there were routes has the one step by right."""
    found: dict[UUID, list[ApprovalStep]] = {request.pk: [] for request in requests}
    for step in ApprovalStep.objects.filter(request__in=found).order_by("number"):
        found[step.request_id].append(step)
    for request in requests:
        if not found[request.pk]:
            found[request.pk] = [first_step(request)]
    return found


def first_step(request: ApprovalRequest) -> ApprovalStep:
    """Give the one step, unsaved, of a request from before there were routes; it tells how that was decided."""
    return ApprovalStep(
        request=request,
        number=1,
        basis=Basis.RIGHT,
        barred_ids=request.barred_ids,
        opened_at=request.asked_at,
        is_approved=None if request.decided_at is None else request.state == ApprovalState.APPROVED,
        decided_by_id=request.decided_by_id,
        decided_by_name=request.decided_by_name,
        decided_at=request.decided_at,
        decision=request.decision,
        is_single_operator=request.is_single_operator,
    )


def approval_list(viewer: Viewer, *, is_open: bool | None = None) -> QuerySet[ApprovalRequest]:
    """Give the requests that the viewer may see, latest first: all with reach over the company, else those that ask or asked them."""
    rows = ApprovalRequest.objects.select_related("asked_by", "decided_by").order_by("-asked_at", "-pk")
    if not viewer.can("approval.view"):
        return rows.none()
    if viewer.acting("approval.view").reach is not Reach.ALL:
        rows = rows.filter(_concerning(viewer))
    if is_open is None:
        return rows
    return rows.filter(state=ApprovalState.OPEN) if is_open else rows.exclude(state=ApprovalState.OPEN)


def approval_thread(viewer: Viewer, request: ApprovalRequest) -> list[ApprovalRequest]:
    """Give every request about the same thing, earliest first: what was asked and answered before, and since."""
    rows = approval_list(viewer).filter(kind=request.kind, key=request.key)
    return list(rows.order_by("asked_at", "pk"))


def approvals_for(viewer: Viewer) -> list[ApprovalRequest]:
    """Give the open requests that the viewer may decide, the longest waiting first."""
    if not viewer.can("approval.decide"):
        return []
    waiting = list(approval_list(viewer, is_open=True).order_by("asked_at", "pk"))
    steps, desk = steps_list(waiting), desk_of(viewer)
    return [request for request in waiting if not desk.obstacle(request, steps[request.pk])]


def _concerning(viewer: Viewer) -> Q:
    """What asks the viewer or somebody whose deputy they are, what they asked for themselves, and what they answered."""
    desk = desk_of(viewer)
    concerned = Q(asked_by=viewer.user_id or 0)
    answered = Q(decided_by=viewer.user_id or 0)
    for member, actions in ((desk.member, frozenset()), *desk.principals):
        named = _naming(member)
        answered |= named & Q(request__action__in=sorted(actions)) if actions else named
    return concerned | Q(pk__in=ApprovalStep.objects.filter(answered).values("request_id"))


def _naming(member: Member) -> Q:
    """The steps that name the member, as `names` tells of one."""
    found = _naming_roles(member, member.whole)
    for role, reach in member.narrowed:
        within = ApprovalRequest.objects.filter(about_only(member.reached(reach))).exclude(action__in=WHOLE_COMPANY)
        found |= _naming_roles(member, {role}) & Q(request__in=within)
    return found


def _naming_roles(member: Member, roles: Collection[str]) -> Q:
    rights = {action for role in roles for action in ROLE_ACTIONS[role]}
    named = Q(basis=Basis.ROLE, role__in=sorted(roles)) | Q(basis=Basis.RIGHT, request__action__in=sorted(rights))
    return named | Q(asked_ids__contains=[member.user_id]) if "approval.decide" in rights else named


def approval_obstacle(viewer: Viewer, request: ApprovalRequest) -> str:
    """Say why the viewer can't decide the request; nothing where they can."""
    return desk_of(viewer).obstacle(request, steps_list([request])[request.pk])


def approval_latest(kind: str, key: UUID) -> ApprovalRequest | None:
    """Give the latest request about a thing that was not withdrawn, or None."""
    return _standing().filter(kind=kind, key=key).order_by("-asked_at", "-pk").first()


def approval_open(kind: str, key: UUID) -> ApprovalRequest | None:
    """Give the request about a thing that waits for a decision, or None."""
    return ApprovalRequest.objects.filter(kind=kind, key=key, state=ApprovalState.OPEN).first()


def approval_given(kind: str, key: UUID, content: str) -> ApprovalRequest | None:
    """Give the approval of exactly this content; None where there is none, it was declined, or the thing has changed since."""
    latest = approval_latest(kind, key)
    is_given = latest is not None and latest.state == ApprovalState.APPROVED and latest.content == content
    return latest if is_given else None


def approval_state(kind: str, *, key: str = "pk", content: str = "", is_request: bool = False) -> Subquery:
    """Give an expression: the state of the latest request about the row, null where there is none.

    With `content`, the name of the row's column that holds its digest, a request about anything else than the present content is none.
    A row that `is_request`, which nobody asks for twice, is withdrawn with it; any other is as if nobody had asked.
    """
    standing = ApprovalRequest.objects.all() if is_request else _standing()
    rows = standing.filter(kind=kind, key=OuterRef(key))
    if content:
        rows = rows.filter(content=OuterRef(content))
    return Subquery(rows.order_by("-asked_at", "-pk").values("state")[:1])


def things_live(kind: str, things: QuerySet[Any], *, key: str = "pk") -> QuerySet[Any]:
    """Give those of some things whose request, found by a column of theirs, waits or was approved, each with that `state`."""
    rows = things.annotate(state=approval_state(kind, key=key))
    return rows.filter(state__in=(ApprovalState.OPEN, ApprovalState.APPROVED))


def approved_keys(kind: str) -> QuerySet[ApprovalRequest, Any]:
    """Give the keys of the things of a kind that were approved, for an `__in`."""
    return ApprovalRequest.objects.filter(kind=kind, state=ApprovalState.APPROVED).values("key")


def is_single_operator(viewer: Viewer) -> bool:
    """Tell whether the company's settings say that one person may ask and approve."""
    return Organisation.objects.filter(pk=viewer.organisation.pk, is_single_operator=True).exists()


def _standing() -> QuerySet[ApprovalRequest]:
    return ApprovalRequest.objects.exclude(state=ApprovalState.WITHDRAWN)


@dataclass(frozen=True)
class RouteAsked:
    """Who would have to approve something: the route, or None for the one answer by right, and its steps."""

    route: ApprovalRoute | None
    steps: list[StepPreview]


def route_asked(viewer: Viewer, kind: str, lines: Sequence[Line], about: Participant | None) -> RouteAsked:
    """Give the route that the viewer's request of the kind would take today, and who could answer it."""
    require(viewer, "route.view")
    route = route_for(kind, lines, asked_by_roles=viewer.roles, on=viewer.on)
    about_id = None if about is None else about.pk
    barred = [] if viewer.user_id is None else [viewer.user_id]
    return RouteAsked(route, route_preview(route, KINDS[kind][1], about_id, barred=barred, on=viewer.on))


def route_list(viewer: Viewer) -> QuerySet[ApprovalRoute]:
    """Give all routes by kind and place; `is_now` tells those that hold today."""
    require(viewer, "route.view")
    now = Case(When(during__contains=viewer.on, then=True), default=False, output_field=BooleanField())
    return ApprovalRoute.objects.annotate(is_now=now).order_by("kind", "position", "during")


def deputy_list(viewer: Viewer) -> QuerySet[Deputy]:
    """Give who answers for whom, latest first: all with reach over the company, else those that the viewer is part of."""
    require(viewer, "route.view")
    rows = Deputy.objects.order_by("-during", "pk")
    if viewer.acting("route.view").reach is Reach.ALL:
        return rows
    return rows.filter(Q(person=viewer.user_id) | Q(deputy=viewer.user_id))


def decider_list(viewer: Viewer) -> list[Member]:
    """Give the members who may decide requests today, by name."""
    require(viewer, "route.view")
    return [each for each in members_on(viewer.on) if each.can("approval.decide")]


def preview_people(viewer: Viewer) -> QuerySet[Participant]:
    """Give the people within reach of the viewer's right to see routes."""
    return visible(viewer, Participant.objects.order_by("name"), participant="pk", action="route.view")


def reminder_policy() -> ReminderPolicy:
    """Give after how many days the company is reminded; without a choice of its own, the usual ones."""
    return ReminderPolicy.objects.first() or ReminderPolicy()


@dataclass(frozen=True)
class ApprovalRow:
    """A request in a list: the step whose turn it is, and why the viewer can't answer it (empty: they can)."""

    request: ApprovalRequest
    step: ApprovalStep | None
    step_count: int
    obstacle: str

    @property
    def is_mine(self) -> bool:
        """Tell whether the viewer can answer it now."""
        return not self.obstacle

    @property
    def mark(self) -> str:
        """Give what names the request together with the step that is shown."""
        return f"{self.request.pk}:{self.step.number if self.step is not None else 0}"


def approval_rows(viewer: Viewer, requests: Iterable[ApprovalRequest]) -> list[ApprovalRow]:
    """Give the requests with what the viewer can do about each."""
    found = list(requests)
    desk, steps = desk_of(viewer), steps_list(found)
    return [
        ApprovalRow(each, step_open(steps[each.pk]), len(steps[each.pk]), desk.obstacle(each, steps[each.pk]))
        for each in found
    ]


def totals_of(requests: Iterable[ApprovalRequest]) -> list[dict[str, Any]]:
    """Give what the amounts of requests come to, by what they are and by currency: what is earned is never added to what is payable."""
    sums: dict[tuple[str, str], int] = {}
    for request in requests:
        for total in request.totals:
            place = total["label"], total["currency"]
            sums[place] = sums.get(place, 0) + int(total["amount_minor"])
    return [
        {"label": label, "amount_minor": minor, "currency": currency}
        for (label, currency), minor in sorted(sums.items())
    ]


def approval_people(requests: Iterable[ApprovalRequest]) -> dict[UUID, set[int]]:
    """Give of each request everybody who asked for, wrote or answered it, and for whom deputies answered: who pays is none of them."""
    found = {one.pk: {*one.barred_ids, one.asked_by_id, one.decided_by_id} for one in requests}
    answered = ApprovalStep.objects.filter(request__in=found).values_list(
        "request_id", "decided_by_id", "decided_for_id"
    )
    for key, *people in answered:
        found[key] |= set(people)
    return {key: {each for each in people if each is not None} for key, people in found.items()}
