"""The words in which formulas are read aloud, one set for each language of plans; pieces are put in at {0}, {1} or by name.

German pieces stand without articles, so that they fit wherever they are put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_COMMA = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Vocabulary:
    """Comparisons, functions, windows of sums, and everything else by what it is."""

    compared: Mapping[str, str]
    dated: Mapping[str, str]
    calls: Mapping[str, str]
    windows: Mapping[str | None, str]
    forms: Mapping[str, str]
    decimal_comma: bool = False

    def say(self, form: str, *parts: object, **named: object) -> str:
        """A piece with what is put in."""
        return self.forms[form].format(*parts, **named)

    def number(self, text: str) -> str:
        """A number as the language writes it."""
        return text.translate(_COMMA) if self.decimal_comma else text


ENGLISH = Vocabulary(
    compared={"=": "is", "<>": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"},
    dated={
        "=": "is", "<>": "is not", "<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after",
    },
    calls={
        "MIN": "the smaller of {all}",
        "MAX": "the larger of {all}",
        "MIN MANY": "the smallest of {all}",
        "MAX MANY": "the largest of {all}",
        "ABS": "{0} without its sign",
        "YEAR": "the year of {0}",
        "MONTH": "the month of {0}",
        "DAY": "the day of the month of {0}",
        "DAYS": "the days from {1} to {0}",
        "DATE": "the day {2} of month {1} of year {0}",
        "STARTSWITH": "{0} begins with {1}",
        "ENDSWITH": "{0} ends with {1}",
        "CONTAINS": "{0} contains {1}",
        "UNDER": "{0} is under {1}",
        "LOWER": "{0} in small letters",
        "UPPER": "{0} in capital letters",
        "TRIM": "{0} without spaces around it",
        "LENGTH": "the length of {0}",
        "ISEMPTY": "{0} is not given",
        "TO_MONEY": "{0}",
        "NEGATE": "minus {0}",
        "INVERT": "1 by {0}",
        "TIER": "what the table {table} pays for {all}",
        "TIERRATE": "the rate of the tier of the table {table} that {all} reaches",
        "CURVE": "the height of the curve {table} at {all}",
        "LOOKUP": "what the table {table} gives for {all}",
        "CREDIT": "the credit",
        "PERIOD_START": "the first day of the period",
        "PERIOD_END": "the first day after the period",
        "TARGET": "the target",
        "TENURE": "the number of completed months of employment",
        "MEASURE": "what counts for {0}",
        "COMPONENT": "what {0} earns",
        "ATTAINMENT": "the attainment of {0}",
        "QUOTA": "the quota of {0}",
        "SUM": "the sum of {0} over",
        "COUNT": "the number of",
        "AVERAGE": "the mean of {0} over",
        "DISTINCT": "the number of different values of {0} among",
    },
    windows={
        "PERIOD": "of the period",
        "QTD": "of the quarter to date",
        "YTD": "of the fiscal year to date",
        "CONTRACT": "since the start of the plan",
        "PRIOR": "of the period before",
        "PRIOR_YEAR": "of the same period a year before",
        None: "of the window",
    },
    forms={
        "yes": "yes", "no": "no", "nothing": "nothing",
        "list": "{0} and {1}",
        "less": "{0} less {1}", "plus": "{0} plus {1}",
        "share": "{1} of {0}",
        "by": "{0} divided by {1}", "times": "{0} times {1}",
        "one": "{0} is {1}", "one_of": "{0} is one of {1}",
        "AND": " and ", "OR": " or ", "NOT": "not ({0})",
        "if": "{1} if {0}, otherwise {2}",
        "ROUND": "rounded", "ROUNDUP": "rounded away from zero", "ROUNDDOWN": "rounded towards zero",
        "decimals": "{0} {1} to {2} decimals", "places": "{0} {1} to {2}", "whole": "{0} {1} to whole units",
        "credits": "{0} the credits {1}", "where": "{0} for which {1}",
        "row": "{0} for {1}", "otherwise": "{0}; {1} otherwise", "point": "{0} at {1}",
        "day": "{0} day",
    },
)  # fmt: skip

GERMAN = Vocabulary(
    compared={"=": "ist", "<>": "ist nicht", "<": "ist kleiner als", "<=": "ist höchstens", ">": "ist größer als", ">=": "ist mindestens"},
    dated={
        "=": "ist", "<>": "ist nicht", "<": "liegt vor", "<=": "liegt an oder vor", ">": "liegt nach", ">=": "liegt an oder nach",
    },
    calls={
        "MIN": "kleinerer Wert aus {all}",
        "MAX": "größerer Wert aus {all}",
        "MIN MANY": "kleinster Wert aus {all}",
        "MAX MANY": "größter Wert aus {all}",
        "ABS": "{0} ohne Vorzeichen",
        "YEAR": "Jahr von {0}",
        "MONTH": "Monat von {0}",
        "DAY": "Tag im Monat von {0}",
        "DAYS": "Tage von {1} bis {0}",
        "DATE": "Tag {2} im Monat {1} des Jahres {0}",
        "STARTSWITH": "{0} beginnt mit {1}",
        "ENDSWITH": "{0} endet mit {1}",
        "CONTAINS": "{0} enthält {1}",
        "UNDER": "{0} liegt unter {1}",
        "LOWER": "{0} in kleinen Buchstaben",
        "UPPER": "{0} in großen Buchstaben",
        "TRIM": "{0} ohne Leerzeichen am Rand",
        "LENGTH": "Länge von {0}",
        "ISEMPTY": "{0} ist nicht angegeben",
        "TO_MONEY": "{0}",
        "NEGATE": "minus {0}",
        "INVERT": "1 durch {0}",
        "TIER": "Betrag der Tabelle {table} für {all}",
        "TIERRATE": "Satz der Stufe der Tabelle {table}, die erreicht ist mit {all}",
        "CURVE": "Höhe der Kurve {table} bei {all}",
        "LOOKUP": "Wert der Tabelle {table} für {all}",
        "CREDIT": "Gutschrift",
        "PERIOD_START": "erster Tag des Zeitraums",
        "PERIOD_END": "erster Tag nach dem Zeitraum",
        "TARGET": "Zielbetrag",
        "TENURE": "Anzahl vollendeter Monate der Beschäftigung",
        "MEASURE": "Zählwert von {0}",
        "COMPONENT": "Verdienst aus {0}",
        "ATTAINMENT": "Zielerreichung von {0}",
        "QUOTA": "Quote von {0}",
        "SUM": "Summe von {0} über",
        "COUNT": "Anzahl von",
        "AVERAGE": "Mittel von {0} über",
        "DISTINCT": "Anzahl verschiedener Werte von {0} unter",
    },
    windows={
        "PERIOD": "des Zeitraums",
        "QTD": "des Quartals bis dahin",
        "YTD": "des Geschäftsjahrs bis dahin",
        "CONTRACT": "seit Beginn des Plans",
        "PRIOR": "des Zeitraums davor",
        "PRIOR_YEAR": "desselben Zeitraums ein Jahr davor",
        None: "des Fensters",
    },
    forms={
        "yes": "ja", "no": "nein", "nothing": "nichts",
        "list": "{0} und {1}",
        "less": "{0} minus {1}", "plus": "{0} plus {1}",
        "share": "{1} von {0}",
        "by": "{0} geteilt durch {1}", "times": "{0} mal {1}",
        "one": "{0} ist {1}", "one_of": "{0} ist eines von {1}",
        "AND": " und ", "OR": " oder ", "NOT": "nicht ({0})",
        "if": "{1}, falls gilt: {0}; sonst {2}",
        "ROUND": "gerundet", "ROUNDUP": "von null weg gerundet", "ROUNDDOWN": "zu null hin gerundet",
        "decimals": "{0} {1} auf {2} Stellen", "places": "{0} {1} auf {2}", "whole": "{0} {1} auf ganze Einheiten",
        "credits": "{0} Gutschriften {1}", "where": "{0}, für die gilt: {1}",
        "row": "{0} für {1}", "otherwise": "{0}; sonst {1}", "point": "{0} bei {1}",
        "day": "Tag {0}",
    },
    decimal_comma=True,
)  # fmt: skip
