"""The nightly part that brings waiting requests to mind, and passes up the reporting line what waits too long. No figures in mail."""

from datetime import date, timedelta

from spm.approvals.models import ApprovalRequest, ApprovalState, ApprovalStep, ReminderPolicy
from spm.approvals.routing import above_members, answering
from spm.approvals.selectors import reminder_policy, steps_list
from spm.approvals.services import tell
from spm.core.steps import StepOutcome
from spm.roles.policy import member_ids_of
from spm.tenancy.models import Organisation


class ReminderPart:
    """The nightly part of approvals: doing it twice on a day tells nobody twice."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Name the one step."""
        return ["approvals"] if ApprovalRequest.objects.filter(state=ApprovalState.OPEN).exists() else []

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Remind and pass up what is due by the company's policy."""
        policy = reminder_policy()
        reminded = escalated = 0
        requests = list(ApprovalRequest.objects.filter(state=ApprovalState.OPEN).order_by("pk"))
        steps = steps_list(requests)
        for request in requests:
            current = next((each for each in steps[request.pk] if each.decided_at is None), None)
            if current is None:
                continue
            began = organisation.day_of(current.opened_at or request.asked_at)
            escalated += _pass_up(request, current, policy, day, began)
            reminded += _remind(request, current, policy, day, began)
        return StepOutcome(outcome={"reminded": reminded, "passed up": escalated})


def _remind(request: ApprovalRequest, step: ApprovalStep, policy: ReminderPolicy, day: date, began: date) -> int:
    since = max(began, step.reminded_on or date.min)
    if not policy.remind_after_days or day < since + timedelta(days=policy.remind_after_days):
        return 0
    others = [each.membership_id for each in answering(step, request, on=day)]
    body = f"It has waited for {(day - began).days} days."
    tell(request, others, title=f"Still waits: {request.title}", body=body, slot=f"reminder:{day}")
    step.reminded_on = day
    step.save()
    return 1


def _pass_up(request: ApprovalRequest, step: ApprovalStep, policy: ReminderPolicy, day: date, began: date) -> int:
    """Name the next person above beside those who were asked, every so many days one further up."""
    since = max(began, step.escalated_on or date.min)
    if not policy.escalate_after_days or day < since + timedelta(days=policy.escalate_after_days):
        return 0
    asked = sorted({*step.asked_ids, *(each.user_id for each in answering(step, request, on=day))})
    above = above_members(asked, on=day, barred=request.barred_ids)
    step.escalated_on = day
    step.note = step.note if above else "Nobody stands above in the reporting line, so it was not passed up."
    step.asked_ids = sorted({*step.asked_ids, *above})
    step.save()
    title = f"Passed up to you: {request.title}"
    tell(request, member_ids_of(above), title=title, body=request.reason, slot=f"escalated:{day}")
    return 1 if above else 0
