"""The API that takes files of quotas and of scores."""

from planning.services.files import HIRES, QUOTAS, SCORES
from planning.services.sheet_files import SHEETS
from spm.web.row_pages import RowFileApi


class QuotaFileApi(RowFileApi):
    """Takes a file of quotas, whole or not at all."""

    kind = QUOTAS


class ScoreFileApi(RowFileApi):
    """Takes a file of scores, whole or not at all; each waits for its approval."""

    kind = SCORES


class HireFileApi(RowFileApi):
    """Takes a file of hires, whole or not at all."""

    kind = HIRES


class SheetFileApi(RowFileApi):
    """Takes a file of values of quota sheets, whole or not at all; what equals a sheet stays as it is."""

    kind = SHEETS
