"""Keeps what the pipeline looked like on a day."""

from datetime import date

from django.db import transaction

from insights.models import PipelineSnapshot
from spm.crm.models import OpportunityStatus
from spm.crm.selectors.facts import opportunity_frame


@transaction.atomic
def pipeline_snapshot(*, day: date) -> int:
    """Write the open pipeline per owner, stage and currency for the day, replacing what was there; gives the number of rows."""
    frame = opportunity_frame()
    is_open = frame["status"] == OpportunityStatus.OPEN
    started = frame["created_on"].isna() | (frame["created_on"] <= day)
    frame = frame[is_open & started]
    grouped = frame.groupby(["owner_id", "stage", "currency"], dropna=False, sort=True)["amount_minor"]
    rows = [
        PipelineSnapshot(
            day=day,
            participant_id=owner if isinstance(owner, str) else None,
            stage=str(stage),
            currency=str(currency),
            deal_count=len(amounts),
            unvalued_count=int(amounts.isna().sum()),
            amount_minor=int(amounts.sum()),
        )
        for (owner, stage, currency), amounts in grouped
    ]
    PipelineSnapshot.objects.filter(day=day).delete()
    PipelineSnapshot.objects.bulk_create(rows)
    return len(rows)
