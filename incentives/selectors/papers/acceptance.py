"""Who was sent which plan document, what became of it, and whose pay it holds. Reads are cut to the viewer's reach."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from incentives.models import (
    AcceptancePolicy,
    DocumentEvent,
    DocumentPolicy,
    DocumentStep,
    PlanDocument,
    PlanState,
    PlanVersion,
)
from incentives.selectors.papers.plan_document import people_on
from spm.roles.policy import Viewer, visible

ANSWERS = (DocumentStep.ACCEPTED, DocumentStep.DECLINED)
STATES = ("sent", "read", "accepted", "declined", "replaced")


def policy_get() -> str:
    """Give what pay makes of a document that is not accepted."""
    found = DocumentPolicy.objects.first()
    return found.policy if found else AcceptancePolicy.PAY_ANYWAY


def document_rows() -> QuerySet[Any]:
    """Give all documents with what became of them; for services. `answer` is empty until there is one."""
    events = DocumentEvent.objects.filter(document=OuterRef("pk"))
    newer = PlanDocument.objects.filter(
        participant=OuterRef("participant"), plan=OuterRef("plan"), number__gt=OuterRef("number")
    )
    answer = events.filter(step__in=ANSWERS)
    return (
        PlanDocument.objects.defer("content", "blocks")
        .select_related("participant", "plan", "plan_version")
        .annotate(
            answer=Subquery(answer.values("step")[:1]),
            answered_at=Subquery(answer.values("at")[:1]),
            reason=Subquery(answer.values("reason")[:1]),
            read_at=Subquery(events.filter(step=DocumentStep.READ).values("at")[:1]),
            is_replaced=Exists(newer),
        )
        .order_by("-sent_at", "participant__name", "pk")
    )


def document_list(viewer: Viewer, *, state: str = "", query: str = "") -> QuerySet[Any]:
    """Give the documents within reach, latest first."""
    rows = visible(viewer, document_rows())
    filters = {
        "sent": Q(answer=None, read_at=None, is_replaced=False),
        "read": Q(answer=None, read_at__isnull=False, is_replaced=False),
        "accepted": Q(answer=DocumentStep.ACCEPTED, is_replaced=False),
        "declined": Q(answer=DocumentStep.DECLINED, is_replaced=False),
        "replaced": Q(is_replaced=True),
    }
    if state in filters:
        rows = rows.filter(filters[state])
    return rows.filter(participant__name__icontains=query) if query else rows


def state_of(document: Any) -> str:
    """Give where a document of `document_rows` stands."""
    if document.is_replaced:
        return "replaced"
    return document.answer or ("read" if document.read_at else "sent")


def document_counts(viewer: Viewer) -> dict[str, int]:
    """Count the documents within reach by where they stand."""
    return {state: document_list(viewer, state=state).count() for state in STATES}


def document_events(document: PlanDocument) -> QuerySet[DocumentEvent]:
    """Give what became of a document, earliest first."""
    return DocumentEvent.objects.filter(document=document).order_by("at", "pk")


def answer_of(document: PlanDocument) -> DocumentEvent | None:
    """Give the answer to a document."""
    return DocumentEvent.objects.filter(document=document, step__in=ANSWERS).first()


def document_before(document: PlanDocument) -> PlanDocument | None:
    """Give the document that was sent before of the same plan to the same person."""
    same = PlanDocument.objects.filter(participant=document.participant_id, plan=document.plan_id)
    return same.filter(number=document.number - 1).first()


def documents_unaccepted(people: Iterable[UUID], period: Any) -> dict[UUID, str]:
    """Give whose pay of a period waits for a plan document, each with the reason; empty unless the company holds pay.

    Settlement asks this before it releases. Everybody on a published plan of the period's days is meant: who was sent nothing can accept
    nothing, and the reason says so.
    """
    if policy_get() != AcceptancePolicy.HOLD_UNTIL_ACCEPTED:
        return {}
    return documents_missing(people, period)


def documents_missing(people: Iterable[UUID], period: Any) -> dict[UUID, str]:
    """Give who has not accepted the document of a plan that pays the period, whatever the company makes of it."""
    asked = set(people)
    versions = PlanVersion.objects.filter(state=PlanState.PUBLISHED, during__overlap=period.during)
    found: dict[UUID, str] = {}
    for version in versions.select_related("plan").order_by("plan__code", "number"):
        on_plan = asked & {one.pk for one in people_on(version, on=version.during.lower)}
        found |= _waiting(version, on_plan - found.keys())
    return found


def _waiting(version: PlanVersion, people: Collection[UUID]) -> dict[UUID, str]:
    latest = {one.participant_id: one for one in document_rows().filter(plan_version=version, is_replaced=False)}
    found = {}
    for who in people:
        one = latest.get(who)
        if one is None:
            found[who] = _("No plan document of %(plan)s was sent.") % {"plan": version.plan.name}
        elif one.answer != DocumentStep.ACCEPTED:
            words = {"sent": _("not read"), "read": _("not answered"), "declined": _("declined")}
            found[who] = _("The plan document of %(plan)s is %(state)s.") % {
                "plan": version.plan.name,
                "state": words[state_of(one)],
            }
    return found
