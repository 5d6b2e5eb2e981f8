"""A plan document as cards: which field stands where, with its label and its value. Templates draw them, `reading` takes them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from incentives.forms.designer import choices
from incentives.forms.designer.parts import (
    Field,
    choice,
    conditions_at,
    limits_at,
    redrawn,
    text,
)
from incentives.forms.designer.places import Document, Place, entries_of, is_scalar, key_of, shown
from incentives.forms.designer.reading import yaml_of
from incentives.forms.designer.settling import draw_at, terms_at
from incentives.forms.designer.shapes import Card, Counted, Example, PlanCards, Rule, kept, rest_of, with_current
from incentives.forms.designer.steps import way_of
from incentives.forms.designer.ways import changes_at, pay_fill


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
        choice(plan, "currency_rate", _("Other currencies at the"), choices.CURRENCY_RATES),
        text(plan, "fixed_on", _("Day of the one rate"), kind="date", help=_("Only for one rate of the year.")),
        text(plan, "description", _("Description"), kind="area", wide=True),
    ]
    components = _cards(plan.entries("components"), keys, _component_card)
    draw, draw_rest = draw_at(plan)
    return PlanCards(
        head=kept(head),
        more=kept(more),
        measures=_cards(plan.entries("measures"), keys, _measure_card),
        components=components,
        limits=limits_at(plan, spans=("period", "year")),
        draw=draw,
        draw_rest=draw_rest,
        terms=terms_at(plan, is_plan=True),
        examples=_examples(plan),
        tables=_tables(plan),
        rest=rest_of(plan),
    )


def _keys(document: Document) -> list[str]:
    entries = [*entries_of(document, "measures"), *entries_of(document, "components")]
    return [key for each in entries if (key := key_of(each))]


def _cards(places: list[Place], keys: list[str], make: Any) -> list[Card]:
    cards = []
    for number, place in enumerate(places):
        card = make(place, number, keys)
        card.is_first, card.is_last = number == 0, number == len(places) - 1
        card.rest = rest_of(place)
        cards.append(card)
    return cards


def _head(place: Place) -> list[Field]:
    return kept(
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
    pay_fill(place, card, [key for key in keys if key != card.key])
    card.changes = changes_at(place, keys)
    card.limits = limits_at(place, spans=("deal", "period", "year"))
    card.limits.fields += kept(
        [text(place, "threshold", _("Threshold"), help=_("Attainment below which it pays nothing."))]
    )
    card.rare += kept([choice(place, "paid", _("Paid"), choices.PAID)])
    card.terms = terms_at(place, is_plan=False)
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
        redrawn(choice(place, "accumulation", _("Summed over"), choices.ACCUMULATION), place.at("accumulation")),
    ]
    if shown(place.value.get("accumulation")) not in ("", "PERIOD") or place.has("goal"):
        fields.append(choice(place, "goal", _("Held against"), choices.GOAL))
    if place.has("against") or (place.path.startswith("measures") and len(measures) > 1):
        fields.append(choice(place, "against", _("Percentages are parts of"), [("", _("its quota")), *measures[1:]]))
    fields += [
        choice(place, "reversal_rate", _("Returns pay back"), choices.REVERSAL),
        choice(place, "reverse_attainment", _("Returns lower attainment"), choices.YES_NO),
    ]
    fields += [text(place, name, label, kind="date") for name, label in _days(place)]
    fields += _tenure(place) if place.has("tenure") else []
    rules, can_add = _rules(place)
    return Counted(kept(fields), rules, place.at("credit"), can_add)


def _days(place: Place) -> list[tuple[str, str]]:
    names = (("from", _("Only from")), ("until", _("Only until")))
    return [(name, label) for name, label in names if place.has(name)]


def _tenure(place: Place) -> list[Field | None]:
    """Completed months of employment, from and below."""
    value = place.value.get("tenure")
    if value is not None and not (isinstance(value, Mapping) and set(value) <= {"at_least", "below"}):
        return []
    tenure = place.child("tenure")
    return [
        text(tenure, "at_least", _("Months employed, at least")),
        text(tenure, "below", _("Months employed, less than")),
    ]


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
    fields: list[Field | None] = [
        Field(f"measure:{path}", _("What counts"), kind, kind="choice", options=options, redraw=path)
    ]
    if kind.upper() == "FORMULA":
        fields.append(Field(f"column:{path}", _("Formula"), more, kind="area", wide=True, formula="measure"))
    elif kind in ("COLUMN", "DISTINCT") or more:
        fields.append(Field(f"column:{path}", _("Column"), more))
    return fields


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
        redrawn(choice(place, "kind", _("Who is credited"), choices.CREDIT_KINDS, default="DIRECT"), place.path),
        text(place, "share", _("Credit rate"), placeholder="100 %"),
        choice(place, "date", _("On the day it was"), choices.CREDIT_DATES),
        choice(place, "owner", _("Whose deal it is"), choices.DEAL_OWNERS),
        text(place, "cap", _("Credit of one deal, at most")),
        *_tenure(place),
    ]
    if kind.upper() == "ROLLUP" or place.has("levels") or place.has("duplicates"):
        fields.insert(1, choice(place, "levels", _("Team"), choices.LEVELS))
        fields.insert(2, choice(place, "duplicates", _("A deal that comes twice"), choices.DUPLICATES))
    if kind.upper() == "ROLLOVER" or place.has("relation"):
        fields.insert(1, text(place, "relation", _("Relation")))
    conditions = conditions_at(place)
    return Rule(place.path, number, kind, kept(fields), conditions, rest_of(place))


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


EXAMPLE_ORDER = (
    "name",
    "plan",
    "given",
    "period",
    "periods",
    "people",
    "quotas",
    "scores",
    "relations",
    "deals",
    "then",
)
"""The fields of an example as people read them; what the database keeps has lost its order."""


def _in_order(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    known = [name for name in EXAMPLE_ORDER if name in value]
    return {name: _in_order(value[name]) for name in [*known, *(name for name in value if name not in known)]}
