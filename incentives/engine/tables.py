"""Reads and checks what a component pays by: tiers, curves, lookups, matrices.

Tiers have no gap and no overlap, edges are in one unit, each tier says what it pays.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from incentives.engine.conditions import read_conditions
from incentives.engine.earned_edges import FIELD, check_earned, earned_tier
from incentives.engine.language.context import MONEY_NAMES
from incentives.engine.plan import UNIT_SCALE, Axis, Lookup, LookupRow, Matrix, Measure, Payment, RateTable, Tier
from incentives.engine.reading import Reader, exact_number
from incentives.engine.words import Boundary, MeasureKind, TierMode, TierUnit
from spm.core.money import RATE_SCALE, minor_digits


def read_table(
    reader: Reader, measure: Measure, currency: str, *, default: TierMode = TierMode.MARGINAL
) -> RateTable | None:
    """The rate table of a component or multiplier, None when it has no tiers. `measure` is what finds the tier."""
    mode = reader.choice("tier_mode", TierMode, default)
    boundary = reader.choice("boundary", Boundary, Boundary.LOWER_INCLUSIVE)
    if not reader.has("tiers"):
        return None
    children = reader.children("tiers")
    unit = _common_unit(reader, children, measure)
    if unit is None:
        return None
    tiers: list[Tier] = []
    for child in children:
        tiers.append(_read_tier(child, unit, measure, currency, tiers))
    if not tiers:
        reader.find("TIERS_EMPTY", "The list of tiers is empty.", "Add tiers or a rate.", at="tiers")
        return None
    shown = EdgeText(unit, measure, currency)
    _check_neighbours(tiers, children, shown)
    _check_top(tiers, children, mode, shown)
    table = RateTable(tuple(tiers), unit, mode, boundary)
    check_earned(reader, table)
    return table


def _common_unit(reader: Reader, children: list[Reader], measure: Measure) -> TierUnit | None:
    """The unit of all edges; the first edge of another unit is named. What is no number says so where it is read."""
    edges = [(child, name) for child in children for name in ("from", "until", FIELD) if _given(child, name)]
    read = [(child, name, _unit(child.document[name])) for child, name in edges]
    other = next(((child, name) for child, name, unit in read if unit != read[0][2]), None)
    if other is not None:
        what = "Some tier edges are percentages of the quota and some are not."
        other[0].find("TIER_UNITS_MIXED", what, "Write all of them with % or none.", at=other[1])
        return None
    return read[0][2] if read else TierUnit.ATTAINMENT if measure.has_goal else TierUnit.MEASURE


def _given(reader: Reader, name: str) -> bool:
    """True when an edge is given and says something about the unit: 0 fits both, and a word says nothing."""
    value = reader.document.get(name)
    number = exact_number(value)
    return reader.has(name) and any(sign.isdecimal() for sign in str(value)) and (number is None or number != 0)


def _unit(value: object) -> TierUnit:
    return TierUnit.ATTAINMENT if "%" in str(value) else TierUnit.MEASURE


def _read_tier(reader: Reader, unit: TierUnit, measure: Measure, currency: str, before: list[Tier]) -> Tier:
    reached = before[-1].upper if before else Fraction(0)
    lower = read_edge(reader, "from", unit, measure, currency)
    upper = read_edge(reader, "until", unit, measure, currency)
    pays = read_payment(reader, currency)
    earned = earned_tier(reader, before, pays, measure, currency) if reader.has(FIELD) else None
    reader.finish()
    if earned is not None:
        return earned
    start = lower if lower is not None else reached if reached is not None else Fraction(0)
    return Tier(start, upper, pays.rate, pays.amount, pays.each)


def read_payment(reader: Reader, currency: str) -> Payment:
    """Exactly one of rate, amount and amount_each."""
    words = [word for word in ("rate", "amount", "amount_each") if reader.has(word)]
    if len(words) != 1:
        reader.find(
            "RATE_MISSING",
            f"Here stands {' and '.join(words) or 'no rate'}.",
            "Give one of rate, amount, amount_each.",
            at="rate",
        )
    amount, each = reader.money("amount", currency), exact_money(reader, "amount_each", currency)
    return Payment(reader.rate("rate"), None if amount is None else Fraction(amount), each)


def exact_money(reader: Reader, name: str, currency: str) -> Fraction | None:
    """Money per unit in minor units; it may have more decimals than the currency ("0.005" a unit)."""
    value = reader.value(name)
    if value is None:
        return None
    number = exact_number(value)
    if number is None:
        try:
            number = Decimal(str(value))
        except ArithmeticError:
            amount = reader.money(name, currency)
            return None if amount is None else Fraction(amount)
    return Fraction(number) * 10 ** minor_digits(currency)


def read_edge(reader: Reader, name: str, unit: TierUnit, measure: Measure, currency: str) -> Fraction | None:
    """An edge as a share of the goal, or in the smallest unit of the measure."""
    if unit == TierUnit.ATTAINMENT:
        return reader.rate(name)
    if measure.is_money:
        amount = reader.money(name, currency)
        return None if amount is None else Fraction(amount)
    return read_count(reader, name)


def read_count(reader: Reader, name: str) -> Fraction | None:
    """A number of units at UNIT_SCALE."""
    value = reader.value(name)
    if value is None:
        return None
    number = reader.number(name)
    return None if number is None else Fraction(number) * UNIT_SCALE


class EdgeText:
    """Edges as a reader of the plan writes them."""

    def __init__(self, unit: TierUnit, measure: Measure, currency: str) -> None:
        self.unit, self.measure, self.currency = unit, measure, currency

    def __call__(self, edge: Fraction) -> str:
        """One edge as text."""
        if self.unit != TierUnit.MEASURE:
            return f"{_plain(edge * 100)} %"
        if self.measure.is_money:
            return f"{_plain(edge / 10 ** minor_digits(self.currency), grouped=True)} {self.currency}"
        return _plain(edge / UNIT_SCALE)


def _plain(value: Fraction, *, grouped: bool = False) -> str:
    number = (Decimal(value.numerator) / Decimal(value.denominator)).normalize()
    return f"{number:,f}" if grouped else f"{number:f}"


def _check_neighbours(tiers: list[Tier], children: list[Reader], shown: EdgeText) -> None:
    """Gaps and overlaps; an end that can't be read has said so already."""
    for earlier, before, later, child in zip(tiers, children, tiers[1:], children[1:], strict=False):
        if earlier.upper is None and before.has("until"):
            continue
        if earlier.upper is None:
            what = "The tier before this one has no end, so this one is never reached."
            child.find("TIER_OVERLAP", what, "Give the earlier tier an until.", at="from")
        elif later.lower > earlier.upper:
            what = f"There is no rate between {shown(earlier.upper)} and {shown(later.lower)}."
            child.find("TIER_GAP", what, f"Start this tier at {shown(earlier.upper)}.", at="from")
        elif later.lower < earlier.upper:
            what = f"Two tiers hold from {shown(later.lower)} to {shown(earlier.upper)}."
            child.find("TIER_OVERLAP", what, f"Start this tier at {shown(earlier.upper)}.", at="from")


def _check_top(tiers: list[Tier], children: list[Reader], mode: TierMode, shown: EdgeText) -> None:
    for tier, child in zip(tiers, children, strict=True):
        if tier.upper is not None and tier.upper <= tier.lower:
            child.find("TIER_EMPTY", "The tier ends where it starts or before.", "Correct from or until.", at="until")
    top = tiers[-1].upper
    if top is not None and mode != TierMode.INTERPOLATED:
        fix = "Leave until out of the last tier, or add a tier with rate 0 %."
        children[-1].find("TIER_TOP_CLOSED", f"There is no rate above {shown(top)}.", fix, at="until")
    if top is None and mode == TierMode.INTERPOLATED:
        what = "An interpolated tier pays the share of its width, and the last one has no end."
        children[-1].find("TIER_TOP_OPEN", what, "Add until to the last tier.", at="until")


def read_curve(reader: Reader) -> RateTable | None:
    """A curve of points (attainment, share of target), joined by straight lines and level after the last, as marginal tiers.

    Two points at one attainment are a step: the later holds from there on.
    """
    if not reader.has("curve"):
        return None
    children = reader.children("curve")
    points = [(child.rate("at"), child.rate("pays")) for child in children]
    for child in children:
        child.finish()
    known = [(at, pays) for at, pays in points if at is not None and pays is not None]
    if len(known) < max(len(points), 2):
        reader.find(
            "CURVE_INCOMPLETE", "A curve has at least two points, each with at and pays.", "Add the points.", at="curve"
        )
        return None
    if not points_in_order(reader, children, [at for at, _ in known]):
        return None
    pairs = list(zip(known, known[1:], strict=False))
    tiers = [Tier(low, high, (end - start) / (high - low)) for (low, start), (high, end) in pairs if low < high]
    steps = tuple((low, end - start) for (low, start), (high, end) in pairs if low == high)
    tiers.append(Tier(known[-1][0], None, Fraction(0)))
    return RateTable(tuple(tiers), TierUnit.ATTAINMENT, TierMode.MARGINAL, opening=known[0][1], steps=steps)


def points_in_order(reader: Reader, children: list[Reader], ats: list[Fraction]) -> bool:
    """True when points go up; two at one place are a step, which does not open the curve."""
    for number, child in enumerate(children):
        if number and ats[number] < ats[number - 1]:
            what, fix = "The points of a curve go from low to high attainment.", "Sort the points."
        elif ats[number] == ats[0] and number or ats[number] == ats[max(number - 2, 0)] and number > 1:
            what = (
                "The curve begins with two points at one place." if number == 1 else "Three points stand at one place."
            )
            fix = "A step has two points, the one it leaves and the one it reaches; leave out what is never paid."
        else:
            continue
        child.find("CURVE_ORDER", what, fix, at="at")
        return False
    if (
        len(set(ats)) < len(ats)
        and str(reader.document.get("boundary", "")).strip().upper() == Boundary.UPPER_INCLUSIVE
    ):
        what = "At a step the later point holds from there on, so boundary would not be read."
        reader.find("FIELD_UNUSED", what, "Remove boundary.", at="boundary")
    return True


def read_lookup(reader: Reader, currency: str) -> Lookup | None:
    """Rows of conditions and payments; the first row that fits a deal pays it."""
    if not reader.has("lookup"):
        return None
    rows = []
    for child in reader.children("lookup"):
        where = read_conditions(child, "where", currency)
        rows.append(LookupRow(where, read_payment(child, currency)))
        child.finish()
    return Lookup(tuple(rows))


def read_matrix(reader: Reader, currency: str, measures: dict[str, Measure]) -> Matrix | None:
    """Two axes and the cells between them."""
    child = reader.child("matrix")
    if child is None:
        return None
    rows, columns = _read_axis(child, "rows", currency, measures), _read_axis(child, "columns", currency, measures)
    kind, value = ("amounts", child.value("amounts")) if child.has("amounts") else ("rates", child.value("rates"))
    boundary = child.choice("boundary", Boundary, Boundary.LOWER_INCLUSIVE)
    child.finish()
    if rows is None or columns is None or not isinstance(value, list):
        child.find("MATRIX_INCOMPLETE", "A matrix has rows, columns and rates (or amounts).", "Add what is missing.")
        return None
    cells = []
    for number, line in enumerate(value):
        given = line if isinstance(line, list) else [line]
        if len(given) != len(columns.edges) + 1:
            what = f"Row {number + 1} has {len(given)} cells for {len(columns.edges) + 1} columns."
            child.find("MATRIX_SHAPE", what, "Give one cell per column.", at=f"{kind}[{number}]")
        cells.append(tuple(_read_cell(child, kind, each, currency) for each in given))
    if len(cells) != len(rows.edges) + 1:
        child.find(
            "MATRIX_SHAPE",
            f"There are {len(cells)} lines for {len(rows.edges) + 1} rows.",
            "Give one line per row.",
            at=kind,
        )
    return Matrix(rows, columns, tuple(cells), boundary)


def _read_cell(reader: Reader, kind: str, value: object, currency: str) -> Payment:
    cell = Reader({kind: value}, reader.path, reader.findings)
    if kind == "rates":
        return Payment(rate=cell.rate(kind))
    amount = cell.money(kind, currency)
    return Payment(amount=None if amount is None else Fraction(amount))


def _read_axis(reader: Reader, name: str, currency: str, measures: dict[str, Measure]) -> Axis | None:
    child = reader.child(name)
    if child is None:
        return None
    of, column = child.text("of", default="") or None, child.text("column", default="")
    column = MONEY_NAMES.get(column, column)
    raw = child.value("edges")
    child.finish()
    if not isinstance(raw, list) or not raw or (of is None) == (column == ""):
        child.find(
            "AXIS_INCOMPLETE",
            f"{name} needs edges, and either a column of the deal or the measure it is of.",
            "Add them.",
        )
        return None
    measure = measures.get(
        of or "", Measure("", (), MeasureKind.AMOUNT if column.endswith("_minor") else MeasureKind.COUNT)
    )
    unit = TierUnit.ATTAINMENT if "%" in str(raw[-1]) else TierUnit.MEASURE
    edges = [_axis_edge(child, value, unit, column, measure, currency) for value in raw]
    if edges != sorted(set(edges)):
        child.find("AXIS_ORDER", f"The edges of {name} do not go up.", "Sort them.", at="edges")
    return Axis(column, of, unit, tuple(edges))


def _axis_edge(reader: Reader, value: object, unit: TierUnit, column: str, measure: Measure, currency: str) -> Fraction:
    one = Reader({"edges": value}, reader.path, reader.findings)
    if unit == TierUnit.ATTAINMENT:
        share = one.rate("edges") or Fraction(0)
        return share * RATE_SCALE if column else share
    edge = read_edge(one, "edges", unit, measure, currency) or Fraction(0)
    return edge / UNIT_SCALE if column and not column.endswith("_minor") else edge
