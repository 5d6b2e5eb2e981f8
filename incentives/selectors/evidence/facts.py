"""What runs read, as CSV, by which plans they paid, and what they found."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from incentives.engine.documents import write_text
from incentives.models import PlanVersion, Run, RunEarning
from incentives.selectors.evidence.bounds import Bounds
from incentives.selectors.evidence.writing import ROWS, PackFile, csv_pieces, json_pieces
from incentives.selectors.kept import inputs_of
from spm.core.packs import EMPTY, MAGIC, Cell, Pack, cell_of, is_pack, key_texts

RUN = (
    "id", "period_id", "state", "started_at", "ended_at", "facts_known_at", "code_version", "inputs_digest", "results_digest",
    "credit_count",
)  # fmt: skip
RESULT = (
    "id", "participant_id", "plan_version_id", "component", "credit_minor", "credit_count", "quota_value", "attainment_rate",
    "earned_minor", "currency",
)  # fmt: skip
_UNSAFE = re.compile(r"[^\w.-]+|^\.+")
VERSION = ("id", "plan_id", "number", "state", "published_at", "digest")


def run_files(run: Run) -> Iterator[PackFile]:
    """Give the inputs of one run, its record that names them, and what it found.

    The deals are digested as packed columns (`spm.core.packs`); with the head of those the script makes the same bytes of the CSV.
    Raises ValueError where what the run read can't be read again.
    """
    read = inputs_of(run).frames
    frames = {name: read[name] for name in sorted(run.inputs)}
    inputs = {name: _input(name, run.inputs[name], content) for name, content in frames.items()}
    for name, content in frames.items():
        yield inputs[name]["file"], _pieces(content)
    yield from run_record(run, inputs)


def run_record(run: Run, inputs: Mapping[str, Any], missing: str = "") -> Iterator[PackFile]:
    """Give the record of a run and what it found; `missing` says why its inputs are not in the pack."""
    told = {name: getattr(run, name) for name in RUN} | {
        "scope": run.scope,
        "findings": run.findings,
        "digests": run.inputs,
    }
    yield f"runs/{run.pk}.json", json_pieces(told | {"inputs": inputs, "inputs_missing": missing})
    rows = RunEarning.objects.filter(run=run).order_by("participant_id", "plan_version_id", "component")
    yield f"runs/{run.pk}-results.csv", csv_pieces(RESULT, rows.values_list(*RESULT).iterator(ROWS))


def _input(name: str, digest: str, content: bytes) -> dict[str, str]:
    ending = "json" if content[:1] in (b"[", b"{") else "csv"
    found = {"digest": digest, "file": f"inputs/{name}-{digest[:16]}.{ending}"}
    return found | {"packed": _head(content)} if is_pack(content) else found


def _head(content: bytes) -> str:
    return content[len(MAGIC) : content.index(b"\n")].decode()


def _pieces(content: bytes) -> Iterator[bytes]:
    if not is_pack(content):
        yield content
        return
    pack = Pack.read(content)
    yield from csv_pieces(list(pack.columns), _rows(pack))


def _rows(pack: Pack) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(pack), ROWS):
        yield from zip(*(_cells(column[start : start + ROWS]) for column in pack.columns.values()), strict=True)


def _cells(column: np.ndarray) -> list[Any]:
    kind = cell_of(column)
    if kind == Cell.KEY:
        return [text or "" for text in key_texts(column)]
    if kind == Cell.WHOLE:
        return [None if number == EMPTY else number for number in column.tolist()]
    return [text.decode() for text in column.tolist()]


def runs_csv(bounds: Bounds) -> PackFile:
    """Give every run of the period and of its journals; of those that are not read, these lines are all there is."""
    read = {run.pk for run in bounds.runs_read}
    columns = [*RUN, "period", "inputs_in_pack"]
    rows = ([*(getattr(run, name) for name in RUN), run.period.key, run.pk in read] for run in bounds.runs)
    return "runs.csv", csv_pieces(columns, rows)


def plan_files(bounds: Bounds) -> Iterator[PackFile]:
    """Give each plan version as YAML, with its worked examples, and a list of them."""
    named = {version: _plan_name(version) for version in bounds.versions}
    rows = [[*(getattr(one, name) for name in VERSION), *_days(one), file] for one, file in named.items()]
    yield "plans.csv", csv_pieces([*VERSION, "from", "until", "file"], rows)
    for version, name in named.items():
        yield name, [write_text(version.definition).encode()]


def _plan_name(version: PlanVersion) -> str:
    code = _UNSAFE.sub("-", version.plan.code)
    return f"plans/{code}-v{version.number}-{str(version.pk)[-6:]}.yaml"


def _days(version: PlanVersion) -> tuple[str, str]:
    return version.during.lower.isoformat(), version.during.upper.isoformat()
