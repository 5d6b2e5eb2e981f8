"""The facts behind a deal as known at a moment, down to the row of the file in which each was received."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from spm.crm.feeds.errors import FeedError
from spm.crm.intake.reading import upload_open
from spm.crm.kinds import fact_kind
from spm.crm.models import Upload, UploadContent
from spm.crm.selectors.lists import Shown, attributes_shown, value_shown
from spm.roles.policy import Viewer

MOST = 100
"""So many facts of one kind are shown of a deal; how many more there are is told."""
COST = {("order_line", "cost_amount"), ("product", "unit_cost")}
"""Fields that only they see who see the imports, and those whose pay was computed from them."""


@dataclass(frozen=True)
class SourceRow:
    """A fact as it was known: its fields, and the row of the file that said so, cell by cell as received.

    `cells` is empty where the fact came without a file.
    """

    kind: str
    fact_id: UUID
    label: str
    source: str
    source_key: str
    known_from: datetime
    fields: tuple[tuple[str, Shown], ...]
    upload: Upload | None
    row_number: int | None
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DealSources:
    """All facts of a deal, the deal first; `more` counts those that are not shown."""

    rows: tuple[SourceRow, ...]
    more: int


def deal_sources(viewer: Viewer, deal_id: UUID | str, *, known_at: datetime, costs: bool) -> DealSources:
    """Give what stood behind a deal at a moment: the deal, what was sold, ordered, agreed, shared, billed and taken back.

    Who may see the deal is the caller's to ask. Cost is shown where `costs` says so, and to who sees the imports; columns that the
    import did not take are shown to the latter only.
    """
    sees_files = viewer.can("quality.view")
    found: list[tuple[str, Any, str]] = []
    more = 0
    for kind, filters, currency in _parts(deal_id, known_at):
        versions = _known(kind, known_at).filter(**filters).order_by("fact__source_key")
        taken = list(versions[:MOST])
        more += versions.count() - len(taken) if len(taken) == MOST else 0
        found += [(kind, one, getattr(one, "currency", "") or currency) for one in taken]
    cells = _cells([one for _, one, _ in found])
    rows = (
        _row(kind, one, currency, cells, costs=costs or sees_files, whole=sees_files) for kind, one, currency in found
    )
    return DealSources(tuple(rows), more)


def _parts(deal_id: UUID | str, known_at: datetime) -> Iterable[tuple[str, dict[str, Any], str]]:
    """The kinds of facts of a deal, how each is found, and the currency where a fact names none of its own."""
    yield "opportunity", {"fact": deal_id}, ""
    deal = _known("opportunity", known_at).filter(fact=deal_id).first()
    currency = deal.currency if deal else ""
    orders = set(_known("order", known_at).filter(opportunity=deal_id).values_list("fact", flat=True))
    orders |= set(_known("order", known_at).filter(reverses__in=orders).values_list("fact", flat=True))
    contracts = set(_known("contract", known_at).filter(opportunity=deal_id).values_list("fact", flat=True))
    lines = _known("order_line", known_at).filter(order__in=orders)
    products = {*lines.values_list("product", flat=True), *([deal.product_id] if deal else [])} - {None}
    invoices = set(_known("invoice", known_at).filter(order__in=orders).values_list("fact", flat=True))
    invoices |= set(_known("invoice", known_at).filter(contract__in=contracts).values_list("fact", flat=True))
    yield "order", {"fact__in": orders}, currency
    yield "order_line", {"order__in": orders}, currency
    yield "contract", {"fact__in": contracts}, currency
    yield "product", {"fact__in": products}, currency
    yield "account", {"fact__in": [deal.account_id] if deal and deal.account_id else []}, currency
    yield "split", {"opportunity": deal_id}, currency
    yield "invoice", {"fact__in": invoices}, currency
    yield "payment", {"invoice__in": invoices}, currency
    yield "credit_note", {"invoice__in": invoices}, currency


def _known(kind: str, known_at: datetime) -> Any:
    facts = fact_kind(kind)
    names = [field.name for field in facts.reference_fields]
    versions: Any = facts.version._default_manager  # every subclass names its fact
    return versions.known_at(known_at).select_related("fact", "upload", *names)


def _row(
    kind: str,
    version: Any,
    currency: str,
    cells: dict[Any, dict[int, list[tuple[str, str]]]],
    *,
    costs: bool,
    whole: bool,
) -> SourceRow:
    facts = fact_kind(kind)
    hidden = set() if costs else {name for of, name in COST if of == kind}
    shown = [
        (field.label, value)
        for field in facts.stored_fields
        if field.name not in hidden and (value := value_shown(version, field, currency)) is not None
    ]
    received = cells.get(version.upload_id, {}).get(version.row_number, [])
    taken = _columns_taken(version.upload, hidden) if version.upload and not whole else None
    return SourceRow(
        kind=kind,
        fact_id=version.fact_id,
        label=facts.label,
        source=version.fact.source,
        source_key=version.fact.source_key,
        known_from=version.known_from,
        fields=(*shown, *attributes_shown(version)),
        upload=version.upload,
        row_number=version.row_number,
        cells=tuple(cell for cell in received if taken is None or cell[0] in taken),
    )


def _columns_taken(upload: Upload, hidden: set[str]) -> set[str]:
    """The columns of the file that the import took, without those of hidden fields."""
    mapping = upload.mapping
    columns: dict[str, str] = mapping.get("columns") or {}
    taken = {column for name, column in columns.items() if name not in hidden}
    return taken | {str(each["column"]) for each in (mapping.get("attributes") or {}).values()}


def _cells(versions: list[Any]) -> dict[Any, dict[int, list[tuple[str, str]]]]:
    """The cells as received of these versions' rows by upload and row; each file is read once, until its last wanted row."""
    wanted: dict[Any, set[int]] = {}
    uploads = {}
    for one in versions:
        if one.upload is not None and one.row_number is not None:
            wanted.setdefault(one.upload_id, set()).add(one.row_number)
            uploads[one.upload_id] = one.upload
    return {key: upload_cells(uploads[key], numbers) for key, numbers in wanted.items()}


def upload_cells(upload: Upload, numbers: set[int]) -> dict[int, list[tuple[str, str]]]:
    """Give rows of an upload as received, by their numbers: column and text; a file that was discarded or can't be read gives none."""
    found: dict[int, list[tuple[str, str]]] = {}
    if not numbers or not UploadContent.objects.filter(upload=upload).exists():
        return found
    try:
        with upload_open(upload) as sheet:
            for row in islice(sheet.rows, max(numbers)):
                if row.number in numbers:
                    found[row.number] = [
                        (name, text or "") for name, text in zip(sheet.header, row.values, strict=False)
                    ]
                if row.number >= max(numbers):
                    break
    except FeedError:
        return found
    return found
