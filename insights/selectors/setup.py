"""How far a company has come from empty to its first statement."""

from dataclasses import dataclass

from incentives.selectors.plans import version_rows
from incentives.selectors.runs import run_list
from planning.selectors import quota_list
from spm.crm.selectors.lists import opportunity_list
from spm.people.models import Participant
from spm.roles.policy import Viewer


@dataclass(frozen=True)
class SetupStep:
    """One step; `name` says which, the template words it."""

    name: str
    is_done: bool
    is_next: bool = False


def setup_steps(viewer: Viewer) -> tuple[SetupStep, ...]:
    """Give the five steps to the first statement in their order, the first open one marked; nothing once a run was made."""
    if run_list(viewer).exists():
        return ()
    done = {
        "people": Participant.objects.exists(),
        "deals": opportunity_list(viewer).exists(),
        "quotas": quota_list(viewer).exists(),
        "plan": version_rows(viewer).filter(state="published").exists(),
        "run": False,
    }
    following = next(name for name, is_done in done.items() if not is_done)
    return tuple(SetupStep(name, is_done, name == following) for name, is_done in done.items())
