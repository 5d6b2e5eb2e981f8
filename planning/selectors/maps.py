"""A map of accounts: what lies in each country, state or county, and whose it is on a day or would be by a draft of rules."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
from django.utils.translation import gettext, ngettext

from planning.engine.places import STATES, US, Level, Spelt, atlas_key, state_of, unit_of
from planning.models import RuleSet, Territory
from planning.selectors.rule_sets import rules_get
from planning.selectors.rules import account_territories, routing_of
from spm.core.findings import Finding, Severity
from spm.crm.feeds.vocabulary import country_code, country_names, country_numbers
from spm.crm.selectors.accounts import AccountDeals, accounts_frame, deals_of_year
from spm.crm.selectors.lists import account_list
from spm.crm.selectors.visibility import deal_owners
from spm.roles.policy import Viewer

MONEY = ("potential", "sales", "pipeline")
_PLACE = ["country", "region", "county"]


@dataclass(frozen=True)
class MapUnit:
    """A unit with accounts: `atlas` are the names by which the drawn map may call it, money is in minor units of the company's currency.

    `held` gives the territories of its accounts with their numbers, the largest first; the territory is "" for accounts in none.
    Sales and pipeline are None for who does not see every deal.
    """

    key: str
    name: str
    atlas: tuple[str, ...]
    accounts: int
    potential: int
    sales: int | None
    pipeline: int | None
    held: tuple[tuple[str, int], ...]

    @property
    def money(self) -> tuple[int | None, ...]:
        """Potential, sales and pipeline."""
        return self.potential, self.sales, self.pipeline

    @property
    def territory(self) -> str:
        """The id of the territory that has most of its accounts."""
        return self.held[0][0]


@dataclass(frozen=True)
class MapShown:
    """The units of a level that have accounts, the most accounts first; `territories` gives names by id."""

    level: Level
    units: tuple[MapUnit, ...]
    territories: Mapping[str, str]
    accounts: int
    currency: str
    findings: tuple[Finding, ...]


def map_get(viewer: Viewer, *, level: Level, on: date, draft: RuleSet | None = None) -> MapShown:
    """Give the accounts within reach by unit, with their territories on the day; with `draft`, with those that its rules would give."""
    sees_all = deal_owners(viewer) is None
    currency = viewer.organisation.currency
    frame, findings = _measured(_accounts(viewer, sees_all=sees_all), on, currency)
    held = _held(frame, on, draft)
    frame["territory"] = [held.get(key, "") for key in frame["account_key"]]
    frame["unit"] = _units(frame, level)
    findings = [*_unknown(level, frame), *(findings if sees_all else [])]
    placed = frame[frame["unit"] != ""]
    units = [_unit(level, str(key), rows, sees_all=sees_all) for key, rows in placed.groupby("unit")]
    names = {str(pk): name for pk, name in Territory.objects.values_list("pk", "name")}
    ordered = tuple(sorted(units, key=lambda each: (-each.accounts, each.name)))
    return MapShown(level, ordered, names, len(frame), currency, tuple(findings))


def _unit(level: Level, key: str, rows: pd.DataFrame, *, sees_all: bool) -> MapUnit:
    potential, sales, pipeline = (int(rows[name].sum()) for name in MONEY)
    held = tuple(sorted(Counter(rows["territory"]).items(), key=lambda each: (-each[1], each[0])))
    return MapUnit(
        key,
        unit_name(level, key),
        _atlas(level, key),
        len(rows),
        potential,
        sales if sees_all else None,
        pipeline if sees_all else None,
        held,
    )


def unit_name(level: Level, key: str) -> str:
    """Give the name of a unit for people."""
    if level is Level.COUNTRY:
        return country_names(key)[-1]
    state, _, county = key.partition(":")
    return STATES[state][1] if level is Level.STATE else f"{county if county.isdigit() else county.title()}, {state}"


def units_spelt(level: Level, keys: list[str]) -> dict[str, Spelt]:
    """Give how units are written, commonly and in the accounts known now; raises KeyError for a unit without an account."""
    frame = accounts_frame()
    frame["unit"] = _units(frame, level)
    rows = frame[frame["unit"].isin(keys)].groupby("unit")
    found = {str(key): _spelt(level, str(key), part) for key, part in rows}
    return {key: found[key] for key in keys}


def _spelt(level: Level, key: str, rows: pd.DataFrame) -> Spelt:
    seen = [frozenset(each.strip() for each in rows[name] if each.strip()) for name in _PLACE]
    if level is Level.COUNTRY:
        return Spelt(seen[0] | set(country_names(key)))
    state, _, county = key.partition(":")
    countries, regions = seen[0] | set(country_names(US)), seen[1] | {state, STATES[state][1]}
    return Spelt(countries, regions, seen[2] | {county} if level is Level.COUNTY else frozenset())


def _atlas(level: Level, key: str) -> tuple[str, ...]:
    return country_numbers(key) if level is Level.COUNTRY else (atlas_key(level, key),)


def _accounts(viewer: Viewer, *, sees_all: bool) -> pd.DataFrame:
    if sees_all:
        return accounts_frame()
    reach = account_list(viewer.acting("fact.view")).values_list("fact_id", flat=True)
    return accounts_frame([str(each) for each in reach])


def _held(frame: pd.DataFrame, on: date, draft: RuleSet | None) -> dict[str, str]:
    if draft is None:
        rows = account_territories(on).values_list("account_id", "territory_id")
        return {str(account): str(territory) for account, territory in rows}
    found = routing_of(rules_get(draft), draft.starts_on, frame["account_key"].tolist())
    pairs = zip(found.accounts["account_key"], found.territories, strict=True)
    return {key: territory for key, territory in pairs if territory is not None}


def _measured(frame: pd.DataFrame, on: date, currency: str) -> tuple[pd.DataFrame, list[Finding]]:
    """The accounts with what they promise, bought and may buy, in the company's currency; what is in another one is said."""
    own = (frame["currency"] == currency) | (frame["currency"] == "")
    revenue = frame["annual_revenue_minor"]
    deals = deals_of_year(currency, on, owners=None)
    found = [deals.get(key, AccountDeals()) for key in frame["account_key"]]
    frame["potential"] = revenue.where(own).fillna(0).astype("int64")
    frame["sales"] = [each.sales for each in found]
    frame["pipeline"] = [each.open_pipeline for each in found]
    stated, dealt = int((revenue.notna() & ~own).sum()), sum(each.foreign for each in found)
    others = {
        ngettext(
            "%(n)s account states its annual revenue in another currency than %(currency)s.",
            "%(n)s accounts state their annual revenue in another currency than %(currency)s.",
            stated,
        ): stated,
        ngettext(
            "%(n)s won or open deal is in another currency than %(currency)s.",
            "%(n)s won and open deals are in another currency than %(currency)s.",
            dealt,
        ): dealt,
    }
    return frame, [_foreign(what % {"n": count, "currency": currency}) for what, count in others.items() if count]


def _units(frame: pd.DataFrame, level: Level) -> pd.Series:
    """The unit of each account; every place is worked out once."""
    places = frame[_PLACE].drop_duplicates()
    keys = [unit_of(level, country_code(country), region, county) for country, region, county in places.to_numpy()]
    known = dict(zip(map(tuple, places.to_numpy()), keys, strict=True))
    return pd.Series([known[each] for each in map(tuple, frame[_PLACE].to_numpy())], index=frame.index, dtype=object)


def _unknown(level: Level, frame: pd.DataFrame) -> list[Finding]:
    """Accounts that lie in no unit, by what is missing."""
    missing = frame[frame["unit"] == ""]
    country = missing["country"].map({each: country_code(each) for each in missing["country"].unique()})
    state = missing["region"].map({each: state_of(each) for each in missing["region"].unique()})
    of_us = country == US
    asked = [("COUNTRY_UNKNOWN", country == "")]
    if level is not Level.COUNTRY:
        asked.append(("STATE_UNKNOWN", of_us & (state == "")))
        asked.append(("COUNTY_UNKNOWN", of_us & (state != "")))
        asked.append(("OUTSIDE_MAP", (country != "") & ~of_us))
    return [_nowhere(code, int(rows.sum())) for code, rows in asked if rows.any()]


def _nowhere(code: str, count: int) -> Finding:
    what = {
        "COUNTRY_UNKNOWN": ngettext(
            "%(n)s account has no country that the map knows.",
            "%(n)s accounts have no country that the map knows.",
            count,
        ),
        "STATE_UNKNOWN": ngettext(
            "%(n)s account in the United States has no state that the map knows.",
            "%(n)s accounts in the United States have no state that the map knows.",
            count,
        ),
        "COUNTY_UNKNOWN": ngettext(
            "%(n)s account has a state and no county.", "%(n)s accounts have a state and no county.", count
        ),
        "OUTSIDE_MAP": ngettext(
            "%(n)s account lies outside the United States.", "%(n)s accounts lie outside the United States.", count
        ),
    }[code] % {"n": count}
    fix = gettext("Correct them in the CRM system and import them again.")
    if code == "OUTSIDE_MAP":
        fix = gettext("Look at the map of countries.")
    why = gettext("They are not on this map, and moving its units does not move them.")
    return Finding(code, gettext("accounts"), what, why, fix, Severity.WARNING, about=(("count", count),))


def _foreign(said: str) -> Finding:
    return Finding("CURRENCY_LEFT_OUT", gettext("amounts"), said, gettext("They count 0 here."), "", Severity.WARNING)
