"""Standard names of countries and industries, to offer for what was received. Received values are kept all the same."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.core import get_global

INDUSTRIES = (
    "aerospace",
    "agriculture",
    "automotive",
    "banking",
    "biotechnology",
    "chemicals",
    "construction",
    "consulting",
    "consumer goods",
    "education",
    "electronics",
    "employment",
    "energy",
    "engineering",
    "entertainment",
    "finance",
    "food and beverage",
    "government",
    "healthcare",
    "hospitality",
    "insurance",
    "legal",
    "logistics",
    "manufacturing",
    "marketing",
    "media",
    "medical",
    "mining",
    "non-profit",
    "pharmaceuticals",
    "professional services",
    "real estate",
    "recreation",
    "retail",
    "services",
    "shipping",
    "software",
    "technology",
    "telecommunications",
    "transportation",
    "travel",
    "utilities",
    "wholesale",
)

_COUNTRY_SYNONYMS: dict[str, tuple[str, ...]] = {
    "korea": ("South Korea", "North Korea"),
    "republicofkorea": ("South Korea",),
    "america": ("United States",),
    "unitedstatesofamerica": ("United States",),
    "greatbritain": ("United Kingdom",),
    "england": ("United Kingdom",),
    "scotland": ("United Kingdom",),
    "wales": ("United Kingdom",),
    "holland": ("Netherlands",),
    "czechrepublic": ("Czechia",),
    "russianfederation": ("Russia",),
    "turkey": ("Türkiye",),
    "turkiye": ("Türkiye",),
    "ivorycoast": ("Côte d’Ivoire",),
    "burma": ("Myanmar (Burma)",),
    "uae": ("United Arab Emirates",),
    "macedonia": ("North Macedonia",),
    "vietnam": ("Vietnam",),
    "deutschland": ("Germany",),
    "osterreich": ("Austria",),
    "schweiz": ("Switzerland",),
}
_INDUSTRY_SYNONYMS: dict[str, tuple[str, ...]] = {
    "tech": ("technology",),
    "it": ("technology",),
    "telecom": ("telecommunications",),
    "telco": ("telecommunications",),
    "financialservices": ("finance",),
    "health": ("healthcare",),
    "pharma": ("pharmaceuticals",),
    "transport": ("transportation",),
}


@cache
def _countries() -> dict[str, str]:
    """English names of countries by their codes of two letters."""
    names = Locale("en").territories
    return {
        code: str(name) for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    }


_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})


@cache
def _codes() -> dict[str, str]:
    """The code of two letters by everything a country is called: codes, English names and other names that mean one country only."""
    found = {name.casefold(): code for code, name in _countries().items()}
    found |= {code.casefold(): code for code in _countries()} | {"uk": "GB"}
    for code, standard in get_global("territory_aliases").items():
        if len(code) == 3 and len(standard) == 1 and standard[0] in _countries():
            found[code.casefold()] = standard[0]
    for name, meant in _COUNTRY_SYNONYMS.items():
        if len(meant) == 1:
            found.setdefault(name, found[meant[0].casefold()])
    return found


def country_code(name: str) -> str:
    """Give the code of two letters of a country by its name or a code; "" for what is no country or may be several.

    >>> country_code("Germany"), country_code("usa"), country_code("United States of America"), country_code("Korea")
    ('DE', 'US', 'US', '')
    """
    known = _codes()
    return known.get(name.strip().casefold()) or known.get(
        "".join(each for each in name.casefold() if each.isalnum()), ""
    )


def country_names(code: str) -> tuple[str, ...]:
    """Give how a country is written in files: its codes of letters, also former ones, and its English name.

    >>> country_names("US"), country_names("NO")
    (('US', 'USA', 'United States'), ('NO', 'NOR', 'Norway'))
    """
    return (code, *(each for each in _aliases(code) if len(each) == 3 and each.isalpha()), _countries()[code])


def country_numbers(code: str) -> tuple[str, ...]:
    """Give the numbers of three digits, also former ones, by which maps call a country.

    >>> country_numbers("US"), country_numbers("FR")
    (('840',), ('249', '250'))
    """
    return tuple(each for each in _aliases(code) if each.isdigit())


def _aliases(code: str) -> list[str]:
    return sorted(each for each, meant in get_global("territory_aliases").items() if list(meant) == [code])


@cache
def terms(vocabulary: str) -> tuple[str, ...]:
    """The standard names of a vocabulary, sorted."""
    return tuple(sorted(_countries().values())) if vocabulary == "country" else INDUSTRIES


@cache
def synonyms(vocabulary: str) -> dict[str, tuple[str, ...]]:
    """Other names, folded, and the standard names they can mean."""
    return _COUNTRY_SYNONYMS if vocabulary == "country" else _INDUSTRY_SYNONYMS


@cache
def _known(vocabulary: str) -> frozenset[str]:
    known = {name.casefold() for name in terms(vocabulary)}
    if vocabulary == "country":
        known |= {code.casefold() for code in _countries()} | {"uk"}
        known |= {code.casefold() for code in get_global("territory_aliases") if len(code) == 3 and code.isalpha()}
    return frozenset(known)


def is_standard(value: str, vocabulary: str) -> bool:
    """True for a standard name, or a country's code.

    >>> is_standard("Germany", "country"), is_standard("Philipines", "country")
    (True, False)
    """
    return value.strip().casefold() in _known(vocabulary)
