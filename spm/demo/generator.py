"""A small company made from a seed: the files a CRM would export, ready for the public doors. Same seed and day, same bytes.

It is meant to look like life: seasons, strong and weak sellers, joiners, a deal or two that nobody owns up to, a product that some people
misspell. It writes files only; `demo_create` loads them like anybody's.
"""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from spm.demo.places import PLACES

SEED = 20260901
UNITS = ("North", "Central", "South")
PRODUCTS = (
    ("Flow Meter", "Meters", 4200),
    ("Flow Meter Pro", "Meters", 9800),
    ("Pressure Kit", "Kits", 2600),
    ("Valve Controller", "Controllers", 7400),
    ("Valve Controller X", "Controllers", 16800),
    ("Site Gateway", "Gateways", 5900),
    ("Telemetry Service", "Services", 12400),
    ("Calibration Plan", "Services", 3100),
)
MISSPELT = ("Flow Meter Pro", "FlowMeter Pro")
FIRST = (
    *("Ada", "Ben", "Cleo", "Dan", "Edda", "Finn", "Gia", "Hugo", "Ines", "Jon", "Kira", "Leo", "Mina"),
    *("Nils", "Orla", "Paul", "Quinn", "Rosa", "Sam", "Tess", "Uma", "Vito", "Wren", "Yann", "Zoe"),
)
LAST = (
    *(
        "Abbott",
        "Bauer",
        "Castro",
        "Doyle",
        "Egan",
        "Fischer",
        "Grant",
        "Hale",
        "Ibarra",
        "Jensen",
        "Keller",
        "Lund",
        "Moreno",
    ),
    *("Novak", "Olsen", "Perez", "Quist", "Reyes", "Sato", "Tran", "Ulrich", "Vance", "Weber", "Young", "Zeller"),
)
SECTORS = ("energy", "water", "chemicals", "food", "pharma", "mining", "shipping")
COUNTRIES = ("United States", "Canada", "Mexico", "Germany", "France", "Norway")
STEPS = ("Demo on site", "Send proposal", "Call the plant manager", "Legal review", "Price talk")
HELD_BACK = "Telemetry Service"
UNDER_CONTRACT = ("Telemetry Service", "Calibration Plan", "Site Gateway")
TERMS = (12, 24, 36)
OPEN_STAGES = (("Prospecting", 10), ("Qualified", 25), ("Proposal", 45), ("Negotiation", 70))
SEASON = (0.8, 0.9, 1.25, 0.85, 0.95, 1.25, 0.7, 0.85, 1.2, 0.95, 1.05, 1.45)


@dataclass(frozen=True)
class Seller:
    """A rep of the generated company."""

    name: str
    unit: str
    manager: str
    skill: float


@dataclass(frozen=True)
class Company:
    """The generated files by name, and the people to sign in as."""

    files: dict[str, str]
    rep: str
    manager: str
    director: str
    first_day: date
    abroad: tuple[str, str]
    """Who is paid in euros."""
    leaver: str
    last_day: date


def company(today: date) -> Company:
    """Generate two whole years before this one, and this one until today."""
    dice = random.Random(SEED)
    first_day = date(today.year - 2, 1, 1)
    director, sellers = _people(dice)
    accounts = [
        f"{name} {kind}"
        for name in LAST
        for kind in dice.sample(("Works", "Utilities", "Group", "Industries", "Marine"), 4)
    ]
    rep, abroad, last_day = sellers[1], (sellers[4].name, sellers[7].name), _left(today)
    sold = sorted(row for seller in sellers for row in _deals(dice, seller, accounts, first_day, today))
    leaver = _leaver(sold, [each.name for each in sellers if each != rep and each.name not in abroad], last_day)
    deals = list(_numbered([row for row in sold if row[1] != leaver or _closed_by(row, last_day)]))
    files = {
        "sales_teams.csv": _table(
            ("sales_agent", "manager", "regional_office", "employee_number"), _team_rows(director, sellers)
        ),
        "products.csv": _table(("product", "series", "sales_price"), PRODUCTS),
        "accounts.csv": _table(
            _ACCOUNT_COLUMNS,
            _placed(random.Random(SEED + 2), _accounts(dice, accounts)),
        ),
        "opportunities.csv": _table(_DEAL_COLUMNS, deals),
        "contracts.csv": _table(_CONTRACT_COLUMNS, _contracts(random.Random(SEED + 1), deals, today)),
        "quotas.csv": _table(("position", "period", "amount"), _quotas(sellers, first_day, today)),
        "rates.csv": _table(("from", "to", "on", "rate", "table"), _rates(random.Random(SEED + 3), first_day, today)),
    }
    return Company(
        files,
        rep=rep.name,
        manager=rep.manager,
        director=director,
        first_day=first_day,
        abroad=abroad,
        leaver=leaver,
        last_day=last_day,
    )


def _left(today: date) -> date:
    """The last day of who left: a month before the end of the quarter two before this one, the latest whose books are locked."""
    return _month_later(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), -4) - timedelta(days=1)


def _leaver(deals: Sequence[tuple[object, ...]], names: Sequence[str], last_day: date) -> str:
    """Who leaves: the one with the most services in the half year before, of which a part is held back on the last day."""

    def sold(name: str) -> float:
        own = (row for row in deals if row[1] == name and (row[2], row[_STAGE]) == (HELD_BACK, "Won"))
        since = _month_later(last_day, -5)
        return sum(float(str(row[_VALUE])) for row in own if _closed_by(row, last_day) and not _closed_by(row, since))

    return max(sorted(names), key=sold)


def _closed_by(deal: tuple[object, ...], last_day: date) -> bool:
    closed = deal[_CLOSED]
    return isinstance(closed, date) and closed <= last_day


def _rates(dice: random.Random, first_day: date, today: date) -> Iterable[Sequence[object]]:
    """What a dollar is worth in euros on the last day of each month, and on the day before the first."""
    rate, day = 9200, first_day - timedelta(days=1)
    while day <= today:
        yield "USD", "EUR", day, f"{rate / 10_000:.4f}", "ECB"
        rate += dice.randint(-120, 120)
        day = _month_later(day, 2) - timedelta(days=1)


_ACCOUNT_COLUMNS = (
    *("account", "sector", "year_established", "revenue", "employees", "office_location"),
    *("city", "state", "county", "latitude", "longitude"),
)
_DEAL_COLUMNS = (
    "opportunity_id",
    "sales_agent",
    "product",
    "account",
    "deal_stage",
    "engage_date",
    "close_date",
    "close_value",
    "expected_close_date",
    "probability",
    "next_step",
    "discount",
)
_STAGE, _CLOSED, _VALUE = 4, 5, 6
"""Where a deal that has no number yet has its stage, the day on which it was won or lost, and what it is worth."""
_CONTRACT_COLUMNS = (
    "contract_id",
    "opportunity_id",
    "account",
    "start_date",
    "end_date",
    "annual_value",
    "contract_type",
    "renewal_of",
)


def _people(dice: random.Random) -> tuple[str, list[Seller]]:
    names = [f"{first} {last}" for first, last in zip(FIRST, dice.sample(LAST, len(FIRST)), strict=True)]
    director, managers, reps = names[0], names[1:4], names[4:]
    sellers = [
        Seller(name, UNITS[index % 3], managers[index % 3], round(dice.uniform(0.72, 1.32), 3))
        for index, name in enumerate(reps[:18])
    ]
    return director, sellers


def _team_rows(director: str, sellers: Sequence[Seller]) -> Iterable[tuple[str, str, str, str]]:
    """The director, the managers, the sellers, each with the number that payroll knows them by."""
    managers = sorted({(seller.manager, seller.unit) for seller in sellers})
    people = [(director, "", "")] + [(manager, director, unit) for manager, unit in managers]
    people += [(seller.name, seller.manager, seller.unit) for seller in sellers]
    for number, row in enumerate(people, start=1001):
        yield *row, str(number)


def _accounts(dice: random.Random, names: Sequence[str]) -> Iterable[Sequence[object]]:
    for name in names:
        revenue, employees = round(dice.lognormvariate(5, 1)) * 1_000_000, dice.randint(40, 9000)
        yield name, dice.choice(SECTORS), dice.randint(1950, 2018), revenue, employees, dice.choice(COUNTRIES)


def _placed(dice: random.Random, rows: Iterable[Sequence[object]]) -> Iterable[Sequence[object]]:
    """Give each account a town; of some nobody typed where they are."""
    for row in rows:
        town = dice.choice(PLACES[str(row[-1])])
        yield *row, *(town if dice.random() > 0.05 else ("",) * len(town))


def _deals(
    dice: random.Random, seller: Seller, accounts: Sequence[str], first_day: date, today: date
) -> Iterable[tuple[object, ...]]:
    day = first_day + timedelta(days=dice.randint(0, 9))
    book = dice.sample(list(accounts), 14)
    while day < today:
        yield _deal(dice, seller, dice.choice(book), day, today)
        growth = 1 + 0.12 * (day.year - first_day.year)
        day += timedelta(days=max(1, round(dice.expovariate(1) * 8 / (growth * SEASON[day.month - 1]))))


def _deal(dice: random.Random, seller: Seller, account: str, engaged: date, today: date) -> tuple[object, ...]:
    product, _, price = dice.choice(PRODUCTS)
    pieces, factor = dice.choice((1, 1, 2, 3, 5)), dice.uniform(0.78, 1.02)
    value, discount = round(price * pieces * factor, 2), f"{100 * (1 - factor):.2f}%"
    closes = engaged + timedelta(days=int(dice.gammavariate(3, 17)) + 4)
    spelt = MISSPELT[1] if product == MISSPELT[0] and dice.random() < 0.12 else product
    if closes < today:
        won = dice.random() < 0.44 * seller.skill
        ended = ("Won", closes, value) if won else ("Lost", closes, 0)
        return engaged, seller.name, spelt, account, *ended, "", "", "", discount
    stage, chance = OPEN_STAGES[min(3, max(0, (today - engaged).days * 4 // max(1, (closes - engaged).days)))]
    named = "" if stage == "Prospecting" and dice.random() < 0.3 else account
    step = "" if dice.random() < 0.25 else dice.choice(STEPS)
    return engaged, seller.name, spelt, named, stage, "", value, closes, f"{chance}%", step, discount


def _numbered(deals: Sequence[tuple[object, ...]]) -> Iterable[tuple[object, ...]]:
    for number, (engaged, seller, product, account, stage, *rest) in enumerate(deals, start=1001):
        yield f"D-{number}", seller, product, account, stage, engaged, *rest


def _contracts(dice: random.Random, deals: Sequence[tuple[object, ...]], today: date) -> Iterable[tuple[object, ...]]:
    """Services run under contracts: some are ended early, most are renewed for a year when they end."""
    for deal, _, product, account, stage, _, closed, value, *_ in deals:
        if stage != "Won" or product not in UNDER_CONTRACT:
            continue
        assert isinstance(closed, date) and isinstance(value, float)
        months = dice.choice(TERMS)
        start = _month_later(closed, 1)
        until = _month_later(start, months)
        ended = _month_later(start, dice.randint(4, months - 2)) if dice.random() < 0.06 else until
        key, annual = f"C-{str(deal).removeprefix('D-')}", round(value * 12 / months, 2)
        yield key, deal, account, start, min(ended, until) if ended <= today else until, annual, "new", ""
        if until <= today and ended == until and dice.random() < 0.8:
            yield f"{key}-R", "", account, until, _month_later(until, 12), annual, "renewal", key


def _month_later(day: date, months: int) -> date:
    """The first day of the month that many months later."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def _quotas(sellers: Sequence[Seller], first_day: date, today: date) -> Iterable[tuple[object, ...]]:
    for seller in sellers:
        for year in range(first_day.year, today.year + 1):
            for quarter in range(1, 5):
                season = sum(SEASON[quarter * 3 - 3 : quarter * 3]) / 3
                yield (
                    seller.name,
                    f"{year}-Q{quarter}",
                    round(88_000 * season * (1 + 0.1 * (year - first_day.year)) / 1000) * 1000,
                )


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
