"""Pages that take files of target pay, ramps, leave and plan assignments."""

from incentives.services.files import ASSIGNMENTS, LEAVES, RAMPS, TARGETS
from spm.web.row_pages import RowFileDownload, RowFilePage

TERMS = {"GET": "target.edit", "POST": "target.edit"}
BACK = ("incentives:target_list", "Target pay")


class TargetFilePage(RowFilePage):
    """Takes a file of target pay."""

    kind, route, back, actions = TARGETS, "incentives:target_file", BACK, TERMS


class TargetFileDownload(RowFileDownload):
    """Target pay as such a file, and its template."""

    kind = TARGETS
    actions = {"GET": "target.edit"}


class RampFilePage(RowFilePage):
    """Takes a file of ramps."""

    kind, route, back, actions = RAMPS, "incentives:ramp_file", BACK, TERMS


class RampFileDownload(RowFileDownload):
    """Ramps as such a file, and its template."""

    kind = RAMPS
    actions = {"GET": "target.edit"}


class LeaveFilePage(RowFilePage):
    """Takes a file of leave."""

    kind, route, back, actions = LEAVES, "incentives:leave_file", BACK, TERMS


class LeaveFileDownload(RowFileDownload):
    """Leave as such a file, and its template."""

    kind = LEAVES
    actions = {"GET": "target.edit"}


class AssignmentFilePage(RowFilePage):
    """Takes a file of plan assignments."""

    kind, route, back = ASSIGNMENTS, "incentives:assignment_file", ("incentives:plan_list", "Plans")
    actions = {"GET": "plan.edit", "POST": "plan.edit"}


class AssignmentFileDownload(RowFileDownload):
    """Plan assignments as such a file, and its template."""

    kind = ASSIGNMENTS
    actions = {"GET": "plan.edit"}
