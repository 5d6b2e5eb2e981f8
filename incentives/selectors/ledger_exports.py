"""What the ledger hands to the general ledger, and its file: the same bytes whenever an export is asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from incentives.models import (
    ExportBasis,
    Journal,
    LedgerAccount,
    LedgerExport,
    LedgerExportLine,
    LedgerExportWithdrawal,
    LedgerFormat,
)
from incentives.selectors.booking import BESIDE
from incentives.selectors.company_currency import CompanyTotals, company_totals
from incentives.selectors.layout import LOOK, Cell, control_text, look_csv, look_of, look_xlsx
from incentives.selectors.periods import APPROVED, steps_latest
from planning.selectors import period_list
from spm.core.money import to_major
from spm.roles.policy import Viewer, require

FIELDS: dict[str, str] = {
    "date": "Day of the entry",
    "gl_account": "Account of the general ledger",
    "cost_centre": "Cost centre",
    "debit": "Debit",
    "credit": "Credit",
    "amount": "Debit less credit",
    "currency": "Currency",
    "kind": "Why it was posted",
    "account": "Account of the ledger",
    "plan": "Key of the plan",
    "component": "Key of the component",
    "person": "Key of the person",
    "employee_number": "Employee number",
    "name": "Name of the person",
    "earned_in": "Period it was earned in",
    "journal": "Number of the journal",
    "period": "Period",
    "export": "Number of the export",
    "line": "Number of the line",
    "text": "A fixed text",
}
"""What a column of the file may hold."""

DETAILS = ("kind", "account", "plan", "component", "person", "employee_number", "name", "earned_in", "journal")
"""What lines are parted by only where a column asks for it."""

USUAL: Mapping[str, Any] = look_of(
    [
        ("Date", "date"),
        ("Account", "gl_account"),
        ("Cost centre", "cost_centre"),
        ("Debit", "debit"),
        ("Credit", "credit"),
        ("Currency", "currency"),
        ("Period", "period"),
        ("Batch", "export"),
    ]
) | {"basis": ExportBasis.EARNED.value, "accounts": [], "centres": []}
"""The format of a company that has not set its own: nothing is mapped, so nothing can be exported."""


@dataclass(frozen=True)
class Exported:
    """An export with its lines, and what took it back, if anything."""

    export: LedgerExport
    lines: list[LedgerExportLine]
    withdrawal: LedgerExportWithdrawal | None

    @property
    def state(self) -> str:
        """Give where it stands."""
        return "withdrawn" if self.withdrawal else "exported"

    @property
    def totals(self) -> list[tuple[str, int, int]]:
        """Give the control totals: by currency, debits and credits, which are equal."""
        return _summed((line.currency, line) for line in self.lines)

    @property
    def in_company(self) -> CompanyTotals | None:
        """Give what the debits of each currency, which equal the credits, are in the company's on the last day of the period."""
        return company_totals([(currency, debit) for currency, debit, _ in self.totals], last_day(self.export.period))

    @property
    def accounts(self) -> list[tuple[str, str, int, int]]:
        """Give debits and credits by account of the general ledger and currency."""
        rows = _summed(((line.gl_account, line.currency), line) for line in self.lines)
        return [(account, currency, debit, credit) for (account, currency), debit, credit in rows]

    @property
    def checked(self) -> list[tuple[str, int]]:
        """Give the control totals as the file writes them."""
        named = ((("DEBIT", debit), ("CREDIT", credit), currency) for currency, debit, credit in self.totals)
        return [(f"{word} {currency}", minor) for *sides, currency in named for word, minor in sides]

    @property
    def digest(self) -> str:
        """Give the SHA-256 of its CSV file."""
        return sha256(export_csv(self)).hexdigest()


def _summed(lines: Iterable[tuple[Any, LedgerExportLine]]) -> list[tuple[Any, int, int]]:
    found: dict[Any, tuple[int, int]] = {}
    for key, line in lines:
        debit, credit = found.get(key, (0, 0))
        found[key] = (debit + line.debit_minor, credit + line.credit_minor)
    return [(key, *found[key]) for key in sorted(found)]


def export_list(viewer: Viewer) -> QuerySet[LedgerExport]:
    """Give every export, latest first."""
    require(viewer, "ledger.view")
    return LedgerExport.objects.select_related("period").order_by("-number")


def exports_of(exports: Iterable[LedgerExport]) -> list[Exported]:
    """Give exports with what belongs to them, in their order."""
    found = list(exports)
    lines: dict[UUID, list[LedgerExportLine]] = {one.pk: [] for one in found}
    for line in LedgerExportLine.objects.filter(export__in=found).order_by("export", "number"):
        lines[line.export_id].append(line)
    back = {one.export_id: one for one in LedgerExportWithdrawal.objects.filter(export__in=found)}
    return [Exported(one, lines[one.pk], back.get(one.pk)) for one in found]


def export_get(viewer: Viewer, export_id: UUID) -> Exported:
    """Give one export; raises DoesNotExist."""
    return exports_of([export_list(viewer).get(pk=export_id)])[0]


def standing_exports(period: Any) -> list[LedgerExport]:
    """Give the exports of a period that were not taken back, oldest first."""
    back = LedgerExportWithdrawal.objects.values("export_id")
    return list(LedgerExport.objects.filter(period=period).exclude(pk__in=back).order_by("number"))


def exportable_periods(viewer: Viewer) -> list[tuple[Any, int]]:
    """Give the periods that have journals, latest first, each with the number of those that no export has taken yet."""
    require(viewer, "ledger.view")
    back = LedgerExportWithdrawal.objects.values("export_id")
    taken = LedgerExport.objects.exclude(pk__in=back).values_list("period").annotate(last=Max("until_number"))
    until = dict(taken)
    waiting: dict[Any, int] = {}
    for period_id, number in Journal.objects.exclude(kind__in=BESIDE).values_list("period_id", "number"):
        waiting[period_id] = waiting.get(period_id, 0) + (number > until.get(period_id, 0))
    return [(each, waiting[each.id]) for each in period_list().order_by("-during") if each.id in waiting]


def export_suggested(viewer: Viewer, periods: Iterable[tuple[Any, int]]) -> Any | None:
    """Give which of the exportable periods comes next: the latest that has ended, is approved and has something new; None for none."""
    ready = [each for each, waiting in periods if waiting and each.during.upper <= viewer.on]
    last = steps_latest([each.pk for each in ready])
    return next((each for each in ready if each.pk in last and last[each.pk].to_state in APPROVED), None)


def ledger_format() -> Mapping[str, Any]:
    """Give how the ledger is mapped and how its file looks now."""
    row = LedgerFormat.objects.order_by("-number").first()
    if row is None:
        return USUAL
    return {name: getattr(row, name) for name in (*LOOK, "basis", "accounts", "centres")}


def export_csv(exported: Exported) -> bytes:
    """Give the file as text; the trailer, where asked, counts the lines, sums both sides and holds the hash of what is above."""
    return look_csv(exported.export.form, _rows(exported), exported.checked)


def export_xlsx(exported: Exported) -> bytes:
    """Give the same as a sheet, with amounts as numbers."""
    return look_xlsx(exported.export.form, _rows(exported), str(exported.export))


def export_name(exported: Exported) -> str:
    """Give the name of the file without its ending."""
    return f"ledger-{exported.export.number}-{exported.export.period.key}"


def export_control(exported: Exported) -> bytes:
    """Give the sidecar with hash and control totals."""
    name, form = export_name(exported), exported.export.form
    return control_text(form, name, exported.digest, len(exported.lines), exported.checked)


def _rows(exported: Exported) -> list[list[Cell]]:
    columns = exported.export.form["columns"]
    return [[_cell(column, exported.export, line) for column in columns] for line in exported.lines]


def _cell(column: Mapping[str, str], export: LedgerExport, line: LedgerExportLine) -> Cell:
    field, money = column["field"], {
        "debit": line.debit_minor,
        "credit": line.credit_minor,
        "amount": line.debit_minor - line.credit_minor,
    }  # fmt: skip
    if field in money:
        return to_major(money[field], line.currency)
    if field in DETAILS:
        return str(line.details.get(field, ""))
    return str(
        {
            "date": line.on.isoformat(),
            "gl_account": line.gl_account,
            "cost_centre": line.cost_centre,
            "currency": line.currency,
            "period": export.period.key,
            "export": export.number,
            "line": line.number,
            "text": column["text"],
        }[field]
    )


def accounts_sentence(accounts: Iterable[Mapping[str, str]]) -> str:
    """Give the mapping as the page writes it: one rule a line.

    >>> accounts_sentence([{"account": "expense", "plan": "ae", "component": "", "gl_account": "6010", "cost_centre": "person"}])
    'expense ae = 6010 @ person'
    """
    return "\n".join(
        " ".join(filter(None, (each["account"], each["plan"], each["component"])))
        + f" = {each['gl_account']}"
        + (f" @ {each['cost_centre']}" if each["cost_centre"] else "")
        for each in accounts
    )


def centres_sentence(centres: Iterable[Mapping[str, str]]) -> str:
    """Give the cost centres as the page writes them.

    >>> centres_sentence([{"kind": "unit", "key": "west", "cost_centre": "4711"}])
    'unit west = 4711'
    """
    return "\n".join(f"{each['kind']} {each['key']} = {each['cost_centre']}" for each in centres)


def account_names() -> list[tuple[str, str]]:
    """Give the accounts of the ledger with what they are called."""
    return [(each.value, str(each.label)) for each in LedgerAccount]


def last_day(period: Any) -> Any:
    """Give the last day of a period."""
    return period.during.upper - timedelta(days=1)
