"""The pieces that cards are made of: fields, payments, conditions, tiers, limits, a matrix."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from incentives.engine.earned_edges import FIELD as EARNED
from incentives.forms.designer import choices
from incentives.forms.designer.conditions import Row, rows_of
from incentives.forms.designer.places import Place, is_scalar, joined, shown
from incentives.forms.designer.reading import PAYMENTS
from incentives.forms.designer.switches import BY_SUM, edges_at

NARROW = 24
"""Characters that a narrow field can show; a choice with a longer label takes the whole line."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""What a browser's field of a day can show; anything else is shown as text, so that it is not lost."""


@dataclass
class Field:
    """One field of the page; `name` says where its value belongs."""

    name: str
    label: str
    value: str
    kind: str = "text"
    options: Sequence[tuple[str, Any]] = ()
    help: str = ""
    placeholder: str = ""
    wide: bool = False
    formula: str = ""
    """Where a formula stands: `where`, `measure` or `formula`."""
    redraw: str = ""
    """The place that is drawn anew when it changes, since other fields stand beside another choice."""

    @property
    def id(self) -> str:
        """Give the identity of its element."""
        return identity(self.name)


def redrawn(field: Field | None, place: str) -> Field | None:
    """Give the field, whose choice draws a place anew."""
    if field is not None:
        field.redraw = place
    return field


def identity(name: str) -> str:
    """Give the identity of the element of a field.

    >>> identity("f:components.0.rate")
    'f-components-0-rate'
    """
    return name.replace(":", "-").replace(".", "-")


@dataclass
class Payment:
    """One of rate, amount and amount each."""

    kind: Field
    value: Field


@dataclass
class ConditionRow:
    """The fields of one condition and the step that removes it."""

    removal: str
    column: Field
    test: Field
    value: Field


@dataclass
class Condition:
    """Conditions as rows; `text` where they can't be rows."""

    path: str
    rows: list[ConditionRow]
    text: Field | None = None

    @property
    def count(self) -> int:
        """Give the number of rows, the empty one too."""
        return len(self.rows)


@dataclass
class Tier:
    """One tier."""

    path: str
    number: int
    fields: list[Field]
    payment: Payment
    rest: list[str] = field(default_factory=list)


@dataclass
class Tiers:
    """A table of tiers with how it is read."""

    path: str
    tiers: list[Tier]
    fields: list[Field]
    has_from: bool
    is_earned: bool = False
    """Whether tiers end where a sum has been earned."""


@dataclass
class Limits:
    """Floors and caps by span as a small table, and what stands beside it."""

    spans: list[str]
    rows: list[tuple[str, list[Field]]]
    fields: list[Field] = field(default_factory=list)

    @property
    def is_given(self) -> bool:
        """Tell whether any limit is given."""
        return any(each.value for _label, fields in self.rows for each in fields) or any(
            each.value for each in self.fields
        )


@dataclass
class Matrix:
    """Two axes and the cells between them."""

    path: str
    axes: list[tuple[str, str, list[Field]]]
    cells: list[list[Field]]
    fields: list[Field]


def text(place: Place, name: str, label: str, **options: Any) -> Field | None:
    """Give the field of a plain value; None where the document has something else there, which then stays text."""
    value = place.value.get(name) if isinstance(place.value, Mapping) else None
    if not is_scalar(value):
        return None
    place.get(name)
    if isinstance(value, str) and "\n" in value:
        options["kind"] = "area"
    if options.get("kind") == "date" and not (value in (None, "") or _DAY.fullmatch(shown(value))):
        options["kind"] = "text"
    return Field(f"f:{place.at(name)}", label, shown(value), **options)


def several(place: Place, name: str, label: str, *, kind: str, **options: Any) -> Field | None:
    """Give the field of values one after the other, with semicolons between them; None where the document has something else there.

    `kind` is "list" where a single value is a list, too, and "some" where it stands alone.
    """
    value = place.value.get(name) if isinstance(place.value, Mapping) else None
    if joined(value) is None:
        return None
    place.get(name)
    return Field(f"{kind}:{place.at(name)}", label, joined(value) or "", **options)


def choice(
    place: Place, name: str, label: str, options: Sequence[tuple[str, Any]], *, default: str = ""
) -> Field | None:
    """Give the field of a choice; a word that is none of the options stays one of them, so that it is not changed by being shown."""
    made = text(place, name, label)
    if made is None or made.kind == "area":
        return made
    value = made.value
    listed = list(options)
    if value not in [each for each, _label in listed]:
        implied = default if not value else "" if value.upper() == default else value
        listed.insert(0, (value, dict(options).get(implied, value)))
        if not value and default:
            listed = [each for each in listed if each[0] != default]
    made.kind, made.options = "choice", listed
    made.wide = max((len(str(each)) for _value, each in listed), default=0) > NARROW
    return made


def payment_at(place: Place) -> Payment:
    """Give the payment of a tier, a lookup row or a kicker."""
    kind = next((each for each in PAYMENTS if place.has(each) and is_scalar(place.value[each])), "rate")
    value = shown(place.get(kind))
    return Payment(
        Field(f"of:{place.path}", _("Pays as"), kind, kind="choice", options=choices.PAYMENTS),
        Field(f"pay:{place.path}", _("Pays"), value),
    )


def conditions_at(place: Place) -> Condition | None:
    """Give the conditions of a rule or row, with one empty row at the end."""
    where = place.value.get("where") if isinstance(place.value, Mapping) else None
    path = place.at("where")
    rows = rows_of(where)
    if isinstance(where, str):
        return Condition(path, [], text(place, "where", _("Only deals where"), kind="area", wide=True, formula="where"))
    if rows is None:
        return None
    place.get("where")
    return Condition(path, [_condition_row(path, number, row) for number, row in enumerate([*rows, Row("", "is", "")])])


def _condition_row(path: str, number: int, row: Row) -> ConditionRow:
    at = f"{path}.{number}"
    return ConditionRow(
        f"unrow {path} {number}",
        Field(f"column:{at}", _("Column %(number)s") % {"number": number + 1}, row.column, kind="column"),
        Field(
            f"test:{at}", _("Test %(number)s") % {"number": number + 1}, row.test, kind="choice", options=choices.TESTS
        ),
        Field(f"value:{at}", _("Value %(number)s") % {"number": number + 1}, row.value),
    )


def tiers_at(place: Place, *, modes: Sequence[tuple[str, Any]], default: str) -> Tiers:
    """Give the tiers of a component or multiplier."""
    fields = [
        choice(place, "tier_mode", _("How tiers pay"), modes, default=default),
        choice(place, "boundary", _("A value exactly on an edge"), choices.BOUNDARY),
    ]
    tiers = []
    places = place.entries("tiers")
    has_from = any(each.has("from") for each in places)
    is_earned = edges_at(place.value.get("tiers")) == BY_SUM
    for number, each in enumerate(places):
        ends = [text(each, "from", _("Tier %(number)s from") % {"number": number + 1})] if has_from else []
        end = EARNED if each.has(EARNED) or is_earned and not each.has("until") else "until"
        ends.append(text(each, end, _("Tier %(number)s up to") % {"number": number + 1}))
        payment = payment_at(each)
        payment.value.label = _("Tier %(number)s pays") % {"number": number + 1}
        payment.kind.label = _("Tier %(number)s pays as") % {"number": number + 1}
        tiers.append(
            Tier(each.path, number, [one for one in ends if one is not None], payment, sorted(map(str, each.rest())))
        )
    return Tiers(place.at("tiers"), tiers, [each for each in fields if each is not None], has_from, is_earned)


def limits_at(place: Place, *, spans: Sequence[str]) -> Limits:
    """Give the floor and cap, by span."""
    words = {"deal": _("Of a deal"), "period": _("Of a period"), "year": _("Of a year")}
    known = {name: _bounds(place.value.get(name)) for name in ("floor", "cap")}
    used = [span for span in words if span in spans or any(span in each for each in known.values() if each)]
    rows = []
    for name, label in (("floor", _("At least")), ("cap", _("At most"))):
        bounds = known[name]
        if bounds is None:
            continue
        place.get(name)
        labels = [f"{label}, {str(words[span]).lower()}" for span in used]
        at = [f"bound:{place.at(name)}.{span}" for span in used]
        fields = [
            Field(*each, shown(bounds.get(span))) for each, span in zip(zip(at, labels, strict=True), used, strict=True)
        ]
        rows.append((label, fields))
    return Limits([words[span] for span in used], rows)


def _bounds(raw: object) -> Mapping[str, Any] | None:
    """A cap or floor by span; None where the document has something else there, which then stays text."""
    known = raw if isinstance(raw, Mapping) else {"period": raw}
    return known if set(known) <= {"deal", "period", "year"} and all(map(is_scalar, known.values())) else None


def matrix_at(place: Place, keys: Sequence[str]) -> Matrix | None:
    """Give the axes and cells of a matrix; None where it is not whole, then it stays text."""
    raw = place.value.get("matrix")
    name = next((each for each in ("rates", "amounts") if isinstance(raw, Mapping) and each in raw), "")
    cells = raw.get(name) if isinstance(raw, Mapping) else None
    axes = [raw.get(each) if isinstance(raw, Mapping) else None for each in ("rows", "columns")]
    whole = isinstance(cells, list) and all(isinstance(line, list) and all(map(is_scalar, line)) for line in cells)
    if not whole or not all(_is_axis(axis) for axis in axes) or not set(raw) <= {"rows", "columns", "boundary", name}:
        return None
    matrix = place.child("matrix")
    fields = [choice(matrix, "boundary", _("A value exactly on an edge"), choices.BOUNDARY)]
    return Matrix(
        matrix.path,
        [_axis(matrix.child(each), each) for each in ("rows", "columns")],
        [
            [
                Field(
                    f"f:{matrix.at(name)}.{row}.{column}",
                    _("Row %(row)s, column %(column)s") % {"row": row + 1, "column": column + 1},
                    shown(value),
                )
                for column, value in enumerate(line)
            ]
            for row, line in enumerate(cells or [])
        ],
        [each for each in fields if each is not None],
    )


def _is_axis(axis: object) -> bool:
    if not isinstance(axis, Mapping) or not set(axis) <= {"column", "of", "edges"}:
        return False
    edges = axis.get("edges")
    return isinstance(edges, list) and all(map(is_scalar, [axis.get("column"), axis.get("of"), *edges]))


def _axis(place: Place, name: str) -> tuple[str, str, list[Field]]:
    """What an axis asks, and its edges."""
    label = _("Rows") if name == "rows" else _("Columns")
    asked = "of" if place.has("of") and not place.has("column") else "column"
    what = text(place, asked, _("%(axis)s by") % {"axis": label})
    edges = [
        Field(
            f"f:{place.at('edges')}.{number}",
            _("%(axis)s, edge %(number)s") % {"axis": label, "number": number + 1},
            shown(value),
        )
        for number, value in enumerate(place.get("edges"))
    ]
    return name, label, [*([what] if what else []), *edges]
