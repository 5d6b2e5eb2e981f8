"""Files of results of a former system: kept for their period, where the latest file counts. Nothing is posted."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Max

from incentives.models import FormerResult, FormerUpload, Plan
from incentives.selectors.parallel import upload_latest
from planning.selectors import period_list
from spm.core.money import to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import CURRENCY, Change, Meant, RowColumn, RowFile, Values, Whole
from spm.people.naming import person_names
from spm.roles.policy import Viewer, visible


def _open(actor: Viewer) -> Whole:
    people = person_names()
    periods = {one.key: one for one in period_list().reverse()}
    plans = {one.code: one for one in Plan.objects.all()}
    rows: list[FormerResult] = []
    named: dict[str, Any] = {}
    alone: dict[tuple[str, str], bool] = {}

    def meaning(values: Values) -> Meant:
        _check(values, periods, plans)
        named[values["period"]] = periods[values["period"]]
        if len(named) > 1:
            raise ValidationError("The rows name several periods. Make one file for each.")
        currency = values["currency"] or actor.organisation.currency
        who = values["person"].casefold()
        is_total = values["component"] is None
        if alone.setdefault((who, currency), is_total) != is_total:
            raise ValidationError("This person has a total and components. Keep the components, or the total alone.")
        row = FormerResult(
            name=values["person"],
            participant_id=people.find(values["person"]) if people.knows(values["person"]) else None,
            plan=plans.get(values["plan"]),
            component=values["component"] or "",
            amount_minor=values["amount"],
            currency=currency,
            quota_minor=values["quota"],
        )

        def write() -> Change:
            rows.append(row)
            return Change.CREATED

        return Meant((row.participant_id or who, row.plan_id, row.component, currency), write)

    def finish(digest: str) -> None:
        [period] = named.values()
        _number_lock()
        upload = FormerUpload.objects.create(
            number=(FormerUpload.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
            period=period,
            digest=digest,
            count=len(rows),
            uploaded_by_id=actor.user_id,
            uploaded_by_name=actor.name,
        )
        for line, row in enumerate(rows, start=1):
            row.upload, row.line = upload, line
        FormerResult.objects.bulk_create(rows)

    return Whole(meaning, finish, _is_taken)


def _check(values: Values, periods: dict[str, Any], plans: dict[str, Plan]) -> None:
    if values["period"] not in periods:
        raise ValidationError(
            f"There is no period {values['period']}. Write its key as it stands on the page of periods."
        )
    if values["component"] is None:
        if values["plan"] is not None:
            raise ValidationError("A plan without its component says nothing. Name the component, or leave both blank.")
        return
    if values["plan"] is None:
        raise ValidationError("A component belongs to a plan. Write the code of the plan.")
    if values["plan"] not in plans:
        raise ValidationError(f"There is no plan {values['plan']}. Write its code, or leave plan and component blank.")


def _is_taken(digest: str) -> bool:
    """True for the file that counts for its period already."""
    return any(upload_latest(one.period_id) == one for one in FormerUpload.objects.filter(digest=digest))


def _rows(viewer: Viewer) -> Iterator[list[Cell]]:
    latest = FormerUpload.objects.order_by("period_id", "-number").distinct("period_id").values("pk")
    rows = FormerResult.objects.filter(upload__in=list(latest.values_list("pk", flat=True)))
    for one in visible(viewer, rows.select_related("upload__period", "plan").order_by("upload__number", "line")):
        yield [
            one.name,
            one.upload.period.key,
            one.plan.code if one.plan is not None else None,
            one.component or None,
            to_major(one.amount_minor, one.currency),
            one.currency,
            None if one.quota_minor is None else to_major(one.quota_minor, one.currency),
        ]


def _number_lock() -> None:
    """Let one upload of the company wait for another, so that numbers have no gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('former:' || current_setting('app.organisation_id'), 0))"
        )


FORMER = RowFile(
    name="former-results",
    title="Upload former results",
    purpose="What the former system paid for a period, beside what is calculated here. Nothing is posted; the latest file counts.",
    action="parallel.edit",
    columns=(
        RowColumn(
            name="person",
            help="Name, e-mail, employee number or key; who is not known here is shown as such.",
            sample="Rex Roe",
            required=True,
        ),
        RowColumn(
            name="period", help="The key of the period, one for the whole file.", sample="2026-Q3", required=True
        ),
        RowColumn(name="plan", help="The code of the plan, where there is a component.", sample="reps-2026"),
        RowColumn(name="component", help="Its key in the plan; blank: the person's total.", sample="commission"),
        RowColumn(name="amount", help="What was paid there.", sample="700.00", type=ValueType.AMOUNT, required=True),
        CURRENCY,
        RowColumn(name="quota", help="The quota there, where it is money.", sample="10000.00", type=ValueType.AMOUNT),
    ),
    open=_open,
    rows=_rows,
)
