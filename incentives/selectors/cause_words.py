"""What changed between two runs' inputs, in words: which deal, which field, from what to what, by which import; which plan, quota, seat."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from typing import Any

import pandas as pd

from incentives.engine.compiling import compile_plan
from incentives.engine.plan import Plan
from incentives.engine.prose import component_clauses, plan_clauses
from incentives.selectors.cause_names import FACTS, DealNames, Row, fact_names, frame_names
from incentives.selectors.deal_steps import Pair
from incentives.selectors.facts import Inputs, texts_of
from incentives.selectors.sight import BESIDE, Sight
from spm.core.dated import day_text
from spm.core.fx import rate_text
from spm.core.money import format_amount

Plans = Mapping[str, Mapping[str, Any]]
SHOWN = 6
FIELDS = {
    "amount_minor": "amount",
    "owner_key": "owner",
    "currency": "currency",
    "credit_on": "credit day",
    "stage": "stage",
    "status": "status",
    "forecast_category": "forecast category",
    "product_key": "product",
    "product_family": "product family",
    "account_key": "account",
    "industry_key": "industry",
    "segment_key": "segment",
    "country_key": "country",
}
DAYS = {"credit_on", "closed_on", "created_on", "from_on", "until_on"}
SAME_AS_CREDIT_DAY = "closed_on"
SPANS = {"from_on": "from", "until_on": "until"}
FRAMES = {
    "QUOTA": "Quotas",
    "POSITION": "Positions and titles",
    "REPORTING": "Reporting lines",
    "PLAN": "Plan and who is on it",
}
INPUTS = {
    "splits": "Shares of deals",
    "lines": "Order lines",
    "manual": "Manual credits",
    "targets": "Target pay",
    "ramps": "Ramps",
    "leaves": "Leave",
    "fx": "Currency rates",
}
NOTHING = "–"


def deal_words(rows: Sequence[Pair], names: DealNames, sight: Sight) -> tuple[str, tuple[str, ...]]:
    """Name changed deals: one with its fields and its import, several by their number."""
    if len(rows) > 1:
        keys = [str((new or old or {})["source_key"]) for key, old, new in rows if sight.sees_deal(key, old, new)]
        more = " …" if len(rows) > min(len(keys), SHOWN) else ""
        return f"{len(rows)} other deals", (", ".join(keys[:SHOWN]) + more,) if keys else ()
    key, old, new = rows[0]
    if not sight.sees_deal(key, old, new):
        return "A deal of somebody else", (BESIDE,)
    label = names.returned.get(key) or f"Deal {(new or old or {})['source_key']}"
    imported = [names.imports[key]] if key in names.imports else []
    return label, (*_deal_details(old, new, names), *imported)


def _deal_details(old: Row | None, new: Row | None, names: DealNames) -> list[str]:
    if old is None and new is not None:
        return [f"counts now: {_money(new)}"]
    if new is None and old is not None:
        return [f"no longer counts: {_money(old)}"]
    assert old is not None and new is not None
    columns = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    if "credit_on" in columns:
        columns = [name for name in columns if name != SAME_AS_CREDIT_DAY]
    return [f"{FIELDS.get(name, name)} {' → '.join(_cells(name, old, new, names))}" for name in columns]


def _cells(name: str, old: Row, new: Row, names: DealNames) -> tuple[str, str]:
    """What was and what is; products and accounts by name, with their keys where two of one name took each other's place."""
    if name not in FACTS:
        return _cell(name, old, names.people), _cell(name, new, names.people)
    keys = old.get(name, ""), new.get(name, "")
    known = names.facts.get(name, {})
    named = _apart({key: known[key] for key in keys if key in known})
    was, now = (named.get(key, key) or NOTHING for key in keys)
    return was, now


def _money(row: Row) -> str:
    return format_amount(int(row["amount_minor"]), row["currency"])


def _cell(name: str, row: Row, names: Mapping[str, str]) -> str:
    value = row.get(name, "")
    if name == "amount_minor" and value:
        return _money(row)
    if name in DAYS and value:
        return day_text(int(value))
    return names.get(value, value) or NOTHING


def frame_words(
    kind: str, before: Inputs, after: Inputs, names: Sequence[str], sight: Sight
) -> tuple[str, tuple[str, ...]]:
    """Name changed inputs that are not deals: what was there before and what is there now, as far as it may be shown."""
    label = FRAMES.get(kind, INPUTS.get(names[0], names[0].capitalize()))
    plans = _plans_seen(before, sight), _plans_seen(after, sight)
    label = _plan_label(*plans) or label if kind == "PLAN" else label
    details = _plan_details(*plans) if kind == "PLAN" else []
    if "fx" in names:
        return label, _first(_rate_details(before.frames.get("fx", b""), after.frames.get("fx", b"")))
    for name in names:
        if name not in ("plans", "window", "periods"):
            details += _row_details(name, before, after, sight)
    return label, _first(details or [BESIDE] * (sight.people is not None))


def _first(details: Sequence[str]) -> tuple[str, ...]:
    more = len(details) - SHOWN
    return tuple([*details[:SHOWN], *([f"and {more} more"] if more > 0 else [])])


def _rate_details(before: bytes, after: bytes) -> list[str]:
    """The currency rates that differ, from what to what, each with its day and table."""
    old, new = (_rates(content) for content in (before, after))
    changed = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    return [
        f"{source} to {target} from {day_text(day)}: {old.get((source, target, day), NOTHING)} → {new.get((source, target, day), NOTHING)}"
        for source, target, day in changed
    ]


def _rates(content: bytes) -> dict[tuple[str, str, int], str]:
    """The rates of a frame with their tables, by pair and day."""
    if not content.strip():
        return {}
    frame = pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False)
    return {
        (
            row["from_currency"],
            row["to_currency"],
            int(row["on"]),
        ): f"{rate_text(Fraction(row['rate']))} ({row['table']})"
        for row in frame.to_dict("records")
    }


def _plans_seen(inputs: Inputs, sight: Sight) -> Plans:
    """The plan versions that may be named, by key."""
    return {row["id"]: row for row in json.loads(inputs.frames["plans"]) if sight.sees_plan(row["plan"])}


def _plan_label(old: Plans, new: Plans) -> str:
    """The plans whose versions differ, by name; empty where only who is on them does."""
    rows = [(new.get(key) or old[key]) for key in sorted(old.keys() ^ new.keys())]
    names = sorted({_plan_name(row) for row in rows})
    versions = sorted({row["number"] for row in rows if row["id"] in new})
    if len(names) != 1:
        return f"Plans {', '.join(names)}" if names else ""
    return f"Plan {names[0]}" + (f", version {versions[-1]}" if versions else "")


def _plan_name(row: Mapping[str, Any]) -> str:
    return str(row["definition"].get("name", row["definition"].get("plan", "")))


def _plan_details(old: Plans, new: Plans) -> list[str]:
    found = []
    gone = {row["plan"]: row for key, row in old.items() if key not in new}
    for key in sorted(new.keys() - old.keys()):
        row = new[key]
        last = gone.pop(row["plan"], None)
        name = row["definition"].get("name", row["definition"].get("plan", ""))
        if last is None:
            found.append(f"{name}: version {row['number']} pays now")
            continue
        found.append(f"{name}: version {row['number']} in the place of {last['number']}")
        found += _clause_details(last["definition"], row["definition"]) or _document_details(
            last["definition"], row["definition"]
        )
    for row in gone.values():
        found.append(f"{row['definition'].get('name', '')}: version {row['number']} pays no more")
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            was, now = (f"{one[key]['from']} to {one[key]['until']}" for one in (old, new))
            found.append(f"{new[key]['definition'].get('name', '')}, version {new[key]['number']}: {was} → {now}")
    return found


def _clause_details(old: Any, new: Any) -> list[str]:
    """The clauses in which two documents differ, as people read them; none where a document no longer compiles."""
    (was, _), (now, _) = compile_plan(old), compile_plan(new)
    if was is None or now is None:
        return []
    before, after = _clauses(was), _clauses(now)
    found = []
    for place in dict.fromkeys([*before, *after]):
        gone = [text for text in before.get(place, []) if text not in after.get(place, [])]
        come = [text for text in after.get(place, []) if text not in before.get(place, [])]
        found += [f"{place}: “{one}” → “{other}”" for one, other in zip(gone, come, strict=False)]
        found += [f"{place}, no longer: “{one}”" for one in gone[len(come) :]]
        found += [f"{place}, new: “{one}”" for one in come[len(gone) :]]
    return found


def _clauses(plan: Plan) -> dict[str, list[str]]:
    """The clauses of a plan by the name of the component, those of the whole under its own name."""
    found = {one.name: [clause.text for clause in component_clauses(plan, one)] for one in plan.components}
    told = {text for texts in found.values() for text in texts}
    return {**found, plan.name: [clause.text for clause in plan_clauses(plan) if clause.text not in told]}


def _document_details(old: Any, new: Any, path: str = "") -> list[str]:
    """The places at which two documents differ, from what to what."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
        keys = [
            key for key in keys if path or key not in ("from", "until", "version", "examples", "tests", "description")
        ]
        return [
            each for key in keys for each in _document_details(old.get(key), new.get(key), f"{path}.{key}".strip("."))
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            each
            for number, (one, other) in enumerate(zip(old, new, strict=True))
            if one != other
            for each in _document_details(one, other, f"{path}[{_key(one, other, number)}]")
        ]
    return [f"{path}: {_short(old)} → {_short(new)}"]


def _key(one: Any, other: Any, number: int) -> str:
    keys = {each.get("key") for each in (one, other) if isinstance(each, dict)}
    return str(keys.pop()) if len(keys) == 1 and None not in keys else str(number + 1)


def _short(value: Any) -> str:
    text = NOTHING if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _row_details(name: str, before: Inputs, after: Inputs, sight: Sight) -> list[str]:
    old, new = (_shown(name, one.frames.get(name, b""), sight) for one in (before, after))
    apart = [[dict(row) for row in rows if row not in others] for rows, others in ((old, new), (new, old))]
    changed = [row for rows in apart for row in rows]
    people = frame_names({cell for row in changed for cell in row.values()})
    facts = {column: _apart(fact_names(column, {row.get(column, "") for row in changed})) for column in FACTS}
    was, now = (dict.fromkeys(_line(row, people, facts) for row in rows) for rows in apart)
    gone = [f"was: {line}" for line in was if line not in now]
    come = [f"is: {line}" for line in now if line not in was]
    return [text for pair in zip(gone, come, strict=False) for text in pair] + gone[len(come) :] + come[len(gone) :]


def _shown(name: str, content: bytes, sight: Sight) -> dict[tuple[tuple[str, str], ...], None]:
    """The rows of a frame that may be shown, as pairs of column and cell, in their order."""
    rows = texts_of(content).to_dict("records") if content.strip() else []
    return {tuple((str(column), cell) for column, cell in row.items()): None for row in rows if sight.sees(name, row)}


def _apart(named: Mapping[str, str]) -> dict[str, str]:
    """The names by key, with the key where two have one name."""
    often = Counter(named.values())
    return {key: name if often[name] == 1 else f"{name} ({key})" for key, name in named.items()}


def _line(row: Row, people: Mapping[str, str], facts: Mapping[str, Mapping[str, str]]) -> str:
    """A row in words: names for keys, days for numbers and money for amounts."""
    cells = []
    for name, value in row.items():
        if not value or name == "currency" or (name == "deal_key" and row.get("source_key")):
            continue
        if name == "amount_minor":
            cells.append(_money(row) if row.get("currency") else value)
        elif name in DAYS:
            cells.append(f"{SPANS.get(name, FIELDS.get(name, name.removesuffix('_on')))} {day_text(int(value))}")
        else:
            cells.append(facts.get(name, people).get(value, value))
    return ", ".join(cells)
