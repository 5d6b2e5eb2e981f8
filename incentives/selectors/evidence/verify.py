"""Verifies an evidence pack of a pay period, apart from the product that made it. Needs Python 3.11 or later and nothing else.

    python verify.py                      the folder in which this script lies
    python verify.py PACK.zip             a pack
    python verify.py PACK.zip HASH        the same, and that it is the pack whose hash finance keeps

It says what is wrong and ends with 1, or "Verified" and ends with 0. It is one file, so that it can be read and kept apart from everything.
"""

import csv
import io
import json
import sys
import zlib
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID
from zipfile import BadZipFile, ZipFile

MANIFEST = "manifest.json"
REQUIRED = (
    "README.txt", "verify.py", "people.csv", "periods.csv", "plans.csv", "runs.csv", "statements.jsonl", "ledger/journals.csv",
    "ledger/entries.csv", "seals.jsonl", "approvals/steps.json", "approvals/requests.json",
)  # fmt: skip
HANDED = "exports/ledger-"
SCORES, QUOTA_PLANS = "approvals/scores.csv", "approvals/quota_plans.csv"
FORMAT = "spm-evidence-2"
"""Of packs that list both; those of `spm-evidence-1` may list neither."""
SHOWN = 20
KEY, DIGEST, MARK = 16, 16, 2
JOURNALS, ENTRIES = "incentives_journal", "incentives_ledgerentry"
WIDTH = {JOURNALS: KEY + DIGEST + 12 * MARK, ENTRIES: KEY + DIGEST + 11 * MARK}
NUMBERS, MISSING = {"organisation_id", "number", "amount_minor", "posted_at"}, {"run_id", "plan_version_id"}
EMPTY = -(2**63)
UNREADABLE = (
    OSError,
    BadZipFile,
    zlib.error,
    csv.Error,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
Row = dict[str, str]


class Pack:
    """The files of a pack: in a ZIP, or in the folder into which it was unpacked."""

    def __init__(self, path: Path) -> None:
        self.path, self.zip = path, None if path.is_dir() else ZipFile(path)

    def names(self) -> list[str]:
        """Give the name of every file that is there."""
        if self.zip is not None:
            return self.zip.namelist()
        return sorted(each.relative_to(self.path).as_posix() for each in self.path.rglob("*") if each.is_file())

    def open(self, name: str) -> IO[bytes]:
        """Open a file."""
        return (self.path / name).open("rb") if self.zip is None else self.zip.open(name)

    def digest(self, name: str) -> str:
        """Give the SHA-256 of a file; nothing where it can't be read."""
        told = sha256()
        try:
            with self.open(name) as file:
                while block := file.read(1 << 20):
                    told.update(block)
        except (BadZipFile, zlib.error, EOFError, OSError):
            return ""
        return told.hexdigest()

    def table(self, name: str) -> Iterator[Row]:
        """Give the rows of a CSV file: an apostrophe that begins a cell was put there for spreadsheets."""
        with self.open(name) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
            for row in csv.DictReader(text):
                yield {column: cell.removeprefix("'") for column, cell in row.items()}

    def lines(self, name: str) -> Iterator[Any]:
        """Give the values of a file of JSON lines."""
        with self.open(name) as file:
            yield from map(json.loads, file)

    def value(self, name: str) -> Any:
        """Give what a JSON file says."""
        with self.open(name) as file:
            return json.load(file)


def canonical(value: Any) -> bytes:
    """Give the one way to write a value that its hash is made of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(value: Any) -> str:
    """Give the SHA-256 of a value."""
    return sha256(canonical(value)).hexdigest()


def required(manifest: dict[str, Any]) -> tuple[str, ...]:
    """Give the files that every pack of this format has."""
    return (*REQUIRED, SCORES, QUOTA_PLANS) if manifest.get("format") == FORMAT else REQUIRED


def files_wrong(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    """Compare each file with the manifest, in its order."""
    there, listed = Counter(pack.names()), manifest["files"]
    for name, said in listed.items():
        if name not in there:
            yield f"{name} is missing."
        elif pack.digest(name) != said["sha256"]:
            yield f"{name} was changed: it is not what the manifest says."
    yield from (f"{name} was added: it is not in the manifest." for name in there if name not in {*listed, MANIFEST})
    yield from (f"{name} was added: it is there {times} times." for name, times in there.items() if times > 1)
    yield from (
        f"{name} is missing in the manifest: every pack has one." for name in required(manifest) if name not in listed
    )


class Ledger:
    """The journals and entries of a pack, added up as the other checks need them, and the digest by which each row is sealed."""

    def __init__(self, pack: Pack, period: str) -> None:
        self.period = period
        self.journals = {row["id"]: row for row in pack.table("ledger/journals.csv")}
        self.plans = {row["id"]: row["plan_id"] for row in pack.table("plans.csv")}
        self.known = {row["id"]: row["facts_known_at"] for row in pack.table("runs.csv")}
        self.steps = [step for step in pack.value("approvals/steps.json") if step["to_state"] == "approved"][-1:]
        self.sealed = {JOURNALS: {}, ENTRIES: {}}  # type: dict[str, dict[bytes, bytes]]
        self.books: dict[tuple[str, str, str], int] = defaultdict(int)
        self.earned: dict[tuple[str, str, str], int] = defaultdict(int)
        self.approved: dict[tuple[str, str, str], int] = defaultdict(int)
        self.paid: dict[tuple[str, str], int] = defaultdict(int)
        self.carried: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        self.rests_on: set[str] = set()
        self.lines: dict[tuple[str, str], list[tuple[tuple[str, str], str, int]]] = defaultdict(list)

    def read(self, pack: Pack) -> Iterator[str]:
        """Go through all entries, journal by journal, and give what is wrong."""
        for key, row in self.journals.items():
            self.sealed[JOURNALS][UUID(key).bytes] = sealed_digest(row)
        met: set[str] = set()
        for key, group in groupby(pack.table("ledger/entries.csv"), lambda row: row["journal_id"]):
            rows = list(group)
            if key not in self.journals or key in met:
                yield f"ledger/entries.csv: entry {rows[0]['id']} is of journal {key}, which is not there or elsewhere in the file."
                continue
            met.add(key)
            yield from journal_wrong(self.journals[key], rows)
            for row in rows:
                self.add(self.journals[key], row)
        for key in self.journals.keys() - met:
            yield f"ledger/journals.csv: journal {self.journals[key]['number']} has no entries."

    def add(self, journal: Row, row: Row) -> None:
        """Add one entry to the sums."""
        self.sealed[ENTRIES][UUID(row["id"]).bytes] = sealed_digest(row)
        who, currency, account, amount = (
            row["participant_id"],
            row["currency"],
            row["account"],
            int(row["amount_minor"]),
        )
        if account == "paid" and journal["slot"].startswith("payout:") and row["period_id"] == self.period:
            self.paid[journal["id"], currency] += amount
        if row["period_id"] == self.period:
            if journal["kind"] == "carry":
                self.carried[who, currency].append((journal["posted_at"], amount))
            else:
                self.books[who, currency, account] += amount
            if self.steps and moment(journal["posted_at"]) <= moment(self.steps[0]["at"]):
                self.approved[who, currency, account] += amount
        if row["earned_in_id"] == self.period:
            self.earned[who, currency, account] += amount
            if account == "expense" and journal["kind"] == "earn" and row["plan_version_id"]:
                line = (self.plans.get(row["plan_version_id"], ""), row["component"])
                self.lines[who, currency].append((line, self.known[journal["run_id"]], -amount))


def moment(text: str) -> datetime:
    """Give a moment from its text."""
    return datetime.fromisoformat(text)


def sealed_digest(row: Row) -> bytes:
    """Give the digest of a ledger row as its seal holds it: its columns in the order of the file, less the day that its hash holds."""
    cells = {name: cell for name, cell in row.items() if name != "paid_on"}
    if "posted_at" in row:
        micro = (moment(row["posted_at"]) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        cells["posted_at"] = f"{micro // 10**6}.{micro % 10**6:06d}"
    texts = [
        cell if name in NUMBERS else "null" if name in MISSING and not cell else json.dumps(cell, ensure_ascii=False)
        for name, cell in cells.items()
    ]
    return sha256(f"[{', '.join(texts)}]".encode()).digest()[:DIGEST]


def journal_wrong(journal: Row, rows: list[Row]) -> Iterator[str]:
    """Add up one journal and hash it anew."""
    name, sums = f"ledger/entries.csv: journal {journal['number']}", Counter[str]()
    for row in rows:
        sums[row["currency"]] += int(row["amount_minor"])
    for currency, total in sorted(sums.items()):
        if total:
            yield f"{name} sums to {total} {currency} in minor units, not to 0."
    head = {name: journal[name] for name in ("kind", "slot", "reason", "posted_at", "actor")}
    head |= {"previous": journal["previous_hash"], "run": journal["run_id"], "period": journal["period_id"]}
    head |= {"paid_on": journal["paid_on"]} if journal.get("paid_on") else {}
    legs = [each if each[7] != each[1] else each[:7] for each in sorted(map(leg, rows))]
    told = hash_of([head | {"number": int(journal["number"])}, legs])
    if told != journal["hash"]:
        yield f"{name} is not what its hash says."


def leg(row: Row) -> list[Any]:
    """Give an entry as the hash of its journal sorts it."""
    own = [row[name] for name in ("participant_id", "period_id", "plan_version_id", "component", "account")]
    return [*own, int(row["amount_minor"]), row["currency"], row["earned_in_id"]]


def seals_wrong(pack: Pack, ledger: Ledger, last: str) -> Iterator[str]:
    """Follow the seals from the first to the last, and look every journal and entry up in them."""
    before: dict[str, Any] | None = None
    waiting = {source: dict(rows) for source, rows in ledger.sealed.items()}
    for seal in pack.lines("seals.jsonl"):
        name, rows = f"seals.jsonl: seal {seal['number']}", b64decode(seal["rows"])
        if before is not None and (seal["number"], seal["previous_hash"]) != (before["number"] + 1, before["hash"]):
            yield f"{name} does not follow seal {before['number']}."
        head = {key: value for key, value in seal.items() if key not in ("rows", "hash", "previous_hash")}
        head["previous"] = seal["previous_hash"]
        if sha256(json.dumps(head, sort_keys=True).encode() + b"\n" + rows).hexdigest() != seal["hash"]:
            yield f"{name} is not what its hash says."
        yield from _sealed_wrong(name, rows, WIDTH.get(seal["source"]), waiting.get(seal["source"], {}))
        before = seal
    if (before["hash"] if before else "") != last:
        yield "seals.jsonl does not end with the seal that the manifest names."
    for source, name in ((JOURNALS, "ledger/journals.csv"), (ENTRIES, "ledger/entries.csv")):
        for key in islice(waiting[source], 1):
            yield f"seals.jsonl: row {UUID(bytes=key)} of {name} is in no seal."


def _sealed_wrong(name: str, rows: bytes, width: int | None, waiting: dict[bytes, bytes]) -> Iterator[str]:
    for start in range(0, len(rows), width) if width else ():
        key = rows[start : start + KEY]
        found = waiting.pop(key, None)
        if found is not None and found != rows[start + KEY : start + KEY + DIGEST]:
            yield f"{name} holds row {UUID(bytes=key)} of the ledger otherwise: the ledger was changed after it was sealed."


def statements_wrong(pack: Pack, ledger: Ledger, manifest: dict[str, Any]) -> Iterator[str]:
    """Hash each statement anew, and hold the latest of each person and currency against the ledger, in sum and line by line."""
    held = ledger.earned if manifest["is_paid_elsewhere"] else ledger.books
    told: set[tuple[str, str]] = set()
    hashes: dict[tuple[str, str], list[Any]] = {}
    versions = groupby(pack.lines("statements.jsonl"), lambda one: (one["participant"], one["currency"]))
    for place, group in versions:
        told.add(place)
        name, last = f"statements.jsonl: the statement of {place[0]} in {place[1]}", None
        for number, each in enumerate(group, start=1):
            if each["number"] != number:
                yield f"{name} has no version {number}."
                break
            if hash_of(each["content"]) != each["hash"]:
                yield f"{name}, version {number}, is not what its hash says."
            yield from lines_wrong(f"{name}, version {number},", each, place, ledger)
            if ledger.steps and moment(each["issued_at"]) <= moment(ledger.steps[0]["at"]):
                hashes[place] = [*place, number, each["hash"]]
            last = each
        if last is not None:
            ledger.rests_on.add(last["run"])
            carried = sum(each for at, each in ledger.carried[place] if moment(at) <= moment(last["issued_at"]))
            yield from totals_wrong(name, last["content"], place, held, carried)
    owed = {key[:2] for key, total in held.items() if total and key[2] != "clearing"}
    for who, currency in sorted(owed - told - {tuple(each) for each in manifest["without_statement"]}):
        yield f"statements.jsonl: {who} stands on the ledger in {currency} and has no statement."
    yield from approval_wrong(ledger, sorted(hashes.values()))


def totals_wrong(
    name: str, content: dict[str, Any], place: tuple[str, str], held: dict[Any, int], carried: int
) -> Iterator[str]:
    """Hold the sums of a statement against the ledger; a payment moves what is payable to what is paid without a new statement, and
    `carried` is what had gone to later books, or come from earlier ones, when it was issued."""
    earned = -held.get((*place, "expense"), 0)
    if content["earned_minor"] != earned:
        yield f"{name} says {content['earned_minor']} earned, the ledger {earned} (minor units)."
    owed = held.get((*place, "payable"), 0) + held.get((*place, "paid"), 0) + carried
    if content["payable_minor"] + content["paid_minor"] != owed:
        yield f"{name} says {content['payable_minor'] + content['paid_minor']} payable and paid, the ledger {owed} (minor units)."


def lines_wrong(name: str, statement: dict[str, Any], place: tuple[str, str], ledger: Ledger) -> Iterator[str]:
    """Hold each line against what was posted as earned by its run and those before it."""
    said: dict[tuple[str, str], int] = defaultdict(int)
    for line in statement["content"]["lines"]:
        said[line["plan"], line["component"]] += line["earned_minor"]
    until = moment(ledger.known[statement["run"]])
    stands: dict[tuple[str, str], int] = defaultdict(int)
    for line, known, amount in ledger.lines.get(place, ()):
        stands[line] += amount if moment(known) <= until else 0
    for key in sorted(said.keys() | stands.keys()):
        if said.get(key, 0) != stands.get(key, 0):
            yield f"{name} says {said.get(key, 0)} for {key[1]}, the ledger {stands.get(key, 0)} (minor units)."


def approval_wrong(ledger: Ledger, hashes: list[Any]) -> Iterator[str]:
    """Tell whether the books and statements that were approved last are those of the pack."""
    for step in ledger.steps:
        books = [[*place, str(total)] for place, total in sorted(ledger.approved.items())]
        if hash_of([books, hashes]) != step["content"]:
            yield f"approvals/steps.json: what {step['by_name']} approved (step {step['number']}) is not what stands in the pack."


def runs_wrong(pack: Pack, ledger: Ledger) -> Iterator[str]:
    """Make the digest of everything that the runs read from the files, and compare it with the one that each run kept."""
    known = {row["id"]: row for row in pack.table("runs.csv")}
    digests: dict[tuple[str, str], str] = {}
    read = {key for key, row in known.items() if row["inputs_in_pack"] == "True"}
    unread = (key for key in sorted(ledger.rests_on - read) if known[key]["period_id"] == ledger.period)
    yield from (f"runs.csv: statements rest on run {key}, and what it read is not in the pack." for key in unread)
    for key in sorted(read):
        name = f"runs/{key}.json"
        run = pack.value(name)
        if run["inputs_missing"]:
            yield f"{name}: what the run read is not in the pack. {run['inputs_missing']}"
            continue
        if hash_of(run["digests"]) != run["inputs_digest"] or run["inputs_digest"] != known[key]["inputs_digest"]:
            yield f"{name}: the digests of what it read are not those that it kept."
        for frame, digest in run["digests"].items():
            said = run["inputs"].get(frame, {"file": f"inputs/{frame}"})
            if said["file"] not in pack.names():
                yield f"{said['file']} is missing: {name} names it."
                continue
            place = (said["file"], said.get("packed", ""))
            digests[place] = digests.get(place) or (packed_digest(pack, *place) if place[1] else pack.digest(place[0]))
            if digests[place] != digest:
                yield f"{said['file']} is not what run {key} read."


def approvals_wrong(pack: Pack) -> Iterator[str]:
    """Look that every score was approved as a run read it, and every quota plan that was published; older packs list neither."""
    names, requests = pack.names(), pack.value("approvals/requests.json")
    given = [one for one in requests if one["answers"] and all(each["is_approved"] for each in one["answers"])]
    if SCORES in names:
        told = defaultdict(list)
        for one in given:
            told[one["key"]].append((one["reason"], one["content"]))
        rows = pack.table(SCORES)
        approved = {(row["participant_id"], row["period"], row["objective"]): told[row["id"]] for row in rows}
        for name in (each for each in names if each.startswith("inputs/scores-")):
            yield from scores_wrong(pack, name, approved)
    if QUOTA_PLANS in names:
        keys = {one["key"] for one in given}
        unasked = (row["name"] for row in pack.table(QUOTA_PLANS) if row["id"] not in keys)
        yield from (f"{QUOTA_PLANS}: {each} was published, and nobody approved it." for each in unasked)


def scores_wrong(pack: Pack, name: str, approved: dict[tuple[str, str, str], list[tuple[str, str]]]) -> Iterator[str]:
    """Look every score of a file up among what was approved: evidence and content by person, period and objective."""
    for row in pack.table(name):
        who, period, objective = (row[each] for each in ("participant_key", "period_key", "objective"))
        given = approved.get((who, period, objective), [])
        if not any(sha256(f"{row['score']} {reason}".encode()).hexdigest() == content for reason, content in given):
            yield f"{name}: the score of {who} for {objective} in {period} was read at {row['score']}, and nobody approved it."


def packed_digest(pack: Pack, name: str, packed: str) -> str:
    """Give the SHA-256 of a CSV file as a run digests it: column after column, keys of 16 bytes, numbers of 8, texts of one width."""
    head, rows = json.loads(packed), 0
    with ExitStack() as stack:
        columns = [stack.enter_context(SpooledTemporaryFile(1 << 20)) for _ in head["columns"]]
        try:
            for row in pack.table(name):
                rows += 1
                for (column, kind), file in zip(head["columns"], columns, strict=True):
                    file.write(packed_cell(row[column], kind))
        except (ArithmeticError, AttributeError, KeyError, ValueError):
            return ""
        told = sha256(b"SPMPACK1" + packed.encode() + b"\n")
        for file in columns:
            file.seek(0)
            while block := file.read(1 << 20):
                told.update(block)
    return told.hexdigest() if rows == head["rows"] else ""


def packed_cell(cell: str, kind: str) -> bytes:
    """Give one cell in bytes; an empty one is none."""
    if kind.startswith("|V"):
        return UUID(cell).bytes if cell else bytes(16)
    if kind == "<i8":
        return (int(cell) if cell else EMPTY).to_bytes(8, "little", signed=True)
    return cell.encode().ljust(int(kind[2:]), b"\0")


def exports_wrong(pack: Pack, ledger: Ledger) -> Iterator[str]:
    """Hold each payroll file against its control file, and what payroll confirmed against the ledger."""
    paid: dict[tuple[str, str], int] = defaultdict(int)
    for control in (name for name in pack.names() if name.startswith("exports/") and name.endswith(".sha256")):
        name = control.removesuffix(".sha256")
        with pack.open(control) as file:
            if file.read(64).decode() != pack.digest(f"{name}.csv"):
                yield f"{name}.csv is not what {control} says."
        if name.startswith(HANDED):
            continue
        for row in pack.table(f"{name}-answers.csv"):
            if row["is_paid"] == "paid":
                paid[row["journal_id"], row["currency"]] += int(row["paid_minor"] or row["amount_minor"])
    for journal, currency in sorted(paid.keys() | ledger.paid.keys()):
        said, stands = paid.get((journal, currency), 0), ledger.paid.get((journal, currency), 0)
        if said != stands:
            yield f"exports/: payroll's answers say {said} {currency} paid by journal {journal}, the ledger {stands} (minor units)."


def ledger_exports_wrong(pack: Pack) -> Iterator[str]:
    """Look that each file for the general ledger has its control file, and that those that stand take each journal once."""
    names, until = pack.names(), 0
    told = ((name, pack.value(name)) for name in names if name.startswith(HANDED) and name.endswith(".json"))
    for name, one in sorted(told, key=lambda each: int(each[1]["number"])):
        if (control := f"{name.removesuffix('.json')}.sha256") not in names:
            yield f"{control} is missing: {name} names it."
        if one["basis"] != "earned" or one["withdrawn"]:
            continue
        if one["after_journal"] != until:
            yield f"{name} begins after journal {one['after_journal']}, and what was handed over before ended with {until}."
        until = one["until_journal"]


def wrong(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    """Give what is wrong, file by file, then the rows that are; of a changed file as far as it can still be read."""
    found = list(files_wrong(pack, manifest))
    yield from found
    if any(name not in pack.names() for name in (*manifest["files"], *required(manifest))):
        return
    try:
        yield from rows_wrong(pack, manifest)
    except UNREADABLE:
        if not found:
            raise


def rows_wrong(pack: Pack, manifest: dict[str, Any]) -> Iterator[str]:
    """Give what is wrong in what the files say."""
    ledger = Ledger(pack, manifest["period_id"])
    yield from ledger.read(pack)
    yield from seals_wrong(pack, ledger, manifest["seal_hash"])
    yield from statements_wrong(pack, ledger, manifest)
    yield from runs_wrong(pack, ledger)
    yield from exports_wrong(pack, ledger)
    yield from ledger_exports_wrong(pack)
    yield from approvals_wrong(pack)


def main(arguments: list[str]) -> int:
    """Say what is wrong; 1 where anything is."""
    csv.field_size_limit(1 << 30)
    try:
        pack = Pack(Path(arguments[0]) if arguments else Path(__file__).resolve().parent)
        own, manifest = pack.digest(MANIFEST), pack.value(MANIFEST)
        expected = arguments[1].lower() if len(arguments) > 1 else own
        found = [] if expected == own else [f"The pack's hash is {own}, not {expected}."]
        found += islice(wrong(pack, manifest), SHOWN)
    except UNREADABLE as error:
        sys.stdout.write(f"WRONG: the pack can't be read: {error!r}\n")
        return 1
    if found:
        sys.stdout.write("".join(f"WRONG: {each}\n" for each in found))
        return 1
    sys.stdout.write(GOOD.format(**manifest | {"hash": own, "files": len(manifest["files"])}))
    return 0


GOOD = """Verified: {company}, {period}, made {made_at} by {made_by}.
  Every one of the {files} files is as the manifest says, none is missing, none was added.
  Journals sum to 0 in each currency, are what their hashes say, and each of their rows is in a seal; the seals link up to seal {seal}.
  The latest statements say what stands on the ledger; where the period was approved, books and statements are those that were.
  What the runs read is here, byte for byte.

Hash of the pack:      {hash}
Hash of its last seal: {seal_hash}

Compare both with those that finance keeps (the period's evidence page, Audit > Seals, or a note outside of the product). Whoever can
write this pack can write its manifest, its hashes and this script anew: only a hash that was kept elsewhere tells that this is the pack
that was made.
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
