"""The parallel run: sales operations and finance upload, auditors look."""

from incentives.models import FormerResult, FormerUpload, Run
from spm.people.models import Participant
from tests.walls.permissions import API, Row


def _period(owner: str) -> object:
    person = Participant.objects.get(source_key=owner)
    period = Run.objects.latest("started_at").period
    said = {"period": period, "digest": "x", "count": 1, "uploaded_by_name": "x"}
    upload = FormerUpload.objects.get_or_create(number=1, defaults=said)[0]
    values = {"name": person.name, "amount_minor": 1, "currency": "USD", "participant": person}
    FormerResult.objects.get_or_create(upload=upload, line=1, defaults=values)
    return period.pk


FACTORIES = {"compared period": _period}
SEE, ONE = "sol fin otto", {"pk": "compared period"}

ROWS = [
    Row(route="incentives:parallel_list", may=SEE),
    Row(route="incentives:parallel_file", may="sol fin"),
    Row(route="incentives:parallel_file", verb="POST", may="sol fin"),
    Row(route="incentives:parallel_file_download", at={"what": "template", "form": "csv"}, may="sol fin"),
    Row(route="incentives:parallel_detail", at=ONE, may=SEE),
    Row(route="incentives:parallel_export", at={**ONE, "form": "csv"}, may=SEE),
    Row(route="api_incentives_parallel", kind=API, may=SEE),
    Row(route="api_incentives_parallel_file", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_parallel_period", kind=API, at=ONE, may=SEE),
    Row(route="api_incentives_parallel_sums", kind=API, at=ONE, may=SEE),
]
