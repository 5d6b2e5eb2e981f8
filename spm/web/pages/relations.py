"""The page and the API that take a file of named relations."""

from spm.crm.services.relations import RELATIONS
from spm.web.row_pages import RowFileApi, RowFileDownload, RowFilePage


class RelationFilePage(RowFilePage):
    """Takes a file of relations."""

    kind, route, back = RELATIONS, "people:relation_file", ("people:participant_list", "People")


class RelationFileDownload(RowFileDownload):
    """The relations as such a file, and its template."""

    kind = RELATIONS


class RelationFileApi(RowFileApi):
    """Takes a file of relations, whole or not at all."""

    kind = RELATIONS
