"""The pieces of long work that belong to planning."""

from datetime import date
from uuid import UUID

from django.utils import timezone

from planning.selectors.quota_letters import letters_due
from planning.selectors.rule_sets import has_rules
from planning.services.balances import balance_compute
from planning.services.quota_letters import letters_remind
from planning.services.rules import accounts_route
from spm.core.steps import StepOutcome
from spm.crm.models import Upload
from spm.crm.work import UploadJob
from spm.jobs.models import Job
from spm.roles.policy import Viewer, viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id

ROUTE = "route"
REMIND = "remind"


class RouteWork:
    """What follows an import of accounts: each new or changed account goes to the territory of its rule."""

    def steps(self, job: UploadJob) -> list[str]:
        """Give the one step; none for other files, and where no rules are in force."""
        is_accounts = Upload.objects.filter(pk=job.arguments["upload"], kind="account").exists()
        return [ROUTE] if is_accounts and has_rules() else []

    def run(self, job: UploadJob, step: str) -> StepOutcome:
        """Route all accounts from today on; doing it again changes nothing."""
        organisation = Organisation.objects.get(pk=current_organisation_id())
        return _routed(organisation, organisation.day_of(timezone.now()))


class BalanceWork:
    """The work of a proposal that evens out territories: one step."""

    def steps(self, job: Job) -> list[str]:
        """Give the one step."""
        return ["balance"]

    def run(self, job: Job, step: str) -> StepOutcome:
        """Compute the proposal; doing it again changes nothing."""
        proposal = balance_compute(UUID(job.arguments["proposal"]))
        return StepOutcome(outcome={"proposal": str(proposal.pk), "findings": len(proposal.findings)})


class RoutePart:
    """The nightly part that looks at every account as it is known on the day."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the one step; none where no rules are in force."""
        return [ROUTE] if has_rules() else []

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Route all accounts from the day on."""
        return _routed(organisation, day)


class ReminderPart:
    """The nightly part that reminds people of quota letters that are to be answered."""

    def steps(self, organisation: Organisation, day: date) -> list[str]:
        """Give the one step; none where no letter is due."""
        return [REMIND] if letters_due(_reminders(organisation, day), on=day).exists() else []

    def run(self, organisation: Organisation, day: date, step: str) -> StepOutcome:
        """Remind; doing it again tells nobody twice."""
        return StepOutcome(outcome={"letters_due": letters_remind(on=day, actor=_reminders(organisation, day))})


def _reminders(organisation: Organisation, day: date) -> Viewer:
    return viewer_of_system(organisation, on=day, name="Reminders")


def _routed(organisation: Organisation, day: date) -> StepOutcome:
    actor = viewer_of_system(organisation, on=day, name="Routing")
    return StepOutcome(outcome={"accounts_routed": accounts_route(on=day, actor=actor).changed})
