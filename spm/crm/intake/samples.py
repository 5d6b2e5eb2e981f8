"""Some accepted rows with their changed fields before and after, as plain text for a page and for the API."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from spm.core.money import RATE_SCALE, format_amount
from spm.crm.feeds.schemas import Field, ValueType
from spm.crm.intake.sorting import Accepted
from spm.crm.kinds import FactKind, fact_kind
from spm.people.models import Participant


def samples(accepted: Iterable[Accepted], kind: FactKind, *, limit: int) -> list[dict[str, Any]]:
    """Give the first accepted rows: [{row, key, fields: [{label, before, after}]}]; amounts are in major units, references by name."""
    picked = list(islice(accepted, limit))
    nothing = tuple(column.default for column in kind.columns)
    names = _names(kind, [each.after for each in picked] + [each.before for each in picked if each.before])
    return [
        {
            "row": each.number,
            "key": each.key,
            "fields": [
                {
                    "label": field.label,
                    "before": _text(kind, field, before, names),
                    "after": _text(kind, field, each.after, names),
                }
                for field in kind.stored_fields
                if before[kind.places[field.name]] != each.after[kind.places[field.name]]
            ],
        }
        for each in picked
        for before in [each.before or nothing]
    ]


def _names(kind: FactKind, rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    """Give what the ids in rows are called: people by name, facts by key."""
    found: dict[str, str] = {}
    for field in kind.reference_fields:
        ids = {row[kind.places[field.name]] for row in rows} - {None}
        if not ids:
            continue
        if field.reference == "participant":
            pairs: Any = Participant.objects.filter(pk__in=ids).values_list("pk", "name")
        else:
            pairs = (
                fact_kind(str(field.reference)).fact._default_manager.filter(pk__in=ids).values_list("pk", "source_key")
            )
        found |= {str(pk): name for pk, name in pairs}
    return found


def _text(kind: FactKind, field: Field, row: tuple[Any, ...], names: dict[str, str]) -> str | None:
    value = row[kind.places[field.name]]
    if value in (None, ""):
        return None
    if field.reference:
        return names.get(value, "new")
    if field.type is ValueType.AMOUNT:
        currency = row[kind.places["currency"]] if "currency" in kind.places else ""
        return f"{format_amount(value, currency)} {currency}" if currency else str(value)
    if field.type is ValueType.PERCENT:
        return f"{value * 100 / RATE_SCALE:g} %"
    return str(value)
