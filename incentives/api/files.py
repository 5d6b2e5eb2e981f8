"""The API that takes files of target pay, ramps, leave, currencies of pay and plan assignments."""

from incentives.services.adjustment_files import ADJUSTMENTS
from incentives.services.files import ASSIGNMENTS, LEAVES, RAMPS, TARGETS
from incentives.services.opening_files import OPENINGS
from incentives.services.parallel_files import FORMER
from incentives.services.pay_currency_files import PAY_CURRENCIES
from incentives.services.payout_answer_files import PAYOUT_ANSWERS
from spm.web.row_pages import RowFileApi


class TargetFileApi(RowFileApi):
    """Takes a file of target pay, whole or not at all."""

    kind = TARGETS


class RampFileApi(RowFileApi):
    """Takes a file of ramps, whole or not at all."""

    kind = RAMPS


class LeaveFileApi(RowFileApi):
    """Takes a file of leave, whole or not at all."""

    kind = LEAVES


class PayCurrencyFileApi(RowFileApi):
    """Takes a file of currencies of pay, whole or not at all; open books are converted at once."""

    kind = PAY_CURRENCIES


class AssignmentFileApi(RowFileApi):
    """Takes a file of plan assignments, whole or not at all."""

    kind = ASSIGNMENTS


class AdjustmentFileApi(RowFileApi):
    """Takes a file of manual adjustments, whole or not at all; it is approved as a whole, and the same file again changes nothing."""

    kind = ADJUSTMENTS


class OpeningFileApi(RowFileApi):
    """Takes a file of opening balances, whole or not at all; it is approved as a whole, and the same file again changes nothing."""

    kind = OPENINGS


class ParallelFileApi(RowFileApi):
    """Takes a file of results of the former system, whole or not at all; the latest of a period counts, and nothing is posted."""

    kind = FORMER


class PayoutAnswerFileApi(RowFileApi):
    """Takes a file of payroll's answers, whole or not at all; what is answered as it says changes nothing."""

    kind = PAYOUT_ANSWERS
