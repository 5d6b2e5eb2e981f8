"""The parts of the nightly job that belong to insights."""

from datetime import date

from insights.services.forecasts import forecasts_refresh
from insights.services.pipeline import pipeline_snapshot
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
    """Refreshes the forecasts."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the one step."""
        return [f"forecast {day.isoformat()}"]

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Write the forecasts; doing it again gives the same rows."""
        return StepOutcome(outcome={"forecasts": forecasts_refresh(organisation=organisation, day=day)})
