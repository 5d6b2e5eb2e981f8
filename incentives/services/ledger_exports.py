"""Hands the ledger to the general ledger: each journal once, on the accounts and cost centres that finance mapped it to.

An export covers the journals of a period up to the last one; the next takes what was posted since. What the general ledger did not take
is withdrawn with a reason, and comes again. Nothing of the ledger is changed by it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from incentives.engine.booking import Booked, Details, Entry, Key, Rule, book, sums
from incentives.models import (
    ExportBasis,
    Journal,
    JournalKind,
    LedgerAccount,
    LedgerExport,
    LedgerExportLine,
    LedgerExportWithdrawal,
    LedgerFormat,
    Plan,
)
from incentives.selectors.booking import (
    ACCRUAL,
    BESIDE,
    REVERSAL,
    Asked,
    cost_centres,
    entries_accrued,
    entries_between,
)
from incentives.selectors.layout import look_kept
from incentives.selectors.ledger_exports import (
    DETAILS,
    FIELDS,
    Exported,
    exports_of,
    last_day,
    ledger_format,
    standing_exports,
)
from incentives.services.layout import look_check
from incentives.services.ledger import ledger_lock
from planning.selectors import period_get
from spm.people.models import Participant, Unit
from spm.roles.policy import Viewer, require

KINDS = {ACCRUAL: "Accrual", REVERSAL: "Reversal"} | {each.value: str(each.label) for each in JournalKind}
LONGEST = 60


@transaction.atomic
def ledger_export_make(*, period_id: UUID, actor: Viewer) -> LedgerExport:
    """Make the next export of a period: its journals that no export has taken, or what the accrual has changed by since.

    Raises ValidationError where nothing is new, and with everything that is missing where an account, or a person's cost centre, isn't
    mapped: then nothing is exported.
    """
    require(actor, "ledger.export")
    ledger_lock()
    period, form = period_get(period_id), ledger_format()
    before = standing_exports(period)
    basis, after, until = _span(period, form["basis"], before)
    fields = {column["field"] for column in form["columns"]}
    asked = Asked("earned_in" in fields, "journal" in fields and basis == ExportBasis.EARNED)
    zone = actor.organisation.time_zone
    if basis == ExportBasis.EARNED:
        lines = _booked(entries_between(period, after, until, asked, zone), form, period).lines
    else:
        lines = _difference(_booked(entries_accrued(period, asked, zone), form, period).lines, before)
    if not lines:
        raise ValidationError(f"Nothing of {period.key} is new for the general ledger. There is no file to make.")
    return _kept(period, basis, (after, until), form, lines, actor)


@transaction.atomic
def ledger_export_withdraw(*, export_id: UUID, reason: str, actor: Viewer) -> Exported:
    """Say that the general ledger did not take an export: what it held comes with the next one.

    Raises ValidationError without a reason, for one that is withdrawn already, and while a later one of the period stands.
    """
    require(actor, "ledger.export")
    ledger_lock()
    export = LedgerExport.objects.select_related("period").get(pk=export_id)
    standing = standing_exports(export.period)
    if export not in standing:
        raise ValidationError(f"{export} was withdrawn already. Nothing was changed.")
    if export != standing[-1]:
        raise ValidationError(
            f"{standing[-1]} of {export.period.key} came after {export}. Withdraw that one first, so that each journal comes once."
        )
    if not reason.strip():
        raise ValidationError({"reason": "Say why the general ledger did not take it."})
    LedgerExportWithdrawal.objects.create(
        export=export, reason=reason.strip()[:300], by_id=actor.user_id, by_name=actor.name, at=timezone.now()
    )
    return exports_of([export])[0]


@transaction.atomic
def ledger_format_set(
    *,
    basis: str,
    accounts: Sequence[Mapping[str, str]],
    centres: Sequence[Mapping[str, str]],
    columns: Sequence[Mapping[str, str]],
    delimiter: str,
    decimal: str,
    has_header: bool,
    has_trailer: bool,
    actor: Viewer,
) -> LedgerFormat:
    """Set how the ledger is mapped and how its file looks from the next export on; raises ValidationError naming what is wrong."""
    require(actor, "ledger.export")
    kept = look_check(columns=columns, fields=FIELDS, delimiter=delimiter, decimal=decimal)
    fields = {column["field"] for column in kept}
    if not ({"debit", "credit"} <= fields or "amount" in fields) or not {"gl_account", "currency"} <= fields:
        raise ValidationError(
            {"columns": "A file needs gl_account, currency, and debit with credit, or amount. Add what is missing."}
        )
    if basis not in ExportBasis.values:
        raise ValidationError({"basis": f"There is no basis {basis}. There are: {', '.join(ExportBasis.values)}."})
    _accounts_check(accounts)
    _centres_check(centres)
    ledger_lock()
    return LedgerFormat.objects.create(
        number=(LedgerFormat.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        basis=basis,
        accounts=[{name: str(each.get(name) or "") for name in Rule._fields} for each in accounts],
        centres=[{name: str(each[name]) for name in ("kind", "key", "cost_centre")} for each in centres],
        columns=kept,
        delimiter=delimiter,
        decimal=decimal,
        has_header=has_header,
        has_trailer=has_trailer,
        set_by_name=actor.name,
        set_at=timezone.now(),
    )


def _span(period: Any, basis: str, before: Sequence[LedgerExport]) -> tuple[ExportBasis, int, int]:
    """After which journal the export begins and with which it ends."""
    other = next((one for one in before if one.basis != basis), None)
    if other is not None:
        raise ValidationError(
            f"{other} of {period.key} was made on the other basis ({other.get_basis_display()}). Both would book the same expense twice. "
            f"Withdraw it, or set the basis back."
        )
    rows = Journal.objects.exclude(kind__in=BESIDE)
    if basis == ExportBasis.EARNED:
        rows = rows.filter(period=period)
    until = rows.aggregate(last=Max("number"))["last"] or 0
    after = before[-1].until_number if before else 0
    if basis == ExportBasis.EARNED and until <= after:
        raise ValidationError(f"Nothing of {period.key} is new for the general ledger. There is no file to make.")
    return ExportBasis(basis), after if basis == ExportBasis.EARNED else 0, until


def _booked(entries: Sequence[Entry], form: Mapping[str, Any], period: Any) -> Booked:
    """The lines; raises ValidationError with all that isn't mapped."""
    rules = [Rule(**each) for each in form["accounts"]]
    people = {entry.participant for entry in entries}
    centres = cost_centres(people, form["centres"], last_day(period))
    found = book(entries, rules, centres, _details(form))
    missing = _missing(found)
    if missing:
        number = len(missing)
        raise ValidationError(
            [f"{period.key} was not exported: {number} {'is' if number == 1 else 'are'} not mapped.", *missing]
        )
    odd = {currency: amount for currency, amount in sums(found.lines).items() if amount}
    if odd:
        raise ValidationError(f"{period.key} was not exported: debits and credits differ by {odd}. Verify the ledger.")
    return found


def _missing(found: Booked) -> list[str]:
    """Each account without a general ledger account, and each person without a cost centre, in words."""
    words = {each.value: str(each.label) for each in LedgerAccount}
    said = []
    for account, plan, component in sorted(found.unmapped):
        of = f" of plan {plan}" + (f", component {component}" if component else "") if plan else " of no plan"
        said.append(f"{words[account]} ({account}){of} has no account of the general ledger.")
    for person in Participant.objects.filter(pk__in=found.centreless).order_by("name", "source_key"):
        said.append(f"{person.name_and_key} has no cost centre. Name one for the person or their unit.")
    return said


def _details(form: Mapping[str, Any]) -> Callable[[Entry], Details]:
    """What the columns ask for besides, of each entry."""
    asked = [name for name in DETAILS if any(column["field"] == name for column in form["columns"])]
    people = {}
    if {"person", "employee_number", "name"} & set(asked):
        people = {str(each.pk): each for each in Participant.objects.all()}

    def values(entry: Entry) -> Details:
        person = people.get(entry.participant)
        known = {
            "kind": KINDS[entry.kind],
            "account": entry.account,
            "plan": entry.plan,
            "component": entry.component,
            "earned_in": entry.earned_in,
            "journal": entry.journal,
            "person": person.source_key if person else "",
            "employee_number": person.employee_number if person else "",
            "name": person.name if person else "",
        }
        return tuple((name, known[name]) for name in asked)

    return values


def _difference(lines: Mapping[Key, int], before: Sequence[LedgerExport]) -> dict[Key, int]:
    """What the accrual should be less what exports of it hold."""
    left = dict(lines)
    for line in LedgerExportLine.objects.filter(export__in=before):
        details = tuple((name, line.details[name]) for name in DETAILS if name in line.details)
        key = Key(line.on, line.gl_account, line.cost_centre, line.currency, details)
        left[key] = left.get(key, 0) - (line.credit_minor - line.debit_minor)
    return {key: amount for key, amount in sorted(left.items()) if amount}


def _kept(
    period: Any,
    basis: ExportBasis,
    span: tuple[int, int],
    form: Mapping[str, Any],
    lines: Mapping[Key, int],
    actor: Viewer,
) -> LedgerExport:
    export = LedgerExport.objects.create(
        number=(LedgerExport.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        period=period,
        basis=basis,
        after_number=span[0],
        until_number=span[1],
        form=look_kept(form),
        made_by_id=actor.user_id,
        made_by_name=actor.name,
        made_at=timezone.now(),
    )
    LedgerExportLine.objects.bulk_create(
        LedgerExportLine(
            export=export,
            number=number,
            on=key.on,
            gl_account=key.gl_account,
            cost_centre=key.cost_centre,
            currency=key.currency,
            debit_minor=max(-amount, 0),
            credit_minor=max(amount, 0),
            details=dict(key.details),
        )
        for number, (key, amount) in enumerate(lines.items(), start=1)
    )
    return export


def _accounts_check(accounts: Sequence[Mapping[str, str]]) -> None:
    """Each rule names an account of the ledger and one of the general ledger, once, and a plan that there is."""
    plans, seen = set(Plan.objects.values_list("code", flat=True)), set()
    for each in accounts:
        account, plan, component = (str(each.get(name) or "") for name in ("account", "plan", "component"))
        said = " ".join(filter(None, (account, plan, component)))
        if account not in LedgerAccount.values:
            known = ", ".join(LedgerAccount.values)
            raise ValidationError({"accounts": f"The ledger has no account {account}. It has: {known}."})
        if plan and plan not in plans:
            raise ValidationError({"accounts": f"{said}: there is no plan {plan}."})
        if component and not plan:
            raise ValidationError({"accounts": f"{said}: a component belongs to a plan. Name the plan."})
        if (account, plan, component) in seen:
            raise ValidationError({"accounts": f"{said} is mapped twice. Leave one of them."})
        target, centre = str(each.get("gl_account") or ""), str(each.get("cost_centre") or "")
        if not target or len(target) > LONGEST or len(centre) > LONGEST:
            raise ValidationError({"accounts": f"{said}: an account of the general ledger has 1 to {LONGEST} letters."})
        seen.add((account, plan, component))


def _centres_check(centres: Sequence[Mapping[str, str]]) -> None:
    """Each names a unit or a person that there is, once."""
    known = {
        "unit": set(Unit.objects.values_list("code", flat=True)),
        "person": set(Participant.objects.values_list("source_key", flat=True)),
    }
    seen = set()
    for each in centres:
        kind, key, centre = (str(each.get(name) or "") for name in ("kind", "key", "cost_centre"))
        if kind not in known:
            raise ValidationError({"centres": f"A cost centre is of a unit or a person, not of “{kind}”."})
        if key not in known[kind]:
            raise ValidationError({"centres": f"There is no {kind} {key}."})
        if not centre or len(centre) > LONGEST:
            raise ValidationError({"centres": f"{kind} {key}: a cost centre has 1 to {LONGEST} letters."})
        if (kind, key) in seen:
            raise ValidationError({"centres": f"{kind} {key} has two cost centres. Leave one of them."})
        seen.add((kind, key))
