"""Pages that take files of quotas and of scores."""

from planning.services.files import QUOTAS, SCORES
from spm.web.row_pages import RowFileDownload, RowFilePage


class QuotaFilePage(RowFilePage):
    """Takes a file of quotas."""

    kind, route, back = QUOTAS, "planning:quota_file", ("planning:quota_list", "Quotas")
    actions = {"GET": "quota.edit", "POST": "quota.edit"}


class QuotaFileDownload(RowFileDownload):
    """The quotas as such a file, and its template."""

    kind = QUOTAS
    actions = {"GET": "quota.edit"}


class ScoreFilePage(RowFilePage):
    """Takes a file of scores."""

    kind, route, back = SCORES, "planning:score_file", ("planning:score_list", "Scores")
    actions = {"GET": "score.edit", "POST": "score.edit"}


class ScoreFileDownload(RowFileDownload):
    """The scores as such a file, and its template."""

    kind = SCORES
    actions = {"GET": "score.edit"}
