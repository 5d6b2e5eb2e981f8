"""The nightly job: the parts of the modules, one after the other, for one company and one day."""

from datetime import date

from django.utils.module_loading import import_string

from spm.core.steps import StepOutcome
from spm.jobs import timetable
from spm.jobs.models import Job
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id


class Nightly:
    """Each part names its steps when its turn comes, because they depend on what the parts before it wrote."""

    def steps(self, job: Job) -> list[str]:
        """Name one step per part."""
        return list(_parts())

    def run(self, job: Job, step: str) -> StepOutcome:
        """Ask a part for its steps, or do one of them."""
        organisation = Organisation.objects.get(pk=current_organisation_id())
        on = date.fromisoformat(job.arguments["on"])
        name, _, own = step.partition(": ")
        part = import_string(_parts()[name])()
        if not own:
            return StepOutcome(steps=tuple(f"{name}: {each}" for each in part.steps(organisation, on)))
        outcome: StepOutcome = part.run(organisation, on, own)
        return outcome


def _parts() -> dict[str, str]:
    return {path.rpartition(".")[2].removesuffix("Part"): path for path in timetable.NIGHTLY}
