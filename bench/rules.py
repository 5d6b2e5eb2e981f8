"""Territory rules in the database, end to end: a hundred thousand accounts and two hundred rules put in force, then one rule moved."""

import time
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from bench.company import COMPANY
from bench.end_to_end import scope
from bench.report import Figure, Report
from planning.models import AccountTerritory, RuleSet, Territory, TerritoryRule
from planning.services.rules import rule_place, rule_set_draft, rule_set_start
from spm.roles.policy import viewer_of_system
from spm.tenancy.copying import insert_columns
from spm.tenancy.keys import uuid7_texts
from spm.tenancy.models import Organisation

ACCOUNTS, RULES, TERRITORIES = 100_000, 200, 50
TODAY, FIRST, LATER = date(2026, 12, 31), date(2027, 1, 1), date(2027, 7, 1)


def measure(report: Report) -> None:
    """Measure how long it takes until every account has its territory, and again after one rule was moved."""
    actor = viewer_of_system(Organisation.objects.get(pk=COMPANY), on=TODAY, name="bench")
    with scope():
        _accounts()
        draft = _rules(actor)
        began = time.perf_counter()
        first = rule_set_start(rule_set_id=draft.pk, actor=actor).changed
        report.add(Figure("rules", "in force, every account written", ACCOUNTS, time.perf_counter() - began, "s"))
        with (
            connection.cursor() as cursor
        ):  # half a year lies between the two: the database has looked at the rows by then
            cursor.execute("analyze planning_accountterritory")
        later = rule_set_draft(starts_on=LATER, actor=actor)
        moved = TerritoryRule.objects.get(rule_set=later, place=2)
        rule_place(rule_set_id=later.pk, rule_id=moved.pk, place=1, actor=actor)
        rows = AccountTerritory.objects.count()
        began = time.perf_counter()
        changed = rule_set_start(rule_set_id=later.pk, actor=actor).changed
        report.add(Figure("rules", "one rule moved up", ACCOUNTS, time.perf_counter() - began, "s"))
        written = AccountTerritory.objects.count() - rows
    if first != ACCOUNTS or written != changed or not 0 < changed < ACCOUNTS / 10:
        raise SystemExit(f"Rules wrote {first:,} accounts, then {written:,} for {changed:,} that changed.")
    report.add(Figure("rules", "accounts re-assigned by it", ACCOUNTS, changed, "accounts"))


def _accounts() -> None:
    """Accounts of 50 states, 20 industries and any size."""
    dice = np.random.default_rng(20261127)
    keys = uuid7_texts(ACCOUNTS)
    numbers = range(ACCOUNTS)
    insert_columns(
        "crm_account",
        {
            "id": ("uuid", keys),
            "source": ("text", ["bench"] * ACCOUNTS),
            "source_key": ("text", [f"A{n}" for n in numbers]),
        },
    )
    texts = {
        "name": [f"Account {n}" for n in numbers],
        "region": [f"S{n}" for n in dice.integers(0, 50, ACCOUNTS)],
        "industry": [f"I{n}" for n in dice.integers(0, 20, ACCOUNTS)],
        "country": ["US"] * ACCOUNTS,
        **{name: [""] * ACCOUNTS for name in ("currency", "county", "city", "postal_code", "segment")},
    }
    insert_columns(
        "crm_accountversion",
        {
            "fact_id": ("uuid", keys),
            "known_from": ("timestamptz", ["2026-01-01T00:00Z"] * ACCOUNTS),
            "is_withdrawn": ("boolean", [False] * ACCOUNTS),
            **{name: ("text", values) for name, values in texts.items()},
            "employees": ("int", dice.integers(1, 10_000, ACCOUNTS).tolist()),
        },
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze crm_account, crm_accountversion")


def _rules(actor: Any) -> RuleSet:
    """Rules by state and industry, by size, and a last one for what is left."""
    territories = [Territory.objects.create(code=f"T{n}", name=f"Territory {n}") for n in range(TERRITORIES)]
    draft = rule_set_draft(starts_on=FIRST, actor=actor)
    made = []
    for number in range(RULES - 1):
        asked: list[dict[str, Any]] = [{"field": "region", "test": "IS", "values": [f"S{number % 50}"]}]
        asked.append({"field": "industry", "test": "IS", "values": [f"I{each}" for each in range(number // 50, 20, 4)]})
        if number % 2:
            asked.append({"field": "employees", "test": "AT_LEAST", "number": 500})
        made.append((f"Rule {number}", territories[number % TERRITORIES], asked))
    # The second rule asks a part of what the first one asks: moved up, it takes that part.
    made[1] = (
        "Large in the first state",
        territories[7],
        [made[0][2][0], {"field": "employees", "test": "AT_LEAST", "number": 5_000}],
    )
    made.append(("The rest", territories[0], []))
    TerritoryRule.objects.bulk_create(
        TerritoryRule(rule_set=draft, place=place, name=name, territory=territory, conditions=asked)
        for place, (name, territory, asked) in enumerate(made, 1)
    )
    return draft
