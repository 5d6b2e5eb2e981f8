"""People and their timelines. A rep sees the own, a manager the team of today."""

from spm.people.models import Participant
from tests.walls.permissions import API, Row

FACTORIES = {"participant": lambda owner: Participant.objects.get(source_key=owner).pk}
REX = {"pk": "participant"}
SEE = "ada sol fin otto mara mona max rex ria rob"
SEE_REX = {"may": "ada sol fin otto mara rex", "hidden": "mona max ria rob"}

ROWS = [
    Row(route="people:participant_list", may=SEE),
    Row(route="people:participant_export", at={"form": "csv"}, may=SEE),
    Row(route="people:participant_new", may="sol"),
    Row(route="people:participant_new", verb="POST", may="sol"),
    Row(route="people:position_new", may="sol"),
    Row(route="people:position_new", verb="POST", may="sol"),
    Row(route="people:participant_detail", at=REX, **SEE_REX),
    Row(route="people:participant_detail", verb="POST", at=REX, may="sol"),
    Row(route="people:participant_edit", at=REX, may="sol"),
    Row(route="people:participant_edit", verb="POST", at=REX, may="sol"),
    Row(route="people:relation_file", may="sol"),
    Row(route="people:relation_file", verb="POST", may="sol"),
    Row(route="people:relation_file_download", at={"what": "template", "form": "csv"}, may="sol"),
    Row(route="api_people_relation_file", verb="POST", kind=API, may="sol"),
    Row(route="api_people_participants", kind=API, may=SEE),
    Row(route="api_people_participants", verb="POST", kind=API, may="sol"),
    Row(route="api_people_positions", kind=API, may=SEE),
    Row(route="api_people_titles", kind=API, may=SEE),
    Row(route="api_people_units", kind=API, may=SEE),
    Row(route="api_people_timeline", kind=API, at=REX, **SEE_REX),
    Row(route="api_people_timeline", verb="POST", kind=API, at=REX, may="sol"),
    Row(route="api_people_leaving", verb="POST", kind=API, at=REX, may="sol"),
]
