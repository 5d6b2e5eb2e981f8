"""Pages that take files of target pay, ramps, leave, currencies of pay and plan assignments."""

from incentives.services.adjustment_files import ADJUSTMENTS
from incentives.services.files import ASSIGNMENTS, LEAVES, RAMPS, TARGETS
from incentives.services.opening_files import OPENINGS
from incentives.services.parallel_files import FORMER
from incentives.services.pay_currency_files import PAY_CURRENCIES
from incentives.services.payout_answer_files import PAYOUT_ANSWERS
from spm.web.row_pages import RowFileDownload, RowFilePage

BACK = ("incentives:target_list", "Target pay")


class TargetFilePage(RowFilePage):
    """Takes a file of target pay."""

    kind, route, back = TARGETS, "incentives:target_file", BACK


class TargetFileDownload(RowFileDownload):
    """Target pay as such a file, and its template."""

    kind = TARGETS


class RampFilePage(RowFilePage):
    """Takes a file of ramps."""

    kind, route, back = RAMPS, "incentives:ramp_file", BACK


class RampFileDownload(RowFileDownload):
    """Ramps as such a file, and its template."""

    kind = RAMPS


class LeaveFilePage(RowFilePage):
    """Takes a file of leave."""

    kind, route, back = LEAVES, "incentives:leave_file", BACK


class LeaveFileDownload(RowFileDownload):
    """Leave as such a file, and its template."""

    kind = LEAVES


class PayCurrencyFilePage(RowFilePage):
    """Takes a file of currencies of pay."""

    kind, route = PAY_CURRENCIES, "incentives:pay_currency_file"
    back = ("incentives:pay_currency_list", "Currencies of pay")


class PayCurrencyFileDownload(RowFileDownload):
    """Currencies of pay as such a file, and its template."""

    kind = PAY_CURRENCIES


class AssignmentFilePage(RowFilePage):
    """Takes a file of plan assignments."""

    kind, route, back = ASSIGNMENTS, "incentives:assignment_file", ("incentives:plan_list", "Plans")


class AssignmentFileDownload(RowFileDownload):
    """Plan assignments as such a file, and its template."""

    kind = ASSIGNMENTS


class AdjustmentFilePage(RowFilePage):
    """Takes a file of manual adjustments."""

    kind, route, back = ADJUSTMENTS, "incentives:adjustment_file", ("incentives:adjustment_list", "Adjustments")


class AdjustmentFileDownload(RowFileDownload):
    """Adjustments as such a file, and its template."""

    kind = ADJUSTMENTS


class OpeningFilePage(RowFilePage):
    """Takes a file of opening balances."""

    kind, route, back = OPENINGS, "incentives:opening_file", ("incentives:opening_list", "Opening balances")


class OpeningFileDownload(RowFileDownload):
    """Opening balances as such a file, and its template."""

    kind = OPENINGS


class ParallelFilePage(RowFilePage):
    """Takes a file of results of the former system."""

    kind, route, back = FORMER, "incentives:parallel_file", ("incentives:parallel_list", "Parallel run")


class ParallelFileDownload(RowFileDownload):
    """Results of the former system as such a file, and its template."""

    kind = FORMER


class PayoutAnswerFilePage(RowFilePage):
    """Takes a file of payroll's answers."""

    kind, route, back = PAYOUT_ANSWERS, "incentives:payout_answer_file", ("incentives:payout_list", "Payouts")


class PayoutAnswerFileDownload(RowFileDownload):
    """The lines of the payout that waits as such a file, and its template."""

    kind = PAYOUT_ANSWERS
