"""Opening balances: sales operations and finance bring them in, finance approves and releases, auditors look."""

from incentives.models import OpeningBalance, OpeningBatch, Run
from spm.people.models import Participant
from tests.walls.permissions import API, Row


def _opening(owner: str) -> OpeningBalance:
    person = Participant.objects.get(source_key=owner)
    said = {"title": "x", "digest": "x", "asked_by_name": "x"}
    batch = OpeningBatch.objects.get_or_create(number=1, defaults=said)[0]
    period = Run.objects.latest("started_at").period
    values = {"payable_minor": 1, "currency": "USD"}
    return OpeningBalance.objects.get_or_create(
        participant=person, batch=batch, line=1, period=period, defaults=values
    )[0]


FACTORIES = {
    "opening batch": lambda owner: _opening(owner).batch_id,
    "opening": lambda owner: _opening(owner).pk,
}
SEE, BATCH, ONE = "sol fin otto", {"pk": "opening batch"}, {"pk": "opening"}

ROWS = [
    Row(route="incentives:opening_list", may=SEE),
    Row(route="incentives:opening_file", may="sol fin"),
    Row(route="incentives:opening_file", verb="POST", may="sol fin"),
    Row(route="incentives:opening_file_download", at={"what": "template", "form": "csv"}, may="sol fin"),
    Row(route="incentives:opening_batch", at=BATCH, may=SEE),
    Row(route="incentives:opening_approve", verb="POST", at=BATCH, may="fin"),
    Row(route="incentives:opening_reverse", verb="POST", at=BATCH, may="sol fin"),
    Row(route="incentives:opening_release", verb="POST", at=ONE, may="fin"),
    Row(route="api_incentives_openings", kind=API, may=SEE),
    Row(route="api_incentives_opening_file", verb="POST", kind=API, may="sol fin"),
    Row(route="api_incentives_opening_approve", verb="POST", kind=API, at=BATCH, may="fin"),
    Row(route="api_incentives_opening_reverse", verb="POST", kind=API, at=BATCH, may="sol fin"),
    Row(route="api_incentives_opening_release", verb="POST", kind=API, at=ONE, may="fin"),
]
