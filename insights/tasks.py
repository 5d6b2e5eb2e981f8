"""The parts of the nightly job that belong to insights."""

from datetime import date

from incentives.selectors.pay_scenarios import periods_now
from insights.selectors.forecast_sheet import forecast_period, forecast_policy
from insights.services.dashboards import dashboards_tell
from insights.services.forecasts import forecasts_refresh
from insights.services.kpi_targets import kpi_targets_tell
from insights.services.likelihoods import likelihoods_refresh
from insights.services.pay_forecasts import pay_forecast_refresh
from insights.services.pay_records import pay_record_settle
from insights.services.pipeline import pipeline_snapshot
from insights.services.submissions import due_before, forecast_lock, forecast_remind
from spm.core.steps import StepOutcome
from spm.tenancy.models import Organisation


class SnapshotPart:
    """Keeps what the pipeline looked like on the day."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the one step."""
        return [f"pipeline {day.isoformat()}"]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Write the snapshot; doing it again gives the same rows."""
        return StepOutcome(outcome={"pipeline_rows": pipeline_snapshot(day=day)})


class ForecastPart:
    """Keeps what stood when forecasts were due, reminds who gave none, refreshes likelihoods of deals and forecasts."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the steps: what stood is kept before the models' parts of the day before are replaced."""
        return [f"{step} {day.isoformat()}" for step in ("lock", "likelihood", "forecast", "remind")]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Do one step; doing it again gives the same rows, locks nothing twice and reminds nobody twice."""
        if step.startswith("likelihood"):
            return StepOutcome(outcome={"likelihoods": likelihoods_refresh(day=day)})
        if step.startswith("forecast"):
            return StepOutcome(outcome={"forecasts": forecasts_refresh(organisation=organisation, day=day)})
        due = due_before(day, forecast_policy())
        period = forecast_period(due if step.startswith("lock") else day)
        if period is None:
            return StepOutcome(outcome={})
        if step.startswith("lock"):
            locked = forecast_lock(organisation=organisation, day=due, period_id=period.pk)
            return StepOutcome(outcome={"forecasts_locked": locked})
        reminded = forecast_remind(organisation=organisation, day=day, period_id=period.pk)
        return StepOutcome(outcome={"forecasts_reminded": reminded})


class AlertPart:
    """Tells whom it concerns which targets of figures are missed."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the one step."""
        return [f"alerts {day.isoformat()}"]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Judge the targets; doing it again tells nobody twice."""
        return StepOutcome(outcome={"targets_missed": kpi_targets_tell(organisation=organisation, day=day)})


class DashboardPart:
    """Tells who sees a dashboard that is sent on the day that it is ready: a link, without figures."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the one step."""
        return [f"dashboards {day.isoformat()}"]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Leave the notices; doing it again tells nobody twice."""
        return StepOutcome(outcome={"dashboards_sent": dashboards_tell(day=day)})


class PayForecastPart:
    """Tells what everybody is expected to earn in the periods of the day, after the likelihood of deals was told."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the step of the record, and one for each period of the day that a published plan pays."""
        return [f"record {day.isoformat()}", *(f"pay {period.pk}" for period in periods_now(day))]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Do one step; doing it again gives the same rows."""
        if step.startswith("record"):
            return StepOutcome(outcome={"pay_forecasts_settled": pay_record_settle(day=day)})
        period = next((each for each in periods_now(day) if step == f"pay {each.pk}"), None)
        if period is None:
            return StepOutcome(outcome={"skipped": "No published plan pays the period any more."})
        return StepOutcome(
            outcome={"pay_forecasts": pay_forecast_refresh(organisation=organisation, period=period, day=day)}
        )
