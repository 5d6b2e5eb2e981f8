"""Where a plan version stands on its way from draft to retired, and what keeps it from being published.

A version is stored as draft, published or retired. Between draft and published the answer of a second person decides, and it holds for
exactly one definition: `digest`. So "in review" and "approved" are read from the approvals, and an edit takes them away by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from incentives.engine.compiling import compile_plan
from incentives.engine.extremes import absurd_rates
from incentives.engine.placing import findings_placed
from incentives.engine.testing import ExampleResult, test_document
from incentives.models import PlanState, PlanVersion, Standing
from incentives.selectors.case_tries import UNCONFIRMED
from spm.approvals.models import ApprovalRequest
from spm.approvals.selectors import approval_latest, approval_state, is_single_operator
from spm.audit.selectors import row_entries
from spm.core.findings import Finding, Severity, errors
from spm.identity.models import User
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer

VERSION, RATES = "plan_version", "plan_rates"
"""Kinds of requests: the version itself, and its rates over 1,000 %."""

EXAMPLES = "examples"


@dataclass(frozen=True)
class Stage:
    """One step of the way: whether it is done or the present one, and who did it when."""

    standing: str
    label: str
    is_done: bool
    is_now: bool
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Lifecycle:
    """The way of a version: its steps, what holds it up, what was asked and answered, and whether one person may do it all."""

    standing: str
    stages: tuple[Stage, ...]
    obstacles: tuple[Finding, ...]
    review: ApprovalRequest | None
    rates: ApprovalRequest | None
    has_absurd_rates: bool
    is_single_operator: bool

    @property
    def may_be_published(self) -> bool:
        """Tell whether the next step is to publish: approved, or a draft that one person may approve; never while a request is open."""
        return self.standing == Standing.APPROVED or (self.standing == Standing.DRAFT and self.is_single_operator)


def with_standing(rows: QuerySet[PlanVersion]) -> QuerySet[Any]:
    """Add `standing` to the versions."""
    return rows.annotate(
        asked=approval_state(VERSION, content="digest"),
        standing=Case(
            When(~Q(state=PlanState.DRAFT), then=F("state")),
            When(asked="open", then=Value(Standing.IN_REVIEW)),
            When(asked="approved", then=Value(Standing.APPROVED)),
            default=Value(Standing.DRAFT),
            output_field=CharField(),
        ),
    )


def standing_of(version: PlanVersion) -> str:
    """Give where the version stands now."""
    return str(with_standing(PlanVersion.objects.filter(pk=version.pk)).values_list("standing", flat=True).get())


def last_written(version: PlanVersion) -> tuple[str, datetime | None]:
    """Give who changed the version last, and when."""
    table = PlanVersion._meta.db_table
    last = row_entries(table, version.pk).values_list("actor", "at").first()
    return last if last is not None else ("", None)


def writers(version: PlanVersion) -> list[str]:
    """Give the names of the people who wrote the version, by name; none of them approves it."""
    found = {each.pk: str(each) for each in User.objects.filter(pk__in=version.author_ids)}
    return sorted(found.values())


def examples_run(definition: Mapping[str, Any]) -> list[ExampleResult]:
    """Run the worked examples of a definition; none where it has none."""
    return test_document(definition) if definition.get(EXAMPLES) else []


def example_findings(definition: Mapping[str, Any]) -> list[Finding]:
    """Give one finding per example that fails, with what came out otherwise."""
    found = []
    for number, result in enumerate(examples_run(definition), start=1):
        if result.passed:
            continue
        what = "; ".join(dict.fromkeys([*result.differences, *(one.what for one in errors(result.findings))]))
        where, fix = f"examples.{number}", "Correct the plan, or what the example expects."
        why = "A version is published when all its examples come out."
        found.append(Finding("EXAMPLE_FAILED", where, what, why, fix, Severity.WARNING))
    return found


def unconfirmed_examples(definition: Mapping[str, Any]) -> list[Finding]:
    """Give one finding per example that still carries the note of the draft that computed it: such an example proves nothing yet."""
    examples = definition.get(EXAMPLES)
    found = []
    for number, one in enumerate(examples if isinstance(examples, list) else [], start=1):
        if isinstance(one, Mapping) and one.get("note") == UNCONFIRMED:
            what = "Its figures are what the draft itself computed, and nobody has confirmed them."
            why = "An example holds the plan to what a person means it to pay."
            fix = "Confirm the figures or correct them, then delete the note of the example in the designer."
            found.append(Finding("EXAMPLE_UNCONFIRMED", f"examples.{number}", what, why, fix, Severity.WARNING))
    return found


def publication_obstacles(version: PlanVersion) -> list[Finding]:
    """Give what must be mended before publication: errors, and examples that fail or are not confirmed. Checks only warn."""
    _, findings = compile_plan(version.definition, is_written=True)
    return [*errors(findings), *example_findings(version.definition), *unconfirmed_examples(version.definition)]


def absurd_findings(version: PlanVersion) -> list[Finding]:
    """Give the rates of the version that a second person must accept."""
    plan, _ = compile_plan(version.definition)
    return absurd_rates(plan) if plan is not None else []


def lifecycle_of(viewer: Viewer, version: PlanVersion) -> Lifecycle:
    """Give the way of a version as its page shows it."""
    standing = standing_of(version)
    review, rates = approval_latest(VERSION, version.pk), approval_latest(RATES, version.pk)
    is_draft = version.state == PlanState.DRAFT
    absurd = absurd_findings(version) if is_draft else []
    return Lifecycle(
        standing=standing,
        stages=_stages(version, standing, review),
        obstacles=tuple(findings_placed([*publication_obstacles(version), *absurd], version.definition))
        if is_draft
        else (),
        review=review,
        rates=rates,
        has_absurd_rates=bool(absurd),
        is_single_operator=is_single_operator(viewer),
    )


def _stages(version: PlanVersion, standing: str, review: ApprovalRequest | None) -> tuple[Stage, ...]:
    """The steps in order; each done one with who did it and when."""
    order = [choice for choice in Standing.values if choice != Standing.RETIRED or standing == Standing.RETIRED]
    place = order.index(standing)
    asked = (review.asked_by_name, review.asked_at) if review is not None else ("", None)
    decided = (review.decided_by_name, review.decided_at) if review is not None else ("", None)
    published = (str(version.published_by or ""), version.published_at)
    acts = {Standing.IN_REVIEW: asked, Standing.APPROVED: decided, Standing.PUBLISHED: published}
    stages = []
    for number, choice in enumerate(order):
        who, at = acts.get(Standing(choice), ("", None)) if number <= place else ("", None)
        stages.append(Stage(choice, str(Standing(choice).label), number < place, number == place, who, at))
    return tuple(stages)


def definition_for(viewer: Viewer, definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a definition without its examples to whoever does not see everybody's pay: examples may hold others' deals."""
    if viewer.can("statement.view") and viewer.acting("statement.view").reach is Reach.ALL:
        return definition
    return {name: value for name, value in definition.items() if name != EXAMPLES}
