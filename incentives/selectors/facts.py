"""Rows to frames: the one bridge into the engine.

What a run reads is taken as canonical bytes, frame by frame: deals and their shares as packed columns, the others as text. These bytes are
what is digested and kept, and what the engine is fed from, so that computing a run again can't read anything else. No figure is made here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from incentives.engine.compiling import compile_plan
from incentives.engine.contracts import CONTRACTS, Facts
from incentives.engine.plan import Plan
from incentives.models import PlanAssignment, PlanState, PlanVersion
from incentives.selectors.brought import openings_csv
from incentives.selectors.credits import credits_csv
from incentives.selectors.deals import deals_read
from incentives.selectors.goals import account_territory_of, goals_read, territory_of
from incentives.selectors.packed import frame_of_pack, is_plain, numbered, quantities
from incentives.selectors.rates import rates_frame
from incentives.selectors.terms import terms_frames
from incentives.selectors.windows import Window, csv_of, first_sold, periods_csv, quotas_csv, window_of
from planning.selectors import period_list
from spm.core.dated import day_number, day_of
from spm.core.packs import Pack, is_pack
from spm.people.seat_frames import reporting_csv, seats_csv

_WHOLE_NUMBERS = frozenset(
    {"amount_minor", "credit_on", "on", "from_on", "until_on", "start_on", "end_on", "share", "score"}
    | {"relieves_quota", "relieves_target", "brought_credit", "brought_quota", "brought_target", "brought_paid"}
)
KEPT_BYTES = 2_000_000
_KEYS = frozenset(
    {
        "deal_key",
        "source_key",
        "owner_key",
        "reverses_key",
        "related_key",
        "credit_type",
        "participant_key",
        "position_key",
        "manager_position_key",
        "title_key",
        "plan_key",
    }
)


@dataclass(frozen=True)
class Inputs:
    """The text of each frame that a run reads, by name; `kept` are the digests of further ones that a run before it kept."""

    frames: Mapping[str, bytes]
    kept: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Give the digest of each frame."""
        read = {name: sha256(content).hexdigest() for name, content in self.frames.items()}
        return dict(sorted({**self.kept, **read}.items()))

    @cached_property
    def digest(self) -> str:
        """Give the digest of all frames together."""
        return digest_of(self.digests)


def digest_of(value: object) -> str:
    """Give the sha256 of a value written as canonical JSON.

    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    return sha256(canonical(value).encode()).hexdigest()


def canonical(value: object) -> str:
    """Give a value as JSON with sorted keys and no spaces: equal values, equal text."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def inputs_read(*, period: Any, known_at: datetime) -> Inputs:
    """Read everything that the calculation of a period depends on: deals as known at the moment, the rest as it is now.

    Where a plan accumulates or caps the year, that is the whole window of the period; results are kept of the period alone.
    """
    around = surroundings_read(period=period, known_at=known_at)
    since = day_of(days_of(around["window"])[0])
    return Inputs({**deals_read(plans_of(Inputs(around)), period=period, since=since, known_at=known_at), **around})


def surroundings_read(*, period: Any, known_at: datetime, also: Sequence[Plan] = ()) -> dict[str, bytes]:
    """Read all but the deals: plans and who is on them, seats, reporting, quotas, periods, and the days to read deals of.

    The days are those that further plans ask for, `also`.
    """
    versions, window = _versions_read(period, known_at, also)
    plans = plans_of_versions(versions)
    granted, opened = credits_csv(window.start, window.until), openings_csv(versions, window)
    return {
        **({} if granted is None else {"manual": granted}),
        **({} if opened is None else {"openings": opened}),
        **terms_frames(window.start, window.until),
        **rates_frame(plans, window),
        "plans": _plans_text(versions),
        "window": canonical([window.start.isoformat(), window.until.isoformat()]).encode(),
        "assignments": assignments_csv(versions, window.start, window.until),
        "positions": seats_csv(start=window.start, end=window.until),
        "reporting": reporting_csv(start=window.start, end=window.until),
        "quotas": quotas_csv(window),
        "periods": periods_csv(window),
        **goals_read([*plans, *also], window),
    }


def _versions_read(period: Any, known_at: datetime, also: Sequence[Plan]) -> tuple[list[PlanVersion], Window]:
    """The versions that pay in the period and those that paid what is taken back in it, with the days to read for them."""
    versions = versions_effective(period)
    while True:
        plans = plans_of_versions(versions)
        window = window_of(period, [*plans, *also], known_at)
        sold = first_sold(plans, since=window.start, end=period.during.upper, known_at=known_at) if plans else None
        earlier = [] if sold is None else versions_effective(period, since=sold)
        if {one.id for one in earlier} <= {one.id for one in versions}:
            return versions, window
        versions = earlier


def days_of(content: bytes) -> tuple[int, int]:
    """Give the days that were read, half-open, from the frame that keeps them."""
    start, until = (day_number(date.fromisoformat(day)) for day in json.loads(content))
    return start, until


def versions_effective(period: Any, *, since: date | None = None) -> list[PlanVersion]:
    """Give the published plan versions that pay on a day of the period, or from a day until its end, by its calendar's kind."""
    days = period.during if since is None else (min(since, period.during.lower), period.during.upper)
    published = PlanVersion.objects.filter(state=PlanState.PUBLISHED, during__overlap=days)
    by_kind = published.filter(definition__period=period.calendar.kind)
    return list(by_kind.select_related("plan").order_by("plan__code", "number"))


def periods_open(day: date) -> list[Any]:
    """Give the periods that have begun by the day and that a published plan pays, earliest first."""
    found: dict[Any, Any] = {}
    for version in PlanVersion.objects.filter(state=PlanState.PUBLISHED):
        last = version.during.upper
        for period in period_list(kind=version.definition["period"], started_by=day):
            if period.during.lower < last and period.during.upper > version.during.lower:
                found[period.id] = period
    return sorted(found.values(), key=lambda period: (period.during.lower, period.key))


def _plans_text(versions: Iterable[PlanVersion]) -> bytes:
    rows = [
        {
            "id": str(version.id),
            "plan": str(version.plan_id),
            "number": version.number,
            "from": version.during.lower.isoformat(),
            "until": version.during.upper.isoformat(),
            "definition": {name: value for name, value in version.definition.items() if name != "examples"},
        }
        for version in versions
    ]
    return canonical(sorted(rows, key=lambda row: row["id"])).encode()


def assignments_csv(versions: Iterable[PlanVersion], start: date, end: date) -> bytes:
    """Give who is on the versions: an assignment belongs to a plan, so one row for each of its versions."""
    by_plan: dict[Any, list[PlanVersion]] = {}
    for version in versions:
        by_plan.setdefault(version.plan_id, []).append(version)
    assigned = PlanAssignment.objects.filter(plan__in=by_plan, during__overlap=(start, end))
    rows = []
    for one in assigned.values("plan_id", "participant_id", "position_id", "title_id", "during"):
        first = max(one["during"].lower or start, start)
        last = min(one["during"].upper or end, end)
        for version in by_plan[one["plan_id"]]:
            rows.append(
                (
                    str(version.id),
                    one["participant_id"],
                    one["position_id"],
                    one["title_id"],
                    day_number(first),
                    day_number(last),
                )
            )
    columns = ["plan_key", "participant_key", "position_key", "title_key", "from_on", "until_on"]
    return csv_of(rows, columns)


def facts_of(inputs: Inputs) -> Facts:
    """Give the frames of the engine from their text."""
    days = days_of(inputs.frames["window"]) if "window" in inputs.frames else None
    return Facts(**frames_of(inputs.frames), days=days)


def frames_of(contents: Mapping[str, bytes], known: Mapping[str, pd.DataFrame] | None = None) -> dict[str, Any]:
    """Give the frames that the engine knows from their text, deals with the territories that were read; `known` are read before."""
    frames = {name: frame_of(contents[name]) for name in CONTRACTS.keys() & contents.keys()}
    for name in {"deals", "lines"} & frames.keys():
        frames[name] = with_territories(frames[name], contents, (known or {}).get("account_territories"))
    return frames


def with_territories(
    deals: pd.DataFrame, contents: Mapping[str, bytes], known: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Give deals with the territories that were read, by their credit days; `known` are territories of accounts read before."""
    if "territories" in contents:
        deals = deals.assign(territory_key=territory_of(deals, frame_of(contents["territories"])))
    belonging = frame_of(contents["account_territories"]) if "account_territories" in contents else known
    if belonging is not None:
        deals = deals.assign(account_territory_key=account_territory_of(deals, belonging))
    return deals


@lru_cache(maxsize=16)
def _kept_frame(content: bytes) -> pd.DataFrame:
    return _frame(content)


def frame_of(content: bytes) -> pd.DataFrame:
    """Give a frame from its text. Small ones are kept, because the same seats and quotas are read run after run."""
    return _kept_frame(content).copy(deep=False) if len(content) < KEPT_BYTES else _frame(content)


def numbered_facts(inputs: Inputs) -> tuple[Facts, np.ndarray] | None:
    """Give the frames of the engine with deals named by whole numbers, and the key of each number; None where more than that names deals.

    The same facts as those of `facts_of`, and the same results: a million keys are not made into text.
    """
    contents = inputs.frames
    if not is_pack(contents["deals"]) or not is_plain(contents):
        return None
    packs = {name: Pack.read(contents[name]) for name in ("deals", "splits") if name in contents}
    others = {name: frame_of(contents[name]) for name in (CONTRACTS.keys() & contents.keys()) - packs.keys()}
    given = numbered(packs["deals"], packs.get("splits"))
    named = {name: frame_of_pack(pack, _WHOLE_NUMBERS, _KEYS, given[name]) for name, pack in packs.items()}
    return Facts(**others, **named, days=days_of(contents["window"])), packs["deals"].columns["deal_key"]


def texts_of(content: bytes) -> pd.DataFrame:
    """Give the cells of a frame as text, an empty cell as an empty text."""
    if is_pack(content):
        frame = frame_of(content)
        return pd.DataFrame(
            {name: ["" if pd.isna(cell) else str(cell) for cell in frame[name]] for name in frame}, dtype="str"
        )
    return pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False)


def _frame(content: bytes) -> pd.DataFrame:
    """Give a frame from its text: keys and attributes as text, amounts and days as integers, quantities exact, an empty cell as missing."""
    if is_pack(content):
        return frame_of_pack(Pack.read(content), _WHOLE_NUMBERS, _KEYS)
    header = content.split(b"\n", 1)[0].decode().strip().split(",")
    kinds: dict[str, Any] = {name: "int64" if name in _WHOLE_NUMBERS else "str" for name in header}
    kinds |= {name: "Int64" for name in header if name.endswith(("_minor", "_on")) and name not in _WHOLE_NUMBERS}
    frame = pd.read_csv(BytesIO(content), dtype=kinds, keep_default_na=False, na_values=[""])
    for name in _KEYS & set(header):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    if "quantity" in header:
        frame["quantity"] = pd.Series(quantities(frame["quantity"].tolist()), dtype=object)
    return frame


def plans_of(inputs: Inputs) -> tuple[Plan, ...]:
    """Compile the plan versions that were read; the engine knows a plan by the key of its version."""
    return _plans_of(inputs.frames["plans"])


@lru_cache(maxsize=16)
def _plans_of(content: bytes) -> tuple[Plan, ...]:
    rows = json.loads(content)
    return tuple(_compiled(row["id"], row["definition"], row["from"], row["until"]) for row in rows)


def plans_of_versions(versions: Iterable[PlanVersion]) -> tuple[Plan, ...]:
    """Compile plan versions as a run reads them."""
    days = [(one, one.during.lower.isoformat(), one.during.upper.isoformat()) for one in versions]
    return tuple(_compiled(str(one.id), one.definition, start, end) for one, start, end in days)


def _compiled(key: str, definition: Mapping[str, Any], start: str, end: str) -> Plan:
    """A plan with the days of its version, which may have been ended before what the definition says."""
    plan, findings = compile_plan(definition)
    if plan is None:
        raise ValueError(f"The published plan version {key} does not compile: {findings[0].message}")
    return replace(plan, key=key, start=day_number(date.fromisoformat(start)), end=day_number(date.fromisoformat(end)))


@lru_cache(maxsize=1)
def code_version() -> str:
    """Give the digest of the code that turns facts into pay: equal code and equal inputs give equal results."""
    here = Path(__file__).resolve().parent.parent
    sources = [*sorted((here / "engine").glob("*.py")), *sorted((here.parent / "spm" / "core").glob("*.py"))]
    return sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
