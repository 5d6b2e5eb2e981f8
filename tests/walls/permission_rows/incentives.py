"""Statements, plans, runs and journals. What is Rex's is seen by him, his manager of today, and those who run or check pay."""

from collections.abc import Callable
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from incentives.models import (
    Adjustment,
    AdjustmentBatch,
    Hold,
    Journal,
    Leave,
    LedgerEntry,
    ManualCredit,
    PayCurrency,
    PlanAssignment,
    PlanDocument,
    PlanVersion,
    Ramp,
    RampSchedule,
    Run,
    RunCredit,
    Statement,
    StatementPaper,
    TargetPay,
)
from spm.jobs.models import Job
from spm.people.models import Participant
from tests.walls.permissions import API, Row


def _statement(owner: str) -> Statement:
    return Statement.objects.filter(participant__source_key=owner).latest("number")


def _version(owner: str) -> PlanVersion:
    return PlanVersion.objects.get(plan__code="reps-2026")


def _credited(owner: str) -> object:
    person = Participant.objects.get(source_key=owner)
    return RunCredit.objects.filter(participant_id=person.pk).values_list("opportunity_id", flat=True)[0]


def _journal(owner: str) -> Journal:
    entry = LedgerEntry.objects.filter(participant__source_key=owner).first()
    assert entry is not None
    return entry.journal


def _credit(owner: str) -> ManualCredit:
    person = Participant.objects.get(source_key=owner)
    values = {"amount_minor": 1, "currency": "USD", "credit_on": "2026-08-03", "reason": "x", "measure": "commission"}
    return ManualCredit.objects.get_or_create(participant=person, number=1, defaults=values)[0]


def _adjustment(owner: str) -> Adjustment:
    person = Participant.objects.get(source_key=owner)
    batch = AdjustmentBatch.objects.get_or_create(number=1, defaults={"title": "x", "asked_by_name": "x"})[0]
    values = {"amount_minor": 1, "currency": "USD", "reason_code": "other", "reason": "x"}
    period = Run.objects.latest("started_at").period
    return Adjustment.objects.get_or_create(participant=person, batch=batch, line=1, period=period, defaults=values)[0]


def _hold(owner: str) -> Hold:
    person = Participant.objects.get(source_key=owner)
    values = {"starts_on": "2026-01-01", "reason": "x", "asked_by_name": "x"}
    return Hold.objects.get_or_create(participant=person, number=1, defaults=values)[0]


def _term(
    model: type[TargetPay] | type[Ramp] | type[Leave] | type[PayCurrency], **values: object
) -> Callable[[str], object]:
    def made(owner: str) -> object:
        person = Participant.objects.get(source_key=owner)
        days = DateRange(date(2026, 1, 1), date(2026, 2, 1))
        schedule = {}
        if model is Ramp:
            schedule = {"schedule": RampSchedule.objects.get_or_create(code="x", name="X", shares=[1])[0]}
        return model._default_manager.get_or_create(participant=person, during=days, **values, **schedule)[0].pk

    return made


def _papers(owner: str) -> object:
    statement = _statement(owner)
    values = {"state": "done", "arguments": {"period": str(statement.period_id)}}
    job, _ = Job.objects.get_or_create(kind="statement_papers", slot="walls", defaults=values)
    StatementPaper.objects.get_or_create(job=job, statement=statement, name="x.pdf", content=b"x", digest="x")
    return job.pk


def _document(owner: str) -> object:
    version = _version(owner)
    person = Participant.objects.get(source_key=owner)
    values = {"plan_version": version, "blocks": [], "digest": "x", "content": b"x", "hash": "x", "sent_by_name": "x"}
    return PlanDocument.objects.get_or_create(participant=person, plan=version.plan, number=1, defaults=values)[0].pk


FACTORIES = {
    "plan document": _document,
    "document": lambda owner: "document",
    "papers": _papers,
    "target pay": _term(TargetPay, name="variable", target_minor=1, base_minor=1, currency="USD"),
    "ramp": _term(Ramp),
    "leave": _term(Leave),
    "pay currency": _term(PayCurrency, currency="EUR"),
    "target": lambda owner: "target",
    "pay period": lambda owner: Run.objects.latest("started_at").period_id,
    "batch": lambda owner: _adjustment(owner).batch_id,
    "adjustment": lambda owner: _adjustment(owner).pk,
    "hold": lambda owner: _hold(owner).pk,
    "credit": lambda owner: _credit(owner).pk,
    "statement": lambda owner: _statement(owner).pk,
    "first": lambda owner: 1,
    "credited": _credited,
    "version": lambda owner: _version(owner).pk,
    "plan": lambda owner: _version(owner).plan_id,
    "plan assignment": lambda owner: PlanAssignment.objects.get(plan__code="reps-2026").pk,
    "run": lambda owner: Run.objects.latest("started_at").pk,
    "journal": lambda owner: _journal(owner).pk,
}
SEE_PAY = "sol fin otto mara mona max rex ria rob"
SEE_REX = {"may": "sol fin otto mara rex", "hidden": "mona max ria rob"}
SEE_PLANS = "sol fin eve otto mara mona max rex ria rob"
SEE_PLAN = {"may": "sol fin eve otto mara mona rex ria rob", "hidden": "max"}
"""A manager sees the plans of the own team; nobody reports to Max any more."""
SEE_RUNS, SEE_JOURNALS = "sol fin otto", "fin otto"
STATEMENT, PLAN, VERSION, RUN, JOURNAL = ({"pk": name} for name in ("statement", "plan", "version", "run", "journal"))
PERIOD, BATCH, ADJUSTMENT = {"pk": "pay period"}, {"pk": "batch"}, {"pk": "adjustment"}
CREDIT, DOCUMENT, HOLD = {"pk": "credit"}, {"pk": "plan document"}, {"pk": "hold"}
LINE = STATEMENT | {"place": "first"}

ROWS = [
    Row(route="incentives:statement_list", may=SEE_PAY),
    Row(route="incentives:statement_export", at={"form": "csv"}, may=SEE_PAY),
    Row(route="incentives:statement_detail", at=STATEMENT, **SEE_REX),
    Row(route="incentives:statement_pdf", at=STATEMENT, **SEE_REX),
    Row(route="incentives:statement_sheet", at=STATEMENT | {"form": "csv"}, **SEE_REX),
    Row(route="incentives:statement_papers", may=SEE_RUNS),
    Row(route="incentives:statement_papers", verb="POST", may="sol fin", done=(404,)),
    Row(route="incentives:statement_papers_zip", at={"pk": "papers"}, may=SEE_RUNS),
    Row(route="api_incentives_statement_pdf", kind=API, at=STATEMENT, **SEE_REX),
    Row(route="api_incentives_papers", verb="POST", kind=API, may="sol fin", done=(400,)),
    Row(route="api_incentives_papers_zip", kind=API, at={"pk": "papers"}, may=SEE_RUNS),
    Row(route="incentives:statement_line", at=LINE, **SEE_REX),
    Row(route="incentives:statement_deal", at=LINE | {"row": "credited"}, **SEE_REX),
    Row(route="incentives:statement_line_export", at=LINE | {"form": "csv"}, **SEE_REX),
    Row(route="incentives:statement_estimate", at=STATEMENT, **SEE_REX),
    Row(route="incentives:statement_changes", at=LINE, **SEE_REX),
    Row(route="incentives:document_list", may=SEE_PAY),
    Row(route="incentives:document_export", at={"form": "csv"}, may=SEE_PAY),
    Row(route="incentives:document_send", may="sol"),
    Row(route="incentives:document_send", verb="POST", may="sol"),
    Row(route="incentives:document_remind", verb="POST", may="sol"),
    Row(route="incentives:document_policy", verb="POST", may="sol"),
    Row(route="incentives:document_detail", at=DOCUMENT, **SEE_REX),
    Row(route="incentives:document_detail", verb="POST", at=DOCUMENT, may="mara rex", hidden="mona max ria rob"),
    Row(
        route="incentives:document_read",
        verb="POST",
        at=DOCUMENT,
        may="mara rex",
        hidden="mona max ria rob",
        done=(204,),
    ),
    Row(route="incentives:document_file", at=DOCUMENT | {"what": "document"}, **SEE_REX),
    Row(route="api_incentives_documents", kind=API, may=SEE_PAY),
    Row(route="api_incentives_document_send", verb="POST", kind=API, may="sol", done=(400,)),
    Row(
        route="api_incentives_document_answer",
        verb="POST",
        kind=API,
        at=DOCUMENT,
        may="mara rex",
        hidden="mona max ria rob",
        done=(400,),
    ),
    Row(route="api_incentives_document_file", kind=API, at=DOCUMENT | {"what": "document"}, **SEE_REX),
    Row(route="incentives:plan_list", may=SEE_PLANS),
    Row(route="incentives:plan_gallery", may="sol"),
    Row(route="incentives:plan_import", may="sol"),
    Row(route="incentives:plan_import", verb="POST", may="sol"),
    Row(route="incentives:plan_search", at=VERSION, may="sol"),
    Row(route="incentives:plan_search", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_compare", at=VERSION, **SEE_PLAN),
    Row(route="incentives:plan_export", at=VERSION, **SEE_PLAN),
    Row(route="incentives:plan_new", may="sol"),
    Row(route="incentives:plan_new", verb="POST", may="sol"),
    Row(route="incentives:plan_detail", at=PLAN, **SEE_PLAN),
    Row(route="incentives:plan_version_new", at=PLAN, may="sol"),
    Row(route="incentives:plan_version_new", verb="POST", at=PLAN, may="sol"),
    Row(route="incentives:plan_assign", at=PLAN, may="sol"),
    Row(route="incentives:plan_assign", verb="POST", at=PLAN, may="sol"),
    Row(route="incentives:plan_edit", at=VERSION, may="sol", done=(200, 302)),
    Row(route="incentives:plan_edit", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_example_new", at=VERSION, may="sol"),
    Row(route="incentives:plan_example_new", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_submit", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_withdraw", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_publish", at=VERSION, may="sol", done=(200, 302)),
    Row(route="incentives:plan_publish", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_version_end", at=VERSION, may="sol"),
    Row(route="incentives:plan_version_end", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_draft_delete", verb="POST", at=VERSION, may="sol"),
    Row(route="incentives:plan_whatif", at=VERSION, may="sol fin otto"),
    Row(route="incentives:plan_whatif", verb="POST", at=VERSION, may="sol fin"),
    Row(route="incentives:plan_whatif_export", at=VERSION | {"form": "csv"}, may="sol fin otto"),
    Row(route="incentives:plan_assignment_end", verb="POST", at={"pk": "plan assignment"}, may="sol"),
    Row(route="incentives:person_terms", at={"pk": "participant"}, **SEE_REX),
    Row(route="incentives:person_terms", verb="POST", at={"pk": "participant"}, may="sol"),
    Row(route="incentives:target_file", may="sol"),
    Row(route="incentives:target_file", verb="POST", may="sol"),
    Row(route="incentives:target_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_incentives_target_file", verb="POST", kind=API, may="sol"),
    Row(route="incentives:ramp_file", may="sol"),
    Row(route="incentives:ramp_file", verb="POST", may="sol"),
    Row(route="incentives:ramp_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_incentives_ramp_file", verb="POST", kind=API, may="sol"),
    Row(route="incentives:leave_file", may="sol"),
    Row(route="incentives:leave_file", verb="POST", may="sol"),
    Row(route="incentives:leave_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_incentives_leave_file", verb="POST", kind=API, may="sol"),
    Row(route="incentives:assignment_file", may="sol"),
    Row(route="incentives:assignment_file", verb="POST", may="sol"),
    Row(route="incentives:assignment_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_incentives_assignment_file", verb="POST", kind=API, may="sol"),
    Row(route="incentives:target_list", may=SEE_PAY),
    Row(route="incentives:target_list", verb="POST", may="sol"),
    Row(
        route="incentives:person_term_change",
        verb="POST",
        at={"pk": "participant", "what": "target", "entry": "target pay"},
        may="sol",
    ),
    Row(route="api_incentives_target", verb="PATCH", kind=API, at={"pk": "target pay"}, may="sol", done=(400,)),
    Row(route="api_incentives_target", verb="DELETE", kind=API, at={"pk": "target pay"}, may="sol", done=(204,)),
    Row(route="api_incentives_ramp", verb="PATCH", kind=API, at={"pk": "ramp"}, may="sol", done=(400,)),
    Row(route="api_incentives_ramp", verb="DELETE", kind=API, at={"pk": "ramp"}, may="sol", done=(204,)),
    Row(route="api_incentives_leave", verb="PATCH", kind=API, at={"pk": "leave"}, may="sol", done=(400,)),
    Row(route="api_incentives_leave", verb="DELETE", kind=API, at={"pk": "leave"}, may="sol", done=(204,)),
    Row(route="incentives:pay_currency_file", may="sol"),
    Row(route="incentives:pay_currency_file", verb="POST", may="sol"),
    Row(route="incentives:pay_currency_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_incentives_pay_currency_file", verb="POST", kind=API, may="sol"),
    Row(route="incentives:pay_currency_list", may=SEE_PAY),
    Row(route="incentives:pay_currency_list", verb="POST", may="sol"),
    Row(route="incentives:pay_rate_set", verb="POST", may="sol fin"),
    Row(route="api_incentives_pay_currencies", kind=API, may=SEE_PAY),
    Row(route="api_incentives_pay_currencies", verb="POST", kind=API, may="sol"),
    Row(route="api_incentives_pay_currency", verb="PATCH", kind=API, at={"pk": "pay currency"}, may="sol", done=(400,)),
    Row(
        route="api_incentives_pay_currency", verb="DELETE", kind=API, at={"pk": "pay currency"}, may="sol", done=(204,)
    ),
    Row(route="api_incentives_pay_rates", kind=API, may=SEE_PAY),
    Row(route="api_incentives_pay_rates", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_targets", kind=API, may=SEE_PAY),
    Row(route="api_incentives_targets", verb="POST", kind=API, may="sol"),
    Row(route="api_incentives_ramps", kind=API, may=SEE_PAY),
    Row(route="api_incentives_ramps", verb="POST", kind=API, may="sol"),
    Row(route="api_incentives_ramp_schedules", kind=API, may=SEE_PAY),
    Row(route="api_incentives_ramp_schedules", verb="POST", kind=API, may="sol"),
    Row(route="api_incentives_leaves", kind=API, may=SEE_PAY),
    Row(route="api_incentives_leaves", verb="POST", kind=API, may="sol"),
    Row(route="incentives:credit_list", may=SEE_PAY),
    Row(route="incentives:credit_new", may="sol fin"),
    Row(route="incentives:credit_new", verb="POST", may="sol fin"),
    Row(route="incentives:credit_detail", at=CREDIT, **SEE_REX),
    Row(route="incentives:credit_detail", verb="POST", at=CREDIT, may="sol fin"),
    Row(route="api_incentives_credits", kind=API, may=SEE_PAY),
    Row(route="api_incentives_credits", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_credit_reverse", verb="POST", kind=API, at=CREDIT, may="sol fin"),
    Row(route="incentives:period_list", may=SEE_RUNS),
    Row(route="incentives:period_list_export", at={"form": "csv"}, may=SEE_RUNS),
    Row(route="incentives:pay_calendar", verb="POST", may="sol fin"),
    Row(route="incentives:period_detail", at=PERIOD, may=SEE_RUNS),
    Row(route="incentives:period_close", verb="POST", at=PERIOD, may="sol fin"),
    Row(route="incentives:period_approve", verb="POST", at=PERIOD, may="fin"),
    Row(route="incentives:period_pay", verb="POST", at=PERIOD, may="fin"),
    Row(route="incentives:period_reopen", verb="POST", at=PERIOD, may="sol fin"),
    Row(route="api_incentives_periods", kind=API, may=SEE_RUNS),
    Row(route="api_incentives_period", kind=API, at=PERIOD, may=SEE_RUNS),
    Row(route="api_incentives_period_close", verb="POST", kind=API, at=PERIOD, may="sol fin"),
    Row(route="api_incentives_period_approve", verb="POST", kind=API, at=PERIOD, may="fin"),
    Row(route="api_incentives_period_pay", verb="POST", kind=API, at=PERIOD, may="fin"),
    Row(route="api_incentives_period_reopen", verb="POST", kind=API, at=PERIOD, may="sol fin"),
    Row(route="incentives:adjustment_list", may=SEE_RUNS),
    Row(route="incentives:adjustment_export", at={"form": "csv"}, may=SEE_RUNS),
    Row(route="incentives:adjustment_new", may="sol fin"),
    Row(route="incentives:adjustment_new", verb="POST", may="sol fin"),
    Row(route="incentives:adjustment_file", may="sol fin"),
    Row(route="incentives:adjustment_file", verb="POST", may="sol fin"),
    Row(route="incentives:adjustment_file_download", at={"what": "template", "form": "csv"}, may="sol fin"),
    Row(route="incentives:adjustment_batch", at=BATCH, may=SEE_RUNS),
    Row(route="incentives:adjustment_approve", verb="POST", at=BATCH, may="fin"),
    Row(route="incentives:adjustment_reverse", verb="POST", at=ADJUSTMENT, may="sol fin"),
    Row(route="api_incentives_adjustments", kind=API, may=SEE_RUNS),
    Row(route="api_incentives_adjustments", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_adjustment_file", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_adjustment_approve", verb="POST", kind=API, at=BATCH, may="fin"),
    Row(route="api_incentives_adjustment_reverse", verb="POST", kind=API, at=ADJUSTMENT, may="sol fin"),
    Row(route="incentives:hold_list", may=SEE_RUNS),
    Row(route="incentives:hold_export", at={"form": "csv"}, may=SEE_RUNS),
    Row(route="incentives:hold_new", may="sol fin"),
    Row(route="incentives:hold_new", verb="POST", may="sol fin"),
    Row(route="incentives:hold_detail", at=HOLD, may=SEE_RUNS),
    Row(route="incentives:hold_approve", verb="POST", at=HOLD, may="fin"),
    Row(route="incentives:hold_release", verb="POST", at=HOLD, may="sol fin"),
    Row(route="api_incentives_holds", kind=API, may=SEE_RUNS),
    Row(route="api_incentives_holds", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_hold", kind=API, at=HOLD, may=SEE_RUNS),
    Row(route="api_incentives_hold_approve", verb="POST", kind=API, at=HOLD, may="fin"),
    Row(route="api_incentives_hold_release", verb="POST", kind=API, at=HOLD, may="sol fin"),
    Row(route="incentives:statement_prior", at=STATEMENT | {"number": "first"}, **SEE_REX, done=(404,)),
    Row(route="incentives:run_list", may=SEE_RUNS),
    Row(route="incentives:run_start", verb="POST", may="sol fin"),
    Row(route="incentives:run_detail", at=RUN, may=SEE_RUNS),
    Row(route="incentives:run_changes", at=RUN, may=SEE_RUNS),
    Row(route="incentives:journal_list", may=SEE_JOURNALS),
    Row(route="incentives:journal_detail", at=JOURNAL, may=SEE_JOURNALS),
    Row(route="incentives:journal_export", at=JOURNAL | {"form": "csv"}, may=SEE_JOURNALS),
    Row(route="api_incentives_plans", kind=API, may=SEE_PLANS),
    Row(route="api_incentives_plans", verb="POST", kind=API, may="sol"),
    Row(route="api_incentives_plan_versions", kind=API, at=PLAN, **SEE_PLAN),
    Row(route="api_incentives_plan_versions", verb="POST", kind=API, at=PLAN, may="sol"),
    Row(route="api_incentives_plan_assignments", kind=API, at=PLAN, **SEE_PLAN),
    Row(route="api_incentives_plan_assignments", verb="POST", kind=API, at=PLAN, may="sol"),
    Row(route="api_incentives_plan_version", kind=API, at=VERSION, **SEE_PLAN),
    Row(route="api_incentives_plan_version", verb="PUT", kind=API, at=VERSION, may="sol"),
    Row(route="api_incentives_plan_version_submit", verb="POST", kind=API, at=VERSION, may="sol"),
    Row(route="api_incentives_plan_version_withdraw", verb="POST", kind=API, at=VERSION, may="sol"),
    Row(route="api_incentives_plan_version_examples", verb="POST", kind=API, at=VERSION, may="sol"),
    Row(route="api_incentives_plan_version_tests", kind=API, at=VERSION, **SEE_PLAN),
    Row(route="api_incentives_plan_version_shown", kind=API, at=VERSION, may="sol fin otto"),
    Row(route="api_incentives_plan_version_publish", kind=API, at=VERSION, may="sol fin otto"),
    Row(route="api_incentives_plan_version_publish", verb="POST", kind=API, at=VERSION, may="sol"),
    Row(route="api_incentives_plan_version_whatif", kind=API, at=VERSION, may="sol fin otto", done=(400,)),
    Row(route="api_incentives_plan_version_whatif", verb="POST", kind=API, at=VERSION, may="sol fin otto", reads=True),
    Row(route="api_incentives_plan_reviews", verb="POST", kind=API, may="sol"),
    Row(route="api_incentives_plan_version_text", kind=API, at=VERSION, **SEE_PLAN),
    Row(route="api_incentives_plan_version_compare", kind=API, at=VERSION | {"other": "version"}, **SEE_PLAN),
    Row(route="api_incentives_runs", kind=API, may=SEE_RUNS),
    Row(route="api_incentives_runs", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_run", kind=API, at=RUN, may=SEE_RUNS),
    Row(route="api_incentives_run_findings", kind=API, at=RUN, may=SEE_RUNS),
    Row(route="api_incentives_statement_estimate", kind=API, at=STATEMENT, **SEE_REX, done=(400,)),
    Row(route="api_incentives_run_changes", kind=API, at=RUN, may=SEE_RUNS),
    Row(route="api_incentives_statement_changes", kind=API, at=LINE, **SEE_REX),
    Row(
        route="api_incentives_statement_prior_changes",
        kind=API,
        at=STATEMENT | {"number": "first"},
        **SEE_REX,
        done=(404,),
    ),
    Row(route="api_incentives_statements", kind=API, may=SEE_PAY),
    Row(route="api_incentives_statement", kind=API, at=STATEMENT, **SEE_REX),
    Row(route="api_incentives_statement_trace", kind=API, at=LINE, **SEE_REX),
    Row(route="api_incentives_statement_deal", kind=API, at=LINE | {"row": "credited"}, **SEE_REX),
    Row(route="api_incentives_journals", kind=API, may=SEE_JOURNALS),
    Row(route="api_incentives_journal_entries", kind=API, at=JOURNAL, may=SEE_JOURNALS),
]
