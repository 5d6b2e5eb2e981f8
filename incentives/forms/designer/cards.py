"""A plan document as cards: which field stands where, with its label and its value. Templates draw them, `reading` takes them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.designer import choices
from incentives.forms.designer.conditions import Row, rows_of
from incentives.forms.designer.parts import (
    Condition,
    Field,
    Limits,
    Matrix,
    Payment,
    Tiers,
    choice,
    conditions_at,
    limits_at,
    matrix_at,
    payment_at,
    text,
    tiers_at,
)
from incentives.forms.designer.places import Document, Place, is_scalar, shown
from incentives.forms.designer.reading import yaml_of
from incentives.forms.designer.steps import way_of


@dataclass
class Rule:
    """A credit rule."""

    path: str
    number: int
    kind: str
    fields: list[Field]
    conditions: Condition | None
    rest: str


@dataclass
class Change:
    """A multiplier, kicker or gate."""

    path: str
    kind: str
    title: str
    fields: list[Field]
    payment: Payment | None = None
    tiers: Tiers | None = None
    rest: str = ""


@dataclass
class Counted:
    """What counts: the measure, its window and its goal, or another measure that is asked."""

    fields: list[Field]
    rules: list[Rule]
    credit_path: str
    can_add: bool


@dataclass
class Card:
    """A component or a measure."""

    path: str
    number: int
    key: str
    title: str
    head: list[Field]
    counted: Counted
    way: Field | None = None
    pays: list[Field] = field(default_factory=list)
    rare: list[Field] = field(default_factory=list)
    """Settings that most plans leave at their default."""
    payment_rows: list[PayRow] = field(default_factory=list)
    tiers: Tiers | None = None
    matrix: Matrix | None = None
    lines: list[Line] = field(default_factory=list)
    lines_path: str = ""
    changes: list[Change] = field(default_factory=list)
    limits: Limits | None = None
    rest: str = ""
    is_first: bool = False
    is_last: bool = False
    current_way: str = ""
    beside: Any = None
    """What stands beside it on the page."""

    @property
    def is_unusual(self) -> bool:
        """Tell whether a setting is given that most plans leave at its default."""
        return any(each.value for each in self.rare)


@dataclass
class PayRow:
    """A row of a lookup: conditions and what they pay."""

    path: str
    number: int
    conditions: Condition | None
    payment: Payment
    rest: str


@dataclass
class Line:
    """A row of plain fields: an objective, a point of a curve, a prize, a component to compare."""

    path: str
    number: int
    fields: list[Field]


@dataclass
class Example:
    """A worked example as text."""

    path: str
    number: int
    name: str
    text: str

    @property
    def rows(self) -> int:
        """Give the height of its field in lines."""
        return min(30, max(4, self.text.count("\n") + 2))


@dataclass
class PlanCards:
    """The whole plan for the page."""

    head: list[Field]
    more: list[Field]
    measures: list[Card]
    components: list[Card]
    limits: Limits
    draw: list[Field]
    examples: list[Example]
    tables: list[Example]
    """Tables that formulas ask, as text."""
    rest: str


def cards_of(document: Document, *, is_new: bool) -> PlanCards:
    """Give the cards of a document; `is_new` lets the plan's key be typed."""
    plan = Place(document, "")
    keys = _keys(document)
    head = [text(plan, "name", _("Name"), wide=True)]
    key = text(plan, "plan", _("Key"), help=_("It never changes. Empty: made from the name."))
    head += [key] if is_new else []
    head += [
        text(plan, "currency", _("Currency")),
        choice(plan, "period", _("Paid for each"), choices.PERIODS, default="QUARTERLY"),
        text(plan, "from", _("First day"), kind="date"),
        text(plan, "until", _("First day after"), kind="date"),
    ]
    more = [
        choice(plan, "proration", _("Quota of part of a period"), choices.PRORATION),
        text(plan, "description", _("Description"), kind="area", wide=True),
    ]
    components = _cards(plan.entries("components"), keys, _component_card)
    return PlanCards(
        head=_kept(head),
        more=_kept(more),
        measures=_cards(plan.entries("measures"), keys, _measure_card),
        components=components,
        limits=limits_at(plan, spans=("period", "year")),
        draw=_draw(plan),
        examples=_examples(plan),
        tables=_tables(plan),
        rest=_rest(plan),
    )


def _keys(document: Document) -> list[str]:
    lists = [document.get("measures"), document.get("components")]
    entries = [each for one in lists if isinstance(one, list) for each in one if isinstance(each, Mapping)]
    return [key for each in entries if (key := shown(each.get("key")) or slugify(shown(each.get("name"))))]


def _kept(fields: Sequence[Field | None]) -> list[Field]:
    return [each for each in fields if each is not None]


def _cards(places: list[Place], keys: list[str], make: Any) -> list[Card]:
    cards = []
    for number, place in enumerate(places):
        card = make(place, number, keys)
        card.is_first, card.is_last = number == 0, number == len(places) - 1
        card.rest = _rest(place)
        cards.append(card)
    return cards


def _rest(place: Place) -> str:
    rest = place.rest()
    return yaml_of(rest) if rest else ""


def _head(place: Place) -> list[Field]:
    return _kept(
        [
            text(place, "name", _("Name"), wide=True),
            text(place, "key", _("Key"), help=_("Other components refer to it."), placeholder=_implied(place)),
        ]
    )


def _implied(place: Place) -> str:
    """The key that the name gives where none is written."""
    return slugify(shown(place.value.get("name"))) if isinstance(place.value, Mapping) else ""


def _measure_card(place: Place, number: int, keys: list[str]) -> Card:
    name = shown(place.value.get("name") or place.value.get("key") or "")
    return Card(place.path, number, shown(place.value.get("key")), name, _head(place), _counted(place, keys))


def _component_card(place: Place, number: int, keys: list[str]) -> Card:
    name = shown(place.value.get("name") or place.value.get("key") or "")
    card = Card(place.path, number, shown(place.value.get("key")), name, _head(place), _counted(place, keys))
    card.current_way = way_of(place.value)
    card.way = Field(
        f"way:{place.path}", _("Pays by"), card.current_way, kind="choice", options=_ways(card.current_way)
    )
    _pay(place, card, [key for key in keys if key != card.key])
    card.changes = _changes(place, keys)
    card.limits = limits_at(place, spans=("deal", "period", "year"))
    card.limits.fields += _kept(
        [text(place, "threshold", _("Threshold"), help=_("Attainment below which it pays nothing."))]
    )
    card.rare += _kept([choice(place, "paid", _("Paid"), choices.PAID)])
    return card


def _ways(current: str) -> list[tuple[str, Any]]:
    known = [value for value, _label in choices.WAYS]
    more = [] if current in known else [(current, current or _("Choose"))]
    return [*more, *choices.WAYS]


def _counted(place: Place, keys: list[str]) -> Counted:
    """What is summed. A component may ask a measure instead of describing its own."""
    measures = [("", _("its own, described here"))] + [(key, key) for key in keys if key != place.value.get("key")]
    fields = _measure_fields(place)
    if place.path.startswith("components") and (place.has("of") or len(measures) > 1):
        fields = [choice(place, "of", _("Measure"), measures), *fields]
    fields += [
        text(
            place,
            "quota",
            _("Quota"),
            placeholder="amount",
            help=_("The name under which quotas are entered. Empty: none."),
        ),
        choice(place, "accumulation", _("Summed over"), choices.ACCUMULATION),
    ]
    if shown(place.value.get("accumulation")) not in ("", "PERIOD") or place.has("goal"):
        fields.append(choice(place, "goal", _("Held against"), choices.GOAL))
    fields += [
        choice(place, "reversal_rate", _("Returns pay back"), choices.REVERSAL),
        choice(place, "reverse_attainment", _("Returns lower attainment"), choices.YES_NO),
    ]
    fields += [text(place, name, label, kind="date") for name, label in _days(place)]
    rules, can_add = _rules(place)
    return Counted(_kept(fields), rules, place.at("credit"), can_add)


def _days(place: Place) -> list[tuple[str, str]]:
    names = (("from", _("Only from")), ("until", _("Only until")))
    return [(name, label) for name, label in names if place.has(name)]


def _measure_fields(place: Place) -> list[Field | None]:
    """What is summed: a word, a word with its column, or a formula."""
    raw = place.value.get("measure")
    known = raw if isinstance(raw, Mapping) else {"kind": raw}
    if (
        not set(known) <= {"kind", "column", "formula"}
        or not all(map(is_scalar, known.values()))
        or "column" in known
        and "formula" in known
    ):
        return []
    place.get("measure")
    path = place.at("measure")
    kind, more = shown(known.get("kind")), shown(known.get("column") or known.get("formula"))
    kind = "FORMULA" if "formula" in known and not kind else kind
    options = with_current(choices.MEASURES, kind, "AMOUNT")
    fields: list[Field | None] = [Field(f"measure:{path}", _("What counts"), kind, kind="choice", options=options)]
    if kind.upper() == "FORMULA":
        fields.append(Field(f"column:{path}", _("Formula"), more, kind="area", wide=True, formula="measure"))
    elif kind in ("COLUMN", "DISTINCT") or more:
        fields.append(Field(f"column:{path}", _("Column"), more))
    return fields


def with_current(options: Sequence[tuple[str, Any]], current: str, default: str = "") -> list[tuple[str, Any]]:
    """Give the options and, where the document's word is none of them, the word itself: it is not changed by being shown."""
    known = [value for value, _label in options]
    if current in known:
        return list(options)
    label = next((each for value, each in options if not value), current) if current.upper() == default else current
    return [*options, (current, label)]


def _rules(place: Place) -> tuple[list[Rule], bool]:
    raw = place.value.get("credit")
    if isinstance(raw, Mapping):
        return [_rule(place.child("credit"), 0)], True
    if isinstance(raw, list):
        return [_rule(each, number) for number, each in enumerate(place.entries("credit"))], True
    return [], raw is None


def _rule(place: Place, number: int) -> Rule:
    kind = shown(place.value.get("kind")) or "DIRECT"
    fields = [
        choice(place, "kind", _("Who is credited"), choices.CREDIT_KINDS, default="DIRECT"),
        text(place, "share", _("Credit rate"), placeholder="100 %"),
        choice(place, "date", _("On the day it was"), choices.CREDIT_DATES),
        choice(place, "owner", _("Whose deal it is"), choices.DEAL_OWNERS),
        text(place, "cap", _("Credit of one deal, at most")),
    ]
    if kind.upper() == "ROLLUP" or place.has("levels") or place.has("duplicates"):
        fields.insert(1, choice(place, "levels", _("Team"), choices.LEVELS))
        fields.insert(2, choice(place, "duplicates", _("A deal that comes twice"), choices.DUPLICATES))
    if kind.upper() == "ROLLOVER" or place.has("relation"):
        fields.insert(1, text(place, "relation", _("Relation")))
    conditions = conditions_at(place)
    return Rule(place.path, number, kind, _kept(fields), conditions, _rest(place))


def _pay(place: Place, card: Card, keys: list[str]) -> None:
    """The fields of the way to pay."""
    way = card.current_way
    makers = {
        "tiers": _pay_tiers,
        "curve": _pay_curve,
        "lookup": _pay_lookup,
        "matrix": _pay_matrix,
        "objectives": _pay_objectives,
        "contest": _pay_contest,
        "greater_of": _pay_greater,
    }
    if way in makers:
        makers[way](place, card, keys)
    elif way:
        label = dict(choices.WAYS).get(way, way)
        card.pays = _kept([text(place, way, str(label), **_formula(way))])
    if way in ("tiers", "curve", "rate", "objectives") or place.has("target"):
        target = _kept([text(place, "target", _("Target"), help=_("Then rates are shares of it at 100 % of quota."))])
        main = way in ("curve", "objectives") or place.has("target")
        card.pays, card.rare = (card.pays + target, card.rare) if main else (card.pays, card.rare + target)
    if way in ("rate", "amount_each", "tiers") or place.has("per"):
        card.rare += _kept([choice(place, "per", _("Rates"), choices.PER)])


def _formula(way: str) -> dict[str, Any]:
    return {"kind": "area", "wide": True, "formula": "formula"} if way == "formula" else {}


def _pay_tiers(place: Place, card: Card, keys: list[str]) -> None:
    card.tiers = tiers_at(place, modes=choices.TIER_MODES, default="MARGINAL")
    measures = [("", _("what counts here"))] + [(key, key) for key in keys]
    card.rare = _kept(
        [choice(place, "tiers_on", _("The tier is found by"), measures)] if keys or place.has("tiers_on") else []
    )


def _pay_curve(place: Place, card: Card, keys: list[str]) -> None:
    card.lines_path = place.at("curve")
    for number, point in enumerate(place.entries("curve")):
        fields = _kept([text(point, "at", _("At, of quota")), text(point, "pays", _("Pays, of target"))])
        card.lines.append(Line(point.path, number, fields))


def _pay_lookup(place: Place, card: Card, keys: list[str]) -> None:
    for number, row in enumerate(place.entries("lookup")):
        conditions, payment = conditions_at(row), payment_at(row)
        card.payment_rows.append(PayRow(row.path, number, conditions, payment, _rest(row)))


def _pay_matrix(place: Place, card: Card, keys: list[str]) -> None:
    card.matrix = matrix_at(place, keys)


def _pay_objectives(place: Place, card: Card, keys: list[str]) -> None:
    card.lines_path = place.at("objectives")
    for number, one in enumerate(place.entries("objectives")):
        fields = [text(one, "name", _("Objective")), text(one, "key", _("Key")), text(one, "weight", _("Weight"))]
        card.lines.append(Line(one.path, number, _kept(fields)))


def _pay_contest(place: Place, card: Card, keys: list[str]) -> None:
    contest = place.child("contest")
    if not isinstance(contest.value, Mapping):
        place.seen.discard("contest")
        return
    share = text(contest, "share", _("Wins"))
    if share is not None:
        share.kind, share.options, share.wide = "choice", with_current(choices.POT_SHARES, share.value), True
        share.name = f"contest:{contest.path}"
    by_place = not (share and share.value)
    pot_help = _("Then prizes are shares of it.") if by_place else _("Shared to the cent in every period.")
    least_help = _("An amount, a number, or a percentage of quota.")
    card.pays = _kept(
        [
            share,
            text(contest, "pot", _("Pot"), help=pot_help),
            text(contest, "minimum", _("At least, to take part"), help=least_help),
            choice(contest, "ties", _("People on one place"), choices.TIES) if by_place else None,
        ]
    )
    if by_place:
        card.lines_path = contest.at("prizes")
        card.lines = _scalars(contest, "prizes", lambda number: _("Place %(number)s") % {"number": number + 1})
    card.rest = _rest(contest)


def _pay_greater(place: Place, card: Card, keys: list[str]) -> None:
    card.lines_path = place.at("greater_of")
    options = [("", _("Choose")), *((key, key) for key in keys)]
    card.lines = _scalars(
        place, "greater_of", lambda number: _("Component %(number)s") % {"number": number + 1}, options
    )


def _scalars(place: Place, name: str, label: Any, options: list[tuple[str, Any]] | None = None) -> list[Line]:
    """A list of plain values, one field each."""
    values = place.value.get(name)
    if not isinstance(values, list) or not all(map(is_scalar, values)):
        return []
    place.get(name)
    lines = []
    for number, value in enumerate(values):
        path = f"{place.at(name)}.{number}"
        kind = "choice" if options else "text"
        given = with_current(options, shown(value)) if options else []
        lines.append(Line(path, number, [Field(f"f:{path}", label(number), shown(value), kind=kind, options=given)]))
    return lines


TITLES = {"multipliers": gettext_lazy("Multiplier"), "kickers": gettext_lazy("Kicker"), "gates": gettext_lazy("Gate")}


def _changes(place: Place, keys: list[str]) -> list[Change]:
    """Multipliers, kickers and gates, in the order in which they are applied."""
    measures = [("", _("this component")), *((key, key) for key in keys)]
    found = []
    for name, title in TITLES.items():
        for entry in place.entries(name):
            fields = [choice(entry, "of", _("By the reach of"), measures)]
            change = Change(entry.path, name, str(title), [])
            if name == "multipliers":
                change.tiers = tiers_at(entry, modes=choices.FOUND_MODES, default="WHOLE")
            else:
                fields.append(text(entry, "at_least", _("Reaches at least")))
            if name == "kickers":
                change.payment = payment_at(entry)
            change.fields, change.rest = _kept(fields), _rest(entry)
            found.append(change)
    return found


def _draw(plan: Place) -> list[Field]:
    if not isinstance(plan.value.get("draw"), Mapping):
        return []
    draw = plan.child("draw")
    fields = [
        choice(draw, "kind", _("Kind"), choices.DRAWS, default="RECOVERABLE_GUARANTEE"),
        text(draw, "amount", _("Amount of a period")),
        text(draw, "recover", _("Recovers"), placeholder="100 %"),
        text(draw, "periods", _("For so many periods"), help=_("Empty: all.")),
    ]
    return _kept(fields)


def _tables(plan: Place) -> list[Example]:
    values = plan.value.get("tables")
    if not isinstance(values, list):
        return []
    plan.get("tables")
    names = [shown(value.get("key")) if isinstance(value, Mapping) else "" for value in values]
    return [
        Example(f"tables.{number}", number, name or _("Table %(number)s") % {"number": number + 1}, yaml_of(value))
        for number, (name, value) in enumerate(zip(names, values, strict=True))
    ]


def _examples(plan: Place) -> list[Example]:
    values = plan.get("examples")
    found = []
    for number, value in enumerate(values if isinstance(values, list) else []):
        name = shown(value.get("name")) if isinstance(value, Mapping) else ""
        found.append(
            Example(
                f"examples.{number}",
                number,
                name or _("Example %(number)s") % {"number": number + 1},
                yaml_of(_in_order(value)),
            )
        )
    return found


EXAMPLE_ORDER = ("name", "plan", "given", "periods", "people", "quotas", "scores", "relations", "deals", "then")
"""The fields of an example as people read them; what the database keeps has lost its order."""


def _in_order(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    known = [name for name in EXAMPLE_ORDER if name in value]
    return {name: _in_order(value[name]) for name in [*known, *(name for name in value if name not in known)]}


__all__ = ["PlanCards", "Row", "cards_of", "rows_of"]
