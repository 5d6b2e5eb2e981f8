"""Edits the shares of one deal, by the same path as a file: kept with who, when, before and after, and undone like one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from spm.core.money import RATE_SCALE, Rate
from spm.crm.models import HeldRow, SplitKind, Upload
from spm.crm.selectors.lists import fact_list, opportunity_list
from spm.crm.services.uploads import rows_commit
from spm.people.models import Participant
from spm.roles.policy import Viewer, require

FIELDS = ("key", "opportunity", "participant", "kind", "share")


@dataclass(frozen=True)
class Share:
    """Somebody's share of a deal at scale 10**8."""

    participant_id: UUID
    kind: str
    share_rate: int


@transaction.atomic
def split_set(*, opportunity_id: UUID, shares: Sequence[Share], actor: Viewer) -> Upload:
    """Let exactly these shares hold for a deal; whoever is not named has none any more.

    Raises ValidationError where revenue shares are given and do not sum to 100 %, and for what an import would hold.
    """
    require(actor, "fact.import")
    deal = opportunity_list(actor).filter(fact_id=opportunity_id).first()
    if deal is None:
        raise ValidationError("This deal is not known. Reload the page and try again.")
    _check(shares)
    upload = rows_commit(
        kind="split",
        fields=FIELDS,
        rows=_rows(deal, shares, actor),
        file_name=f"splits-{deal.fact.source_key}.csv",
        source=deal.fact.source,
        actor=actor,
    )
    if upload.held:
        raise ValidationError([row.reason for row in HeldRow.objects.filter(upload=upload)])
    return upload


def _check(shares: Sequence[Share]) -> None:
    places = [(one.participant_id, one.kind) for one in shares]
    if len(set(places)) != len(places):
        raise ValidationError("A person has two shares of the same kind. Keep one of them.")
    if any(one.kind not in SplitKind.values or not 0 < one.share_rate <= RATE_SCALE for one in shares):
        raise ValidationError("A share is revenue or overlay, above 0 % and at most 100 %. Correct it.")
    total = sum(one.share_rate for one in shares if one.kind == SplitKind.REVENUE)
    if total not in (0, RATE_SCALE):
        raise ValidationError(f"The revenue shares sum to {Rate(total)}, not to 100 %. Correct them.")


def _rows(deal: Any, shares: Sequence[Share], actor: Viewer) -> list[tuple[str, ...]]:
    """The rows that say the same: known shares under their keys, those that end with 0 %."""
    current = fact_list(actor, "split").filter(opportunity_id=deal.fact_id)
    keys = {(one.participant_id, one.kind): one.fact.source_key for one in current}
    wanted = {(one.participant_id, one.kind): one.share_rate for one in shares}
    if not keys and not wanted:
        raise ValidationError("The deal has no shares, and none were given. Name who shares it.")
    people = {
        one.pk: one.source_key for one in Participant.objects.filter(pk__in={who for who, _ in {**keys, **wanted}})
    }
    rows: list[tuple[str, ...]] = []
    for who, kind in sorted({**keys, **wanted}, key=str):
        if who not in people:
            raise ValidationError("A person is not known in this company. Reload the page and try again.")
        key = keys.get((who, kind), f"{deal.fact.source_key}/{people[who]}/{kind}")
        rows.append((key, deal.fact.source_key, people[who], kind, str(Rate(wanted.get((who, kind), 0)))))
    return rows
