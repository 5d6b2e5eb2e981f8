"""Pages that take files of quotas and of scores."""

from planning.services.files import HIRES, QUOTAS, SCORES
from planning.services.sheet_files import SHEETS
from spm.web.row_pages import RowFileDownload, RowFilePage


class QuotaFilePage(RowFilePage):
    """Takes a file of quotas."""

    kind, route, back = QUOTAS, "planning:quota_file", ("planning:quota_list", "Quotas")


class QuotaFileDownload(RowFileDownload):
    """The quotas as such a file, and its template."""

    kind = QUOTAS


class ScoreFilePage(RowFilePage):
    """Takes a file of scores."""

    kind, route, back = SCORES, "planning:score_file", ("planning:score_list", "Scores")


class ScoreFileDownload(RowFileDownload):
    """The scores as such a file, and its template."""

    kind = SCORES


class HireFilePage(RowFilePage):
    """Takes a file of hires."""

    kind, route, back = HIRES, "planning:hire_file", ("planning:capacity_list", "Capacity")


class HireFileDownload(RowFileDownload):
    """The hiring plans as such a file, and its template."""

    kind = HIRES


class SheetFilePage(RowFilePage):
    """Takes a file of values of quota sheets."""

    kind, route, back = SHEETS, "planning:sheet_file", ("planning:quota_plan_list", "Quota plans")


class SheetFileDownload(RowFileDownload):
    """The sheets of drafts as such a file, and its template."""

    kind = SHEETS
