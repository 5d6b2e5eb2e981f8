"""What a version takes the place of when it is published: published versions of its plan that pay on days which it shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from incentives.models import PlanAssignment, PlanState, PlanVersion
from incentives.selectors.moving import Again, periods_again
from incentives.selectors.plans import assignment_list
from spm.roles.policy import Viewer, require


@dataclass(frozen=True)
class Replacement:
    """A published version that ends, or is retired where it has no day left, and what that changes.

    `unpaid_from` is the day from which the plan then pays nobody, though the replaced version would have; None where there is none.
    """

    number: int
    start: date
    until: date
    is_retired: bool
    unpaid_from: date | None
    who: tuple[PlanAssignment, ...]
    periods: tuple[Again, ...]

    @property
    def shut(self) -> tuple[Again, ...]:
        """Give the periods that were closed or paid: what changes in them is posted as an adjustment of a prior period."""
        return tuple(each for each in self.periods if each.is_shut)

    @property
    def again(self) -> tuple[Again, ...]:
        """Give the open periods whose figures people have seen: the next run posts the difference in them."""
        return tuple(each for each in self.periods if each.is_calculated and not each.is_shut)


def versions_sharing(version: PlanVersion) -> Sequence[PlanVersion]:
    """Give the published versions of the same plan that pay on a day of the version, earliest first."""
    rows = PlanVersion.objects.filter(plan=version.plan, state=PlanState.PUBLISHED, during__overlap=version.during)
    return list(rows.exclude(pk=version.pk).order_by("during", "number"))


def replacing_preview(viewer: Viewer, version: PlanVersion) -> tuple[Replacement, ...]:
    """Give what publishing the version would replace, for whom, and which periods are rated again."""
    require(viewer, "whatif.view")
    return tuple(_replacement(viewer, version, each) for each in versions_sharing(version))


def _replacement(viewer: Viewer, version: PlanVersion, other: PlanVersion) -> Replacement:
    start, until = max(other.during.lower, version.during.lower), other.during.upper
    kinds = {str(each.definition.get("period")) for each in (version, other)}
    return Replacement(
        number=other.number,
        start=start,
        until=until,
        is_retired=other.during.lower >= version.during.lower,
        unpaid_from=version.during.upper if version.during.upper < until else None,
        who=tuple(assignment_list(viewer, version.plan).filter(during__overlap=(start, until))),
        periods=periods_again(viewer, kinds, [(start, until)]),
    )
