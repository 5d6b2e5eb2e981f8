"""Files of opening balances: what their rows mean. A file is approved and posted as a whole; the same file again changes nothing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from incentives.engine.carrying import smallest
from incentives.models import OpeningBatch, Plan
from incentives.selectors.brought import Scales
from incentives.selectors.openings import opening_list, openings_live
from incentives.services.file_places import place_names
from incentives.services.opening_checks import OpeningWish, opening_check, terms_on
from incentives.services.openings import openings_ask
from spm.core.money import to_major
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import CURRENCY, PERSON, Change, Meant, RowColumn, RowFile, Values, Whole, lines_from_file
from spm.people.naming import person_names
from spm.roles.policy import Viewer


def _open(actor: Viewer) -> Whole:
    people = person_names()
    place = place_names()
    wishes: list[OpeningWish] = []

    def meaning(values: Values) -> Meant:
        period, plan = place(values)
        wish = OpeningWish(
            participant_id=people.find(values["person"]),
            period_id=period.pk,
            currency=_currency(values, actor),
            plan_id=plan.pk if plan else None,
            component=values["component"] or "",
            payable_minor=values["payable"],
            held_minor=values["held"],
            held_reason=values["reason"],
            draw_minor=values["draw"],
            paid_minor=values["paid"],
            **_credited(values, plan, period, actor),
        )
        opening_check(wish, actor=actor)

        def write() -> Change:
            wishes.append(wish)
            return Change.CREATED

        return Meant((wish.participant_id, wish.plan_id, wish.component, wish.currency), write)

    def finish(digest: str) -> None:
        openings_ask(wishes=wishes, title=lines_from_file(len(wishes)), digest=digest, actor=actor)

    return Whole(meaning, finish, _is_taken)


def _credited(values: Values, plan: Plan | None, period: Any, actor: Viewer) -> dict[str, int]:
    """Credits, quota and target pay in the smallest units of the component's measure; what it is not known for is refused afterwards."""
    given = {"credit_value": values["credit"], "quota_value": values["quota"]}
    found = {"target_minor": values["target"]}
    terms = terms_on(plan.pk, period.during.lower) if plan else None
    component = next((each for each in terms.components if each.key == values["component"]), None) if terms else None
    for name, value in given.items():
        counted = int(value) if component is None else smallest(component.measure, value, _currency(values, actor))
        if counted is None:
            raise ValidationError(f"{value} has more decimals than are counted. Round it at its source.")
        found[name] = counted
    return found


def _currency(values: Values, actor: Viewer) -> str:
    return values["currency"] or actor.organisation.currency


def _is_taken(digest: str) -> bool:
    """True for a file whose balances count or wait for a decision; one that was declined or taken back may come again."""
    return openings_live().filter(batch__in=OpeningBatch.objects.filter(digest=digest)).exists()


def _rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people, scales = person_names(), Scales()
    for one in opening_list(viewer):
        yield [
            people.word(one.participant_id),
            one.period.key,
            one.plan.code if one.plan is not None else None,
            one.component or None,
            one.currency,
            to_major(one.payable_minor, one.currency),
            to_major(one.held_minor, one.currency),
            one.held_reason or None,
            to_major(one.draw_minor, one.currency),
            to_major(one.paid_minor, one.currency),
            scales.major(one, one.credit_value),
            scales.major(one, one.quota_value),
            to_major(one.target_minor, one.currency),
        ]


def _amount(name: str, help: str, sample: str = "") -> RowColumn:
    return RowColumn(name=name, help=help, sample=sample, type=ValueType.AMOUNT, default=0)


def _number(name: str, help: str, sample: str) -> RowColumn:
    return RowColumn(name=name, help=help, sample=sample, type=ValueType.DECIMAL, default=Decimal(0))


OPENINGS = RowFile(
    name="opening-balances",
    title="Import opening balances",
    purpose="What people bring from the former system into the first period that is paid here. The file is approved as a whole.",
    action="opening.edit",
    columns=(
        RowColumn(name="person", help=PERSON.help, sample="Rex Roe", required=True),
        RowColumn(
            name="period", help="The key of the first period that is paid here.", sample="2026-Q3", required=True
        ),
        RowColumn(name="plan", help="The code of the plan; needed for a draw.", sample="reps-2026"),
        RowColumn(name="component", help="Its key in the plan; blank: none.", sample="commission"),
        CURRENCY,
        _amount("payable", "Earned there and not paid yet; the first payout here pays it. Below 0: owed.", "250.00"),
        _amount("held", "Held back there; it stays held until somebody releases it.", "100.00"),
        RowColumn(
            name="reason", help="Why it is held; it stands on the statement.", sample="Invoice 4711 open", default=""
        ),
        _amount("draw", "The open balance of a draw, which the plan recovers.", "1200.00"),
        _amount("paid", "Paid there in the year so far; caps and floors of the year count it.", "18500.00"),
        _number(
            "credit",
            "Credited so far in the running year (or quarter, where the component goes by quarters).",
            "350000.00",
        ),
        _number("quota", "The quota of the same time.", "300000.00"),
        _amount("target", "The target pay of the same time, where the component pays shares of one."),
    ),
    open=_open,
    rows=_rows,
)
