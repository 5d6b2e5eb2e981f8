"""The attributes that the company has added to its deals: what they are called and hold, as the imports that count say."""

from spm.crm.feeds.attributes import KIND
from spm.crm.models import Upload, UploadState


def deal_attributes() -> dict[str, str]:
    """Give the type of each attribute by its name, the latest import deciding."""
    rows = Upload.objects.filter(kind=KIND, state=UploadState.COMMITTED, mapping__has_key="attributes")
    found: dict[str, str] = {}
    for attributes in rows.order_by("committed_at").values_list("mapping__attributes", flat=True):
        found |= {name: each["type"] for name, each in (attributes or {}).items()}
    return found
