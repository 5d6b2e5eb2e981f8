"""Where accounts lie on a map: the country, US state or county of each, and what moving such a unit means for rules.

A unit is called by a key: a country by its code of two letters ("DE"), a state by its own ("CA"), a county by both ("CA:los angeles").
An account whose place can't be told has the key ""; it is never put somewhere near. Pure: texts in, texts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from typing import Any

US = "US"
STATES = {
    **{"AL": ("01", "Alabama"), "AK": ("02", "Alaska"), "AZ": ("04", "Arizona"), "AR": ("05", "Arkansas")},
    **{"CA": ("06", "California"), "CO": ("08", "Colorado"), "CT": ("09", "Connecticut"), "DE": ("10", "Delaware")},
    **{"DC": ("11", "District of Columbia"), "FL": ("12", "Florida"), "GA": ("13", "Georgia"), "HI": ("15", "Hawaii")},
    **{"ID": ("16", "Idaho"), "IL": ("17", "Illinois"), "IN": ("18", "Indiana"), "IA": ("19", "Iowa")},
    **{"KS": ("20", "Kansas"), "KY": ("21", "Kentucky"), "LA": ("22", "Louisiana"), "ME": ("23", "Maine")},
    **{"MD": ("24", "Maryland"), "MA": ("25", "Massachusetts"), "MI": ("26", "Michigan"), "MN": ("27", "Minnesota")},
    **{"MS": ("28", "Mississippi"), "MO": ("29", "Missouri"), "MT": ("30", "Montana"), "NE": ("31", "Nebraska")},
    **{"NV": ("32", "Nevada"), "NH": ("33", "New Hampshire"), "NJ": ("34", "New Jersey"), "NM": ("35", "New Mexico")},
    **{"NY": ("36", "New York"), "NC": ("37", "North Carolina"), "ND": ("38", "North Dakota"), "OH": ("39", "Ohio")},
    **{"OK": ("40", "Oklahoma"), "OR": ("41", "Oregon"), "PA": ("42", "Pennsylvania"), "RI": ("44", "Rhode Island")},
    **{"SC": ("45", "South Carolina"), "SD": ("46", "South Dakota"), "TN": ("47", "Tennessee"), "TX": ("48", "Texas")},
    **{"UT": ("49", "Utah"), "VT": ("50", "Vermont"), "VA": ("51", "Virginia"), "WA": ("53", "Washington")},
    **{"WV": ("54", "West Virginia"), "WI": ("55", "Wisconsin"), "WY": ("56", "Wyoming")},
}
"""States of the US and the capital's district: the number (FIPS) by which maps call each, and its name."""
_BY_NAME = {name.casefold(): code for code, (_, name) in STATES.items()} | {code.casefold(): code for code in STATES}
_BY_NUMBER = {number: code for code, (number, _) in STATES.items()}
_ENDINGS = (" county", " parish", " borough", " census area", " municipality")


class Level(StrEnum):
    """What the units of a map are."""

    COUNTRY = "COUNTRY"
    STATE = "STATE"
    COUNTY = "COUNTY"


@dataclass(frozen=True)
class Spelt:
    """A unit and how its country, region and county are written: in the accounts that lie there, and commonly."""

    countries: frozenset[str]
    regions: frozenset[str] = frozenset()
    counties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Drafted:
    """A rule of a draft as moving units sees it; `key` is None for a new one."""

    key: str | None
    name: str
    territory: str
    conditions: tuple[Mapping[str, Any], ...]


def state_of(region: str) -> str:
    """Give the code of a US state by its code or name; "" for what is none.

    >>> state_of("California"), state_of("us-ca"), state_of("Bavaria")
    ('CA', 'CA', '')
    """
    plain = region.strip().casefold()
    return _BY_NAME.get(plain.removeprefix("us-"), "")


def county_of(county: str) -> str:
    """Give a county as a key calls it: its name without what follows it, or its code of five digits.

    >>> county_of("Los Angeles County"), county_of("06037"), county_of(" ")
    ('los angeles', '06037', '')
    """
    plain = " ".join(county.casefold().split())
    for ending in _ENDINGS:
        plain = plain.removesuffix(ending)
    return plain


def unit_of(level: Level, country: str, region: str, county: str) -> str:
    """Give the key of the unit in which an account lies; "" where it can't be told. `country` is its code of two letters.

    >>> unit_of(Level.STATE, "US", "California", ""), unit_of(Level.STATE, "MX", "CA", ""), unit_of(Level.COUNTY, "US", "", "06037")
    ('CA', '', 'CA:06037')
    """
    if level is Level.COUNTRY:
        return country
    if country != US:
        return ""
    state, name = state_of(region), county_of(county)
    if level is Level.STATE:
        return state
    state = state or (_BY_NUMBER.get(name[:2], "") if name.isdigit() and len(name) == 5 else "")
    return f"{state}:{name}" if state and name else ""


def atlas_key(level: Level, key: str) -> str:
    """Give what the map of states or counties calls a unit: its number, or the state's number and the county's name.

    >>> atlas_key(Level.STATE, "CA"), atlas_key(Level.COUNTY, "CA:los angeles"), atlas_key(Level.COUNTY, "CA:06037")
    ('06', '06|los angeles', '06037')
    """
    state, _, county = key.partition(":")
    number = STATES[state][0]
    if level is Level.STATE:
        return number
    return county if county.isdigit() else f"{number}|{county}"


def units_moved(
    rules: Sequence[Drafted], units: Mapping[str, Spelt], territory: str, name: str
) -> tuple[list[Drafted], list[Drafted]]:
    """Give the rules with some units moved to a territory: the new ones, which go before all others, and the old ones that stay.

    The rules of units that stand first already lose the places that move: a place stands in one of them only, and one
    that is left without a place goes. Rules below stay as they are: what stands above wins.
    """
    made = [Drafted(None, name, territory, each) for each in _conditions(units.values())]
    taken = {_lead(each.conditions): _last(each.conditions) for each in made}
    kept: list[Drafted] = []
    leading = True
    for rule in rules:
        leading = leading and _is_of_units(rule.conditions)
        left = _without(rule, taken.get(_lead(rule.conditions), frozenset())) if leading else rule
        if left is not None:
            kept.append(left)
    return _joined(made, kept)


def _joined(made: list[Drafted], kept: list[Drafted]) -> tuple[list[Drafted], list[Drafted]]:
    """Put new places into a rule that leads there already and has only rules of the same kind above it: one by one makes one rule."""
    rest = []
    for new in made:
        at = next(
            (n for n, old in enumerate(_alike(kept, new)) if (old.territory, old.name) == (new.territory, new.name)),
            None,
        )
        if at is None:
            rest.append(new)
        else:
            values = sorted(_last(kept[at].conditions) | _last(new.conditions))
            kept[at] = replace(kept[at], conditions=(*new.conditions[:-1], {**new.conditions[-1], "values": values}))
    return rest, kept


def _alike(kept: Sequence[Drafted], new: Drafted) -> list[Drafted]:
    """The rules that stand first and speak of the same kind of place: of them, only one can hold a place."""
    lead = _lead(new.conditions)
    return list(takewhile(lambda each: _lead(each.conditions) == lead, kept))


def _conditions(units: Iterable[Spelt]) -> list[tuple[Mapping[str, Any], ...]]:
    """One list of conditions for units that share all but the last field."""
    found: dict[tuple[tuple[str, frozenset[str]], ...], set[str]] = {}
    for unit in units:
        fields = [("country", unit.countries), ("region", unit.regions), ("county", unit.counties)]
        *lead, (last, values) = [each for each in fields if each[1]]
        found.setdefault((*lead, (last, frozenset())), set()).update(values)
    return [
        (*({"field": f, "test": "IS", "values": sorted(v)} for f, v in lead), _is(last[0], values))
        for (*lead, last), values in sorted(found.items(), key=lambda each: sorted(each[1]))
    ]


def _is(field: str, values: Iterable[str]) -> Mapping[str, Any]:
    return {"field": field, "test": "IS", "values": sorted(values)}


def _is_of_units(conditions: Sequence[Mapping[str, Any]]) -> bool:
    fields = [each["field"] for each in conditions]
    shapes = (["country"], ["country", "region"], ["country", "region", "county"])
    return fields in shapes and all(each["test"] == "IS" for each in conditions)


def _lead(conditions: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """What a rule of units asks before its last field, and that field: which of them speak of the same kind of place."""
    if not _is_of_units(conditions):
        return ()
    parts = [(each["field"], frozenset(v.casefold() for v in each["values"])) for each in conditions]
    return (*parts[:-1], parts[-1][0])


def _last(conditions: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(conditions[-1]["values"])


def _without(rule: Drafted, taken: frozenset[str]) -> Drafted | None:
    gone = {each.casefold() for each in taken}
    values = [each for each in rule.conditions[-1]["values"] if each.casefold() not in gone]
    if len(values) == len(rule.conditions[-1]["values"]):
        return rule
    if not values:
        return None
    return replace(rule, conditions=(*rule.conditions[:-1], {**rule.conditions[-1], "values": values}))
