"""The page and the API that take a file of named relations."""

from spm.crm.services.relations import RELATIONS
from spm.web.row_pages import RowFileApi, RowFileDownload, RowFilePage


class RelationFilePage(RowFilePage):
    """Takes a file of relations."""

    kind, route, back = RELATIONS, "people:relation_file", ("people:participant_list", "People")
    actions = {"GET": "participant.edit", "POST": "participant.edit"}


class RelationFileDownload(RowFileDownload):
    """The relations as such a file, and its template."""

    kind = RELATIONS
    actions = {"GET": "participant.edit"}


class RelationFileApi(RowFileApi):
    """Takes a file of relations, whole or not at all."""

    kind = RELATIONS
    actions = {"POST": "participant.edit"}
