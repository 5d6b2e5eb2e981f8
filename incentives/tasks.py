"""What incentives does at night, and when somebody starts a run: calculate each open period, post the differences, tell who it concerns.

Each step is one transaction and does nothing a second time. No figures leave by mail.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from incentives.engine.expense.policy import month_first, month_number
from incentives.models import ExpenseBook, PlanVersion, Run
from incentives.selectors.expense.books import months_due
from incentives.selectors.facts import periods_open
from incentives.selectors.nights import night_forget
from incentives.selectors.papers.bundles import papers_parts
from incentives.selectors.proving import periods_stated
from incentives.selectors.reviews import cost_periods
from incentives.selectors.trials import Question, period_try
from incentives.services.adjustments import adjustments_post
from incentives.services.disputes import disputes_remind
from incentives.services.evidence import STEPS, evidence_step
from incentives.services.expense.closing import month_close
from incentives.services.expense.taking import Taken, book_take
from incentives.services.notices import statement_notices_send
from incentives.services.openings import openings_post
from incentives.services.papers import papers_make
from incentives.services.plan_documents import documents_part_send, documents_parts, documents_remind
from incentives.services.posting import run_post
from incentives.services.proving import statements_prove
from incentives.services.reviews import review_cost_keep, review_cost_try, review_gaming_keep, review_waits
from incentives.services.runs import changes_calculate, run_calculate, run_latest
from incentives.services.statements import statements_complete
from incentives.services.trials import trial_part_keep
from planning.selectors import period_get
from spm.core.findings import Finding, Severity
from spm.core.steps import StepOutcome
from spm.jobs.models import Job
from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id


class CalculatePart:
    """The nightly part that calculates and posts every open period."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Name a calculation and a posting for each period that has begun and that a published plan pays."""
        return [f"{verb}:{period.key}" for period in periods_open(day) for verb in ("calculate", "post")]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Calculate or post one period."""
        verb, _, key = step.partition(":")
        periods = periods_open(day)
        period = next((each for each in periods if each.key == key), None)
        if period is None:
            return StepOutcome(outcome={"skipped": f"No published plan pays {key} any more."})
        actor = viewer_of_system(organisation, on=day, name="Nightly job")
        if verb == "post":
            return post(period.id, actor)
        outcome = _calculated(*run_calculate(period_id=period.id, actor=actor, night=day))
        if key == periods[-1].key:
            night_forget()
        return outcome


class ExpensePart:
    """The nightly part that takes into each book what was posted, and closes its months that have ended."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Name a close for each month that is due, and one taking, book by book."""
        books = list(ExpenseBook.objects.order_by("code"))
        closes = [f"close:{book.code}:{month_first(number)}" for book in books for number in months_due(book, day)]
        return [*closes, *(f"take:{book.code}" for book in books)]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Take, or close one month."""
        verb, code, *month = step.split(":")
        book = ExpenseBook.objects.get(code=code)
        actor = viewer_of_system(organisation, on=day, name="Nightly job")
        if verb == "take":
            return _taken(book_take(book_id=book.pk, actor=actor))
        number = month_number(date.fromisoformat(month[0]))
        return _taken(month_close(book_id=book.pk, number=number, actor=actor))


class ExpenseWork:
    """The work of bringing the books up to date that somebody started."""

    def steps(self, job: Job) -> list[str]:
        """Name the steps of the nightly part."""
        return ExpensePart().steps(*_company_day(job))

    def run(self, job: Job, step: str) -> StepOutcome:
        """Do one of them."""
        return ExpensePart().run(*_company_day(job), step)


def _company_day(job: Job) -> tuple[Organisation, date]:
    """The company of a job, and the day on which it was queued there."""
    organisation = Organisation.objects.get(pk=current_organisation_id())
    return organisation, organisation.day_of(job.queued_at)


def _taken(taken: Taken) -> StepOutcome:
    outcome = {"periods": taken.periods, "entries": taken.entries}
    return StepOutcome(findings=tuple(taken.findings), outcome=outcome)


class NoticePart:
    """The nightly part that tells people whose statement changed, in the product and without figures in mail."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Name the one step."""
        return ["statements"]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Leave a notice for each member whose latest statement has none, and remind of plan documents and of disputes that wait."""
        actor = viewer_of_system(organisation, on=day, name="Nightly job")
        told = {"notices": statement_notices_send(), "reminded": documents_remind(actor=actor)}
        return StepOutcome(outcome=told | {"disputes": disputes_remind(on=day)})


class ProofPart:
    """The nightly part that holds every period's statements against the ledger, after both were written."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Name a step for each period that has statements."""
        return [f"prove:{period.id}" for period in periods_stated()]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Prove one period: every line that differs is a finding, and finance is told of the first."""
        period = period_get(UUID(step.partition(":")[2]))
        found = statements_prove(period=period, actor=viewer_of_system(organisation, on=day, name="Nightly job"))
        return StepOutcome(findings=found, outcome={"period": period.key, "differ": len(found)})


class RunWork:
    """The work of a run that somebody started for one period (`arguments["period"]`): only what changed, with the figures of everybody."""

    def steps(self, job: Job) -> list[str]:
        """Name the calculation and the posting."""
        return ["calculate", "post", "notices"]

    def run(self, job: Job, step: str) -> StepOutcome:
        """Do one of them."""
        organisation, on = _company_day(job)
        period_id = UUID(job.arguments["period"])
        actor = viewer_of_system(organisation, on=on, name=f"Run started by {job.asked_by or 'the system'}")
        if step == "notices":
            return NoticePart().run(organisation, on, "statements")
        if step == "post":
            return post(period_id, actor)
        return _calculated(*changes_calculate(period_id=period_id, actor=actor, job_id=job.pk))


class PaperWork:
    """The work of making the statements of a period as PDF files, a part of them in each step, and of telling whom they are about."""

    def steps(self, job: Job) -> list[str]:
        """Name the parts."""
        return [*papers_parts(job), "notices"]

    def run(self, job: Job, step: str) -> StepOutcome:
        """Make the files of one part."""
        if step == "notices":
            return StepOutcome(outcome={"notices": statement_notices_send()})
        return StepOutcome(outcome={"files": papers_make(job, int(step))})


class EvidenceWork:
    """The work of putting the evidence of a period together, some files in each step."""

    def steps(self, job: Job) -> list[str]:
        """Name the steps; the first one finds out which runs' facts come between."""
        return list(STEPS)

    def run(self, job: Job, step: str) -> StepOutcome:
        """Make the files of one step."""
        return evidence_step(job, step)


class DocumentWork:
    """The work of sending the document of a plan version to everybody on it, some people in each step."""

    def steps(self, job: Job) -> list[str]:
        """Name the parts."""
        return documents_parts(job)

    def run(self, job: Job, step: str) -> StepOutcome:
        """Send to the people of one part."""
        organisation, on = _company_day(job)
        actor = viewer_of_system(organisation, on=on, name=job.asked_by or "the system")
        return StepOutcome(outcome={"documents": documents_part_send(job, int(step), actor=actor)})


class ReviewWork:
    """The work of computing what an approver of a plan version is shown: a step for each period, then the cost, then gaming."""

    def steps(self, job: Job) -> list[str]:
        """Name the steps."""
        version = PlanVersion.objects.select_related("plan").get(pk=job.arguments["version"])
        periods = cost_periods(version, on=_company_day(job)[1])
        return [*(str(one.pk) for one in periods), *(["cost"] if periods else []), "gaming"]

    def run(self, job: Job, step: str) -> StepOutcome:
        """Do one of them; nothing where somebody has answered in the meantime."""
        request_id = UUID(job.arguments["request"])
        version = PlanVersion.objects.select_related("plan").filter(pk=job.arguments["version"]).first()
        if version is None or not review_waits(request_id):
            return StepOutcome(
                outcome={"skipped": "The request was answered or taken back before its figures were there."}
            )
        if step == "gaming":
            review_gaming_keep(version, request_id)
        elif step == "cost":
            periods = [UUID(one) for one in (job.plan or self.steps(job)) if one not in ("cost", "gaming")]
            review_cost_keep(version, periods, request_id, now=job.queued_at)
        else:
            try:
                review_cost_try(version, UUID(step), request_id, now=job.queued_at)
            except ValueError as refusal:
                return StepOutcome(outcome={"skipped": str(refusal)})
        return StepOutcome()


class TrialWork:
    """The work of a long what-if: one step for each period; what it finds is kept beside the database for a day, in no table."""

    def steps(self, job: Job) -> list[str]:
        """Name a step for each period asked."""
        return list(job.arguments["periods"])

    def run(self, job: Job, step: str) -> StepOutcome:
        """Try the version on one period."""
        question = Question.of(job.arguments)
        version = PlanVersion.objects.select_related("plan").get(pk=question.version)
        part = period_try(version, question, period_get(UUID(step)), now=job.queued_at)
        trial_part_keep(job, step, part)
        return StepOutcome(outcome={"people": len({row.participant_id for row in part.rows})})


def _calculated(run: Run, is_new: bool) -> StepOutcome:
    outcome = {"run": str(run.id), "new": is_new, "credits": run.credit_count}
    return StepOutcome(findings=tuple(_findings(run.findings)) if is_new else (), outcome=outcome)


def post(period_id: UUID, actor: Viewer) -> StepOutcome:
    """Post the period's latest run as a step, and the adjustments and opening balances that were approved since."""
    brought = openings_post(actor=actor)
    run = run_latest(period_id)
    if run is None or run.state == "failed":
        skipped = f"{period_get(period_id).key} has no run that can be posted."
        return StepOutcome(findings=(*brought, *adjustments_post(actor=actor)), outcome={"skipped": skipped})
    posting = run_post(run_id=run.id, actor=actor)
    waiting = (*brought, *adjustments_post(actor=actor))
    statements_complete()
    return StepOutcome(
        findings=(*posting.findings, *waiting),
        outcome={"run": str(run.id), "groups": posting.groups, "statements": posting.statements},
    )


def _findings(rows: Iterable[dict[str, object]]) -> Iterable[Finding]:
    for row in rows:
        code, where, what, why, fix = (str(row[name]) for name in ("code", "where", "what", "why", "fix"))
        about = tuple(sorted(dict(row["about"]).items()))  # type: ignore[call-overload]
        yield Finding(code, where, what, why, fix, severity=Severity(str(row["severity"])), about=about)
