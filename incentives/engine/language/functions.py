"""The functions of the formula language: how each is written, what it gives, where it may stand.

The catalogue feeds completion, the messages about wrong arguments and the documentation; `checking` gives each its type.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its form, one sentence, the least and the most arguments; `pays` when it may stand in pay only."""

    name: str
    form: str
    sentence: str
    least: int
    most: int
    pays: bool = False


MANY = 50

_ALL = (
    Function("IF", "IF(condition, then, otherwise)", "One of two values, by a condition.", 3, 3),
    Function("AND", "AND(condition, …)", "Yes when all conditions hold.", 1, MANY),
    Function("OR", "OR(condition, …)", "Yes when one of the conditions holds.", 1, MANY),
    Function("NOT", "NOT(condition)", "Yes when the condition does not hold.", 1, 1),
    Function("MIN", "MIN(value, …)", "The smallest of the values.", 1, MANY),
    Function("MAX", "MAX(value, …)", "The largest of the values.", 1, MANY),
    Function("ABS", "ABS(value)", "The value without its sign.", 1, 1),
    Function(
        "ROUND", "ROUND(value, digits)", "To the nearest, halves away from zero; money to that many decimals.", 1, 2
    ),
    Function("ROUNDUP", "ROUNDUP(value, digits)", "Away from zero.", 1, 2),
    Function("ROUNDDOWN", "ROUNDDOWN(value, digits)", "Towards zero.", 1, 2),
    Function("TIER", "TIER(table, value)", "What a tier table of the plan pays for a value.", 2, 2),
    Function("TIERRATE", "TIERRATE(table, value)", "The rate of the tier that a value reaches.", 2, 2),
    Function("CURVE", "CURVE(table, value)", "The height of a curve of the plan at a value, between its points.", 2, 2),
    Function("LOOKUP", "LOOKUP(table, key, …)", "The value of the row of a table of the plan.", 2, 3),
    Function("SUM", "SUM(value, condition, window)", "The sum over the credits of the window.", 1, 3, True),
    Function("COUNT", "COUNT(condition, window)", "How many credits the window has.", 0, 2, True),
    Function("AVERAGE", "AVERAGE(value, condition, window)", "The mean over the credits of the window.", 1, 3, True),
    Function(
        "DISTINCT", "DISTINCT(value, condition, window)", "How many different values the credits have.", 1, 3, True
    ),
    Function("ATTAINMENT", "ATTAINMENT(measure)", "A measure by its quota, a percentage.", 0, 1, True),
    Function("QUOTA", "QUOTA(measure)", "The quota of a measure.", 0, 1, True),
    Function("TARGET", "TARGET()", "The target of the component.", 0, 0, True),
    Function("TENURE", "TENURE()", "The completed months of employment of the person.", 0, 0, True),
    Function("YEAR", "YEAR(date)", "The year of a day.", 1, 1),
    Function("MONTH", "MONTH(date)", "The month of a day, 1 to 12.", 1, 1),
    Function("DAY", "DAY(date)", "The day of the month, 1 to 31.", 1, 1),
    Function("DAYS", "DAYS(end, start)", "The days from start to end.", 2, 2),
    Function("DATE", "DATE(year, month, day)", "A day from its numbers.", 3, 3),
    Function("STARTSWITH", "STARTSWITH(text, start)", "Yes when a text begins so.", 2, 2),
    Function("ENDSWITH", "ENDSWITH(text, end)", "Yes when a text ends so.", 2, 2),
    Function("CONTAINS", "CONTAINS(text, part)", "Yes when a text has the part.", 2, 2),
    Function("UNDER", "UNDER(path, above)", "Yes when a path such as hardware/laptops lies below another.", 2, 2),
    Function("LOWER", "LOWER(text)", "The text in small letters.", 1, 1),
    Function("UPPER", "UPPER(text)", "The text in capital letters.", 1, 1),
    Function("TRIM", "TRIM(text)", "The text without spaces around it.", 1, 1),
    Function("LENGTH", "LENGTH(text)", "How many characters a text has.", 1, 1),
    Function("ISEMPTY", "ISEMPTY(attribute)", "Yes when the deal does not state it.", 1, 1),
)
FUNCTIONS = {each.name: each for each in _ALL}
EARLIER = ("PRIOR", "PRIOR_YEAR")
"""Windows that lie before the period: the period before, and the same period of the year before."""

WINDOWS = ("PERIOD", "QTD", "YTD", "CONTRACT", *EARLIER)
AGGREGATES = frozenset({"SUM", "COUNT", "AVERAGE", "DISTINCT"})
OF_CREDITS = frozenset({"TENURE"})
"""Functions of pay that may stand inside a sum: there they are asked on the day of each credit."""
OTHERWISE_CALLED = {
    "AVG": "AVERAGE", "MEAN": "AVERAGE", "LEN": "LENGTH", "VLOOKUP": "LOOKUP", "XLOOKUP": "LOOKUP", "HLOOKUP": "LOOKUP",
    "COUNTIF": "COUNT", "COUNTIFS": "COUNT", "SUMIF": "SUM", "SUMIFS": "SUM", "AVERAGEIF": "AVERAGE", "IFS": "IF",
    "SWITCH": "IF", "FLOOR": "ROUNDDOWN", "CEILING": "ROUNDUP", "ISBLANK": "ISEMPTY", "ISNULL": "ISEMPTY", "DATEDIF": "DAYS",
    "UNIQUE": "DISTINCT", "INTERPOLATE": "CURVE", "FORECAST": "CURVE", "GREATEST": "MAX", "LEAST": "MIN", "CASE": "IF",
    "SENIORITY": "TENURE", "SERVICE": "TENURE",
}  # fmt: skip
"""What people know from spreadsheets and databases, and what it is called here."""
