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
