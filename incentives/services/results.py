"""The results of a run as rows: credits copied into the run's own partition, earnings with the tiers they were paid in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.db import connection

from incentives.engine.conversions import Conversions
from incentives.engine.run import Result
from incentives.models import Run, RunEarning, RunRate
from incentives.selectors.facts import canonical, digest_of
from incentives.selectors.rerated import Key, Moves
from incentives.selectors.slices import slices_of
from spm.core.dated import day_of
from spm.core.fx import rate_text
from spm.core.packs import KEY
from spm.tenancy.copying import binary_rows, copy_in, insert_columns

DATABASE_EPOCH = 10_957
"""Days from 1970-01-01 to 2000-01-01, from which the database counts."""


@dataclass(frozen=True)
class Columns:
    """The credits of a run as they are written and digested: keys of 16 bytes, days, shares and amounts."""

    frame: pd.DataFrame
    keys: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray]

    converted: Conversions | None = None
    """At which currency rates; None where every deal was in its plan's currency."""

    @classmethod
    def of(
        cls, credits: pd.DataFrame, deals: np.ndarray | None = None, converted: Conversions | None = None
    ) -> "Columns":
        """Give the columns of a frame of credits; `deals` are the keys of deals that the frame names by numbers."""
        names = ("participant_key", "position_key", "plan_key", "from_participant_key")
        keys = {name: keys_of(credits[name]) for name in names}
        keys["deal_key"] = (
            keys_of(credits["deal_key"]) if deals is None else deals.take(credits["deal_key"].to_numpy(np.int64))
        )
        numbers = {
            name: credits[name].to_numpy(np.int64)
            for name in ("credit_on", "share", "credit_minor", "value", "earned_minor")
        }
        return cls(credits, keys, numbers, converted if converted is not None and converted.found else None)


def credits_write(run: Run, credits: Columns) -> int:
    """Copy the credits into the run's own partition, opened and closed by the owner role; gives their number.

    What all of them share goes along once, not in each row.
    """
    shared = _shared(credits.frame)
    with connection.cursor() as cursor:
        cursor.execute("select spm_run_open(%s, %s)", [run.id, canonical(shared)])
        part = cursor.fetchone()[0]
        written = sum(copy_in(part, columns, [rows]) for columns, rows in _blocks(credits, shared))
        cursor.execute("select spm_run_close(%s, %s)", [run.id, canonical(shared)])
        return written


TEXTS = {"plan_version_id": "plan_key", "component": "component_key", "rule": "rule", "currency": "currency"}
"""The columns that rows mostly share, and where they stand in the frame."""


def _shared(frame: pd.DataFrame) -> dict[str, str]:
    """The values that all rows share, by column."""
    found = {}
    for column, name in TEXTS.items():
        codes, values = pd.factorize(frame[name])
        if len(values) == 1 and (codes == 0).all():
            found[column] = str(values[0])
    return found


def _blocks(credits: Columns, shared: Mapping[str, str]) -> Iterator[tuple[list[str], bytes]]:
    """The rows, those that have their texts in common (and have a person in between, a currency rate, or none) block by block, with their
    columns."""
    keys, numbers = credits.keys, credits.numbers
    day = numbers["credit_on"].astype(np.int32) - DATABASE_EPOCH
    between = keys["from_participant_key"] != keys["participant_key"]
    columns: dict[str, np.ndarray] = {
        "line": np.arange(1, len(credits.frame) + 1, dtype=np.int32),
        "participant_id": keys["participant_key"],
        "position_id": keys["position_key"],
        "opportunity_id": keys["deal_key"],
        "share_rate": numbers["share"],
        "credit_on": day,
        "credit_minor": numbers["credit_minor"],
        "earned_minor": numbers["earned_minor"],
    }
    via: dict[str, np.ndarray] = {"via_participant_id": keys["from_participant_key"]}
    further, marks = [via], [between]
    if credits.converted is not None:
        made, number = credits.converted, credits.converted.number
        further.append(
            {"stated_minor": made.stated, "rate_number": number.astype(np.int32), "converted_minor": made.into}
        )
        marks.append(number >= 0)
    for texts, has, rows in _shapes(credits.frame, marks, [name for name in TEXTS if name not in shared]):
        more = {
            name: column for given, part in zip(has, further, strict=True) if given for name, column in part.items()
        }
        written = {name: column[rows] for name, column in (columns | more).items()}
        yield [*written, *texts], binary_rows([*written.values(), *texts.values()])


def _shapes(
    frame: pd.DataFrame, marks: list[np.ndarray], names: list[str]
) -> Iterator[tuple[dict[str, bytes], list[bool], Any]]:
    """The rows of each combination of marks and texts, so that all rows of a block have one width."""
    columns = {name: pd.Categorical(frame[TEXTS[name]]) for name in names}
    code = marks[0].astype(np.int64)
    for mark in marks[1:]:
        code = code * 2 + mark
    for column in columns.values():
        code = code * len(column.categories) + column.codes
    found, first = np.unique(code, return_index=True)
    for value, row in zip(found.tolist(), first.tolist(), strict=True):
        texts = {name: _sent(name, str(column[row])) for name, column in columns.items()}
        rows = slice(None) if len(found) == 1 else np.flatnonzero(code == value)
        yield texts, [bool(mark[row]) for mark in marks], rows


def _sent(name: str, text: str) -> bytes:
    return UUID(text).bytes if name.endswith("_id") else text.encode()


def keys_of(column: pd.Series) -> np.ndarray:
    """Keys that are written as text, as the 16 bytes of each."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return keys_of(column.cat.categories.to_series()).take(column.cat.codes.to_numpy())
    return np.frombuffer(bytes.fromhex("".join(column.tolist()).replace("-", "")), dtype=KEY)


def earnings_write(run: Run, result: Result, moved: Moves) -> None:
    """Insert the earnings of a run, each with the number of its credits, the tiers it was paid in and what of it is moved between deals."""
    earnings = result.earnings
    counts = _counts(result.credits)
    slices, keys = slices_of(result, run.period.key), _keys(result)
    insert_columns(
        RunEarning._meta.db_table,
        {
            "run_id": ("uuid", [str(run.id)] * len(keys)),
            "participant_id": ("uuid", [key[0] for key in keys]),
            "plan_version_id": ("uuid", [key[1] for key in keys]),
            "component": ("text", [key[2] for key in keys]),
            "credit_minor": ("bigint", earnings["credit_minor"].tolist()),
            "credit_count": ("integer", [counts.get(key, 0) for key in keys]),
            "quota_value": ("bigint", _numbers(earnings["quota_minor"])),
            "attainment_rate": ("bigint", _numbers(earnings["attainment"])),
            "earned_minor": ("bigint", earnings["earned_minor"].tolist()),
            "currency": ("text", earnings["currency"].tolist()),
            "slices": ("jsonb", [canonical(slices[key]) if key in slices else "[]" for key in keys]),
            "moved": ("jsonb", [canonical(moved[key]) if key in moved else "[]" for key in keys]),
        },
    )


def rates_write(run: Run, converted: Conversions) -> None:
    """Keep the currency rates that credits of a run were converted at, with the entries behind them."""
    RunRate.objects.bulk_create(
        [
            RunRate(
                run=run,
                number=number,
                plan_version_id=one.plan.key,
                policy=one.plan.currency_rate,
                from_currency=one.source,
                to_currency=one.plan.currency,
                taken_on=day_of(one.taken_on),
                taken_until=None if one.taken_until is None else day_of(one.taken_until),
                rate=str(one.quote.rate),
                rate_on=day_of(one.rate_on),
                table_name=", ".join(one.tables),
                entries=[
                    [each.source, each.target, day_of(each.day).isoformat(), rate_text(each.rate), each.table]
                    for each in one.quote.entries
                ],
            )
            for number, one in enumerate(converted.found)
        ]
    )


def _counts(credits: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    if not len(credits):
        return {}
    sizes = credits.groupby(["participant_key", "plan_key", "component_key"], observed=True).size()
    return dict(zip(sizes.index.tolist(), sizes.tolist(), strict=True))


def _numbers(column: pd.Series) -> list[int | None]:
    return [None if value is pd.NA else int(value) for value in column.tolist()]


def results_digest(result: Result, credits: Columns, moved: Moves) -> str:
    """Give the digest of everything that the calculation found and pay depends on, whatever stands for a key in its frames.

    The source key of a deal is left out: its key names it.
    """
    found = sha256()
    for name, column in (*credits.keys.items(), *credits.numbers.items()):
        found.update(f"{name}:{len(column)}\n".encode())
        found.update(np.ascontiguousarray(column).data.cast("B") if len(column) else b"")
    for name in ("component_key", "period_key", "rule", "currency"):
        texts = pd.Categorical(credits.frame[name].astype("category"))
        found.update(canonical([name, [str(each) for each in texts.categories]]).encode())
        found.update(np.ascontiguousarray(texts.codes, dtype="<i4").tobytes())
    earnings = [_cells(result.earnings[name]) for name in result.earnings.columns]
    between = [moved.get(key, []) for key in _keys(result)]
    return digest_of([found.hexdigest(), earnings, between, [finding.as_dict() for finding in result.findings]])


def _keys(result: Result) -> list[Key]:
    """Whose earning of which component each row is, in their order."""
    names = ("participant_key", "plan_key", "component_key")
    return list(zip(*(result.earnings[name].tolist() for name in names), strict=True))


def _cells(column: pd.Series) -> list[Any]:
    if pd.api.types.is_integer_dtype(column.dtype):
        return _numbers(column)
    return [None if each != each else str(each) for each in column.tolist()]
