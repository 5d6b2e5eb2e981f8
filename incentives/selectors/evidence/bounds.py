"""What belongs to the evidence of a period: everything up to one journal and one moment, so that a pack agrees with itself."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from incentives.models import (
    Journal,
    LedgerEntry,
    LedgerExport,
    PayoutBatch,
    PlanVersion,
    Run,
    RunEarning,
    RunInput,
    RunState,
    Statement,
)
from incentives.selectors.facts import frame_of
from incentives.selectors.papers.bundles import statements_as_of
from planning.selectors import period_get
from planning.selectors.goals import scores_of
from planning.selectors.quota_plans import quota_plans_published
from spm.jobs.models import Job


@dataclass(frozen=True)
class Bounds:
    """A period as it stood when journal `last` was the latest: what was posted and told later is for another pack.

    `seal` is the last seal, which holds all of that; 0 before it was sealed.
    """

    period: Any
    last: int
    moment: datetime
    seal: int

    @classmethod
    def of(cls, job: Job) -> "Bounds":
        """Give the bounds that the first step of a job took."""
        kept, period = job.outcome, period_get(UUID(job.arguments["period"]))
        return cls(period, kept["journal"], datetime.fromisoformat(kept["moment"]), kept.get("seal", 0))

    @property
    def journals(self) -> QuerySet[Journal]:
        """Give the journals of the period's books, and those elsewhere that post what the period earned."""
        earned = LedgerEntry.objects.filter(earned_in=self.period).values("journal")
        own = Journal.objects.filter(Q(period=self.period) | Q(pk__in=earned), number__lte=self.last)
        return own.order_by("number")

    @property
    def entries(self) -> QuerySet[LedgerEntry]:
        """Give all legs of these journals, journal by journal."""
        rows = LedgerEntry.objects.filter(journal__in=self.journals.order_by())
        return rows.order_by("journal__number", "participant_id", "pk")

    @property
    def statements(self) -> QuerySet[Statement]:
        """Give every version of every statement of the period, version by version."""
        rows = Statement.objects.filter(period=self.period, issued_at__lte=self.moment)
        return rows.order_by("participant_id", "currency", "number")

    @property
    def runs(self) -> QuerySet[Run]:
        """Give the runs of the period, and those of other periods that its journals post or that its statements name."""
        posted = self.journals.exclude(run=None).order_by().values("run")
        told = self.statements.order_by().values("run")
        own = Q(period=self.period, started_at__lte=self.moment)
        rows = Run.objects.filter(own | Q(pk__in=posted) | Q(pk__in=told))
        return rows.select_related("period").order_by("started_at", "pk")

    @property
    def runs_read(self) -> list[Run]:
        """Give the runs whose inputs are kept in the pack: those that the latest statements rest on, and the last one that was posted."""
        told = set(statements_as_of(self.period.pk, self.moment).order_by().values_list("run", flat=True).distinct())
        own = [run for run in self.runs if run.period_id == self.period.pk]
        posted = [run for run in own if run.state == RunState.POSTED]
        return [run for run in own if run.pk in told or run in posted[-1:]]

    @property
    def versions(self) -> QuerySet[PlanVersion]:
        """Give the plan versions that the entries of these journals name, and those by which the runs paid."""
        posted = self.entries.order_by().exclude(plan_version=None).values_list("plan_version", flat=True)
        paid = RunEarning.objects.filter(run__in=self.runs_read).order_by().values_list("plan_version", flat=True)
        named = {*posted.distinct(), *paid.distinct()}
        return PlanVersion.objects.filter(pk__in=named).select_related("plan").order_by("plan__code", "number")

    @cached_property
    def scores(self) -> QuerySet[Any]:
        """Give the scores of the days of the period, and of what periods besides the runs read scores."""
        digests = {run.inputs["scores"] for run in self.runs_read if "scores" in run.inputs}
        kept = RunInput.objects.filter(name="scores", digest__in=digests).values_list("content", flat=True)
        read = {key for content in kept for key in frame_of(content.encode())["period_key"].tolist()}
        return scores_of(self.period.during, read)

    @property
    def quota_plans(self) -> QuerySet[Any]:
        """Give the published plans that quotas of the days of the period are from."""
        return quota_plans_published(self.period.during, until=self.moment)

    @property
    def payouts(self) -> QuerySet[PayoutBatch]:
        """Give the payouts of the period."""
        rows = PayoutBatch.objects.filter(period=self.period, made_at__lte=self.moment)
        return rows.select_related("period").order_by("number")

    @property
    def exports(self) -> QuerySet[LedgerExport]:
        """Give what was handed to the general ledger of the period."""
        rows = LedgerExport.objects.filter(period=self.period, made_at__lte=self.moment)
        return rows.select_related("period").order_by("number")
