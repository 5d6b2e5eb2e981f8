"""A file of named relations: who stands in which relation to whom, when."""

from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError

from spm.crm.exports import Cell
from spm.crm.row_files import FROM, PERSON, UNTIL, Meant, RowColumn, RowFile, Values, timeline_put
from spm.people.models import Participant, Relationship
from spm.people.naming import person_names
from spm.roles.policy import Viewer, visible


def _open(actor: Viewer) -> Callable[[Values], Meant]:
    people = person_names()

    def meaning(values: Values) -> Meant:
        person, related, name = people.find(values["person"]), people.find(values["related"]), values["relation"]
        if person == related:
            raise ValidationError("Nobody stands in a relationship to themselves. Choose somebody else.")
        key = {"participant_id": person, "related_id": related, "name": name}
        start, until = values["from"], values["until"]
        return Meant(
            tuple(key.values()),
            lambda: timeline_put(Relationship, key=key, values={}, start=start, until=until),
            start,
            until,
        )

    return meaning


def _rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people = person_names()
    mine = visible(viewer, Participant.objects.all(), participant="pk").values("pk")
    for one in Relationship.objects.filter(participant__in=mine).order_by("participant__name", "name", "during", "pk"):
        yield [
            people.word(one.participant_id),
            one.name,
            people.word(one.related_id),
            one.during.lower,
            one.during.upper,
        ]


RELATIONS = RowFile(
    name="relations",
    title="Import relations",
    purpose="Who is credited for another's deals in a named relation, such as mentor or partner manager.",
    action="participant.edit",
    columns=(
        RowColumn(name="person", help=f"Whose deals. {PERSON.help}", sample=PERSON.sample, required=True),
        RowColumn(name="relation", help="The name of the relation, as plans use it.", sample="mentor", required=True),
        RowColumn(name="related", help=f"Who is credited. {PERSON.help}", sample="Ria Rowe", required=True),
        FROM,
        UNTIL,
    ),
    open=_open,
    rows=_rows,
)
