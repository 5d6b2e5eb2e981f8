"""What a run could not calculate: amounts that are unknown, which nobody may take for 0. What stood before stays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from incentives.engine.plan import PLAN_LIMITS
from incentives.models import PlanVersion, Run

GROUP_KEYS = ("participant_key", "plan_key", "component_key")


@dataclass(frozen=True)
class LeftOut:
    """The errors of a run that name a person, plan or component, each with its words."""

    errors: tuple[tuple[Mapping[str, str], str], ...] = ()
    plans: Mapping[str, str] = field(default_factory=dict)
    """The plan of each version."""
    components: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, run: Run) -> "LeftOut":
        """Read what a run could not calculate."""
        errors = tuple(_errors(run.findings))
        if not errors:
            return cls()
        plans, components = {}, set()
        for version in PlanVersion.objects.all():
            plans[str(version.id)] = str(version.plan_id)
            components |= {(str(version.plan_id), str(one.get("key"))) for one in version.definition["components"]}
        return cls(errors, plans, frozenset(components))

    @property
    def people(self) -> frozenset[str] | None:
        """Give whom the errors name; None where one of them may concern everybody."""
        named = frozenset(about.get("participant_key", "") for about, _ in self.errors)
        return None if "" in named else named

    def words(self, participant: str) -> list[str]:
        """Give the words of the errors about a person."""
        return list(
            dict.fromkeys(w for about, w in self.errors if about.get("participant_key", participant) == participant)
        )

    def reason(self, participant: str, plan: str, component: str) -> str:
        """Say why a component of a person has no figure; empty where no error names it."""
        return next((words for about, words in self.errors if self._names(about, participant, plan, component)), "")

    def _names(self, about: Mapping[str, str], participant: str, plan: str, component: str) -> bool:
        """True where an error is about a component. One about a measure concerns all of them, one about a component the limits too."""
        asked = about.get("component_key", component)
        return (
            about.get("participant_key", participant) == participant
            and (asked == component or component in PLAN_LIMITS or (plan, asked) not in self.components)
            and ("plan_key" not in about or self.plans.get(about["plan_key"]) == plan)
        )


def _errors(findings: Iterable[Mapping[str, object]]) -> Iterable[tuple[dict[str, str], str]]:
    """Whom each error is about and what it says; none for what is no error, or about single deals only."""
    for finding in findings:
        about = finding["about"]
        assert isinstance(about, dict)
        named = {key: str(about[key]) for key in GROUP_KEYS if key in about}
        if finding["severity"] == "ERROR" and named:
            yield named, str(finding["what"])
