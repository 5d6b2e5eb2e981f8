"""The part of a card that says what a component pays: the fields of each way to pay, and what changes the pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.forms.designer import choices
from incentives.forms.designer.parts import (
    Field,
    choice,
    conditions_at,
    matrix_at,
    payment_at,
    text,
    tiers_at,
)
from incentives.forms.designer.places import Place, is_scalar, shown
from incentives.forms.designer.shapes import Card, Change, Line, PayRow, kept, rest_of, with_current
from incentives.forms.designer.switches import edges_at


def pay_fill(place: Place, card: Card, keys: list[str]) -> None:
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
        card.pays = kept([text(place, way, str(label), **_formula(way))])
    if way in ("tiers", "curve", "rate", "objectives") or place.has("target"):
        target = kept([text(place, "target", _("Target"), help=_("Then rates are shares of it at 100 % of quota."))])
        main = way in ("curve", "objectives") or place.has("target")
        card.pays, card.rare = (card.pays + target, card.rare) if main else (card.pays, card.rare + target)
    if way in ("rate", "amount_each", "tiers", "formula") or place.has("per"):
        card.rare += kept([choice(place, "per", _("Rates"), choices.PER)])


def _formula(way: str) -> dict[str, Any]:
    return {"kind": "area", "wide": True, "formula": "formula"} if way == "formula" else {}


def _pay_tiers(place: Place, card: Card, keys: list[str]) -> None:
    by_other = place.has("tiers_on")
    modes, default = (choices.FOUND_BY_OTHER, "WHOLE") if by_other else (choices.TIER_MODES, "MARGINAL")
    modes = choices.FOR_EACH_VALUE if place.has("tiers_per") and not by_other else modes
    card.tiers = tiers_at(place, modes=modes, default=default)
    measures = [("", _("what counts here"))] + [(key, key) for key in keys]
    found_by = choice(place, "tiers_on", _("The tier is found by"), measures) if keys or by_other else None
    if found_by is not None:
        found_by.redraw = place.at("tiers_on")
    stands = edges_at(place.value.get("tiers"))
    path = place.at("tiers")
    ends = Field(f"edges:{path}", _("A tier ends"), stands, kind="choice", options=choices.EDGES, redraw=path)
    ends.wide = True
    of_each = text(
        place,
        "tiers_per",
        _("Tiers for each"),
        help=_("A column of the deals, such as account. Empty: for all together."),
    )
    against = choice(place, "tiers_against", _("Tiers for each: parts of"), choices.AGAINST)
    if against is not None:
        against.redraw = place.at("tiers_against")
    new = choice(place, "tiers_new", _("One that had nothing then"), choices.NEW_VALUES)
    newly = new if place.has("tiers_against") or place.has("tiers_new") else None
    ended = ends if any(each.has("until") for each in place.entries("tiers")) or stands else None
    card.rare = kept([found_by, of_each, against, newly, ended])


def _pay_curve(place: Place, card: Card, keys: list[str]) -> None:
    card.lines_path = place.at("curve")
    for number, point in enumerate(place.entries("curve")):
        fields = kept([text(point, "at", _("At, of quota")), text(point, "pays", _("Pays, of target"))])
        card.lines.append(Line(point.path, number, fields))


def _pay_lookup(place: Place, card: Card, keys: list[str]) -> None:
    for number, row in enumerate(place.entries("lookup")):
        conditions, payment = conditions_at(row), payment_at(row)
        card.payment_rows.append(PayRow(row.path, number, conditions, payment, rest_of(row)))


def _pay_matrix(place: Place, card: Card, keys: list[str]) -> None:
    card.matrix = matrix_at(place, keys)


def _pay_objectives(place: Place, card: Card, keys: list[str]) -> None:
    card.lines_path = place.at("objectives")
    for number, one in enumerate(place.entries("objectives")):
        fields = [text(one, "name", _("Objective")), text(one, "key", _("Key")), text(one, "weight", _("Weight"))]
        card.lines.append(Line(one.path, number, kept(fields)))


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
    card.pays = kept(
        [
            share,
            text(contest, "pot", _("Pot"), help=pot_help),
            choice(contest, "by", _("Ranked by"), choices.RANKS) if by_place else None,
            text(contest, "minimum", _("At least, to take part"), help=least_help),
            choice(contest, "ties", _("People on one place"), choices.TIES) if by_place else None,
        ]
    )
    if by_place:
        card.lines_path = contest.at("prizes")
        card.lines = _scalars(contest, "prizes", lambda number: _("Place %(number)s") % {"number": number + 1})
    card.rest = rest_of(contest)


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


def changes_at(place: Place, keys: list[str]) -> list[Change]:
    """Multipliers, kickers and gates, in the order in which they are applied."""
    found = []
    for name, title in TITLES.items():
        unchosen = _("this component") if name == "kickers" else _("Choose")
        measures = [("", unchosen), *((key, key) for key in keys)]
        for entry in place.entries(name):
            fields = [choice(entry, "of", _("By the reach of"), measures)]
            change = Change(entry.path, name, str(title), [])
            if name == "multipliers":
                change.tiers = tiers_at(entry, modes=choices.FOUND_MODES, default="WHOLE")
            else:
                fields.append(text(entry, "at_least", _("Reaches at least")))
            if name == "kickers":
                change.payment = payment_at(entry)
            change.fields, change.rest = kept(fields), rest_of(entry)
            found.append(change)
    return found
