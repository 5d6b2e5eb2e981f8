"""What was posted, laid over the document that was posted with it: an untouched field leaves its value exactly as it was."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from incentives.engine.documents import write_text
from incentives.engine.testing import ExampleResult
from incentives.forms.designer.conditions import Row, rows_of, typed, where_of
from incentives.forms.designer.places import Document, drop, find, is_scalar, joined, parts_of, put, shown
from incentives.forms.designer.redating import redated
from incentives.forms.designer.renaming import carried
from incentives.forms.designer.starts import SHARED_POT, WAY_STARTS
from incentives.forms.designer.switches import SWITCHES, switched
from incentives.services.documents import PlanRefused, document_read
from spm.web.numbers import number_plain

LARGEST = 200_000
"""Characters of the document that goes up; one of the plan language's largest texts fits."""

DEEPEST = 20
PAYMENTS = ("rate", "amount", "amount_each")
SPANS = ("deal", "period", "year")
NUMBERS = {
    "amount", "amount_each", "amounts", "at", "at_least", "at_most", "above", "below", "bonus", "cap", "edges", "floor", "from", "minimum",
    "pot", "prizes", "target", "until", "until_earned",
}  # fmt: skip
"""Fields of amounts and other numbers, in which thousands may stand apart; a rate or a text is kept as it is typed."""


class FormUnreadable(ValueError):
    """What was posted is no document with fields over it."""


def document_posted(posted: Mapping[str, Any]) -> Document:
    """Give the document that a posted designer form means; raises FormUnreadable."""
    text = posted.get("document", "")
    if len(text) > LARGEST:
        raise FormUnreadable(f"The plan has more than {LARGEST} characters.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormUnreadable("The document of the form can't be read.") from error
    if not isinstance(document, dict) or _depth(document) > DEEPEST:
        raise FormUnreadable("The document of the form is not a set of fields.")
    return redated(document, carried(document, overlaid(document, posted)))


def example_read(text: str) -> Document:
    """Give the worked example that a finding offers, posted as JSON; raises FormUnreadable."""
    try:
        example = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError) as error:
        raise FormUnreadable("The example can't be read.") from error
    if not isinstance(example, dict) or not example.get("name") or _depth(example) > DEEPEST:
        raise FormUnreadable("The example is not a set of fields with a name.")
    return example


def with_example(document: Document, example: Document) -> Document:
    """Give the document with one worked example more, under a name of its own."""
    examples = document.get("examples")
    listed = examples if isinstance(examples, list) else []
    taken = {str(each.get("name")) for each in listed if isinstance(each, dict)}
    names = (str(example["name"]), *(f"{example['name']} ({number})" for number in range(2, len(taken) + 3)))
    return {**document, "examples": [*listed, {**example, "name": next(each for each in names if each not in taken)}]}


def with_computed(document: Document, results: Sequence[ExampleResult], which: str) -> Document:
    """Give the document with what was computed in the place of what one example ("1"), or every one ("all"), states otherwise."""
    examples = document.get("examples")
    if not isinstance(examples, list):
        return document
    changed = copy.deepcopy(examples)
    for number, (example, result) in enumerate(zip(changed, results, strict=False)):
        if which not in ("all", str(number)) or not isinstance(example, dict):
            continue
        for (*above, last), value in result.computed.items():
            place = example.get("then")
            for name in above:
                place = place.get(name) if isinstance(place, dict) else None
            if isinstance(place, dict):
                place[last] = value
    return {**document, "examples": changed}


def _depth(value: Any, level: int = 0) -> int:
    if level > DEEPEST or is_scalar(value):
        return level
    return max(
        (_depth(each, level + 1) for each in (value.values() if isinstance(value, dict) else value)), default=level
    )


def overlaid(document: Document, posted: Mapping[str, Any]) -> Document:
    """Give the document with the posted fields laid over it."""
    result = copy.deepcopy(document)
    emptied: list[str] = []
    lays: dict[str, Callable[[str, str], None]] = {
        "f": lambda path, value: _scalar(result, path, value, emptied),
        "pay": lambda path, value: _payment(result, path, value, str(posted.get(f"of:{path}", ""))),
        "list": lambda path, value: _several(result, path, value, is_list=True),
        "some": lambda path, value: _several(result, path, value, is_list=False),
        "bound": lambda path, value: _bound(result, path, value),
        "measure": lambda path, value: _measure(result, path, value, str(posted.get(f"column:{path}", ""))),
        "contest": lambda path, value: _contest(result, path, value),
        "rows": lambda path, value: _conditions(result, path, int(value) if value.isdecimal() else 0, posted),
        "yaml": lambda path, value: _yaml(result, path, value),
    }
    for switch in SWITCHES:
        lays[switch] = partial(switched, result, switch)
    last = ("contest", *SWITCHES)  # they take fields away: after those are laid
    for name in sorted(posted, key=lambda name: name.partition(":")[0] in last):
        kind, _, path = name.partition(":")
        if kind in lays and path:
            lays[kind](path, str(posted[name]).replace("\r\n", "\n"))
    for path in emptied:
        drop(result, path)
    return result


def _scalar(document: Document, path: str, value: str, emptied: list[str]) -> None:
    """A field that shows what the document says leaves it alone; an emptied one takes its entry away, after all others are laid."""
    before = find(document, path)
    if not is_scalar(before) or shown(before).replace("\r\n", "\n") == value:
        return
    if value.strip():
        put(document, path, number_plain(value.strip()) if _is_number(path) else value.strip())
    elif path.rpartition(".")[2].isdecimal():
        put(document, path, "")
    else:
        emptied.append(path)


def _is_number(path: str) -> bool:
    """Tell whether a place is a field of numbers, or an entry of a list of them."""
    return next((part for part in reversed(parts_of(path)) if not part.isdecimal()), "") in NUMBERS


def _several(document: Document, path: str, value: str, *, is_list: bool) -> None:
    """Values one after the other; a single one stands alone where that may be, and was not a list."""
    before = find(document, path)
    if joined(before) in (None, value):
        return
    given = [each.strip() for each in value.split(";") if each.strip()]
    if not given:
        drop(document, path)
    elif len(given) == 1 and not is_list and not isinstance(before, list):
        put(document, path, given[0])
    else:
        put(document, path, given)


def _payment(document: Document, path: str, value: str, kind: str) -> None:
    """One of rate, amount and amount_each of a tier, a row or a kicker."""
    entry = find(document, path)
    if not isinstance(entry, dict) or kind not in PAYMENTS:
        return
    given = [each for each in PAYMENTS if each in entry]
    is_typed = value not in [shown(entry[each]) for each in given]
    if given == [kind] and shown(entry[kind]) == value or not given and not value:
        return
    for each in given:
        if each != kind:
            del entry[each]
    if value.strip():
        entry[kind] = number_plain(value.strip(), is_amount=kind != "rate") if is_typed else value.strip()
    else:
        entry.pop(kind, None)


def _bound(document: Document, path: str, value: str) -> None:
    """A cap or floor of one span: `cap: 500` is one of the period."""
    above, _, span = path.rpartition(".")
    before = find(document, above)
    if before is not None and is_scalar(before):
        if span == "period" and value != shown(before):
            put(document, above, number_plain(value.strip())) if value.strip() else drop(document, above)
        elif span != "period" and value.strip():
            put(document, above, {"period": before, span: number_plain(value.strip())})
        return
    kept = before.get(span) if isinstance(before, dict) else None
    if shown(kept) == value or not is_scalar(kept):
        return
    if value.strip():
        put(document, path, number_plain(value.strip()))
    else:
        drop(document, path)


def _measure(document: Document, path: str, kind: str, more: str) -> None:
    """What is summed: a word, or a word with the column or the formula that it is about."""
    before = find(document, path)
    known = before if isinstance(before, dict) else {"kind": before}
    given = shown(known.get("kind")) or ("FORMULA" if "formula" in known else "")
    if given == kind and shown(known.get("column") or known.get("formula")) == more:
        return
    if kind == "FORMULA":
        formula = more.strip() if given == "FORMULA" and more.strip() else "amount"
        put(document, path, {**({"kind": kind} if "kind" in known and "formula" in known else {}), "formula": formula})
    elif kind in ("COLUMN", "DISTINCT"):
        put(document, path, {"kind": kind} | ({"column": more.strip()} if more.strip() and given != "FORMULA" else {}))
    elif kind:
        put(document, path, kind)
    else:
        drop(document, path)


def _contest(document: Document, path: str, share: str) -> None:
    """Prizes by place, or a shared pot: what belongs to the other goes, what is missing begins with figures that compile."""
    contest = find(document, path)
    if not isinstance(contest, dict) or share == shown(contest.get("share")):
        return
    start = SHARED_POT if share else WAY_STARTS["contest"]["contest"]
    for name in ("prizes", "ties", "by", "share") if share else ("pot", "share"):
        contest.pop(name, None)
    for name in start.keys() - {"minimum"}:
        contest.setdefault(name, copy.deepcopy(start[name]))
    if share:
        contest["share"] = share


def _conditions(document: Document, path: str, count: int, posted: Mapping[str, Any]) -> None:
    """The rows of a set of conditions; unchanged rows leave it as it is written."""
    names = ("column", "test", "value")
    rows = [
        Row(*(str(posted.get(f"{name}:{path}.{number}", "")) for name in names)) for number in range(min(count, 200))
    ]
    rows = [row for row in rows if row.column.strip()]
    before = find(document, path)
    if rows_of(before) is None or rows_of(before) == [_normal(row) for row in rows]:
        return
    if rows:
        kept = rows_of(before) or []
        put(document, path, where_of([row if _normal(row) in kept else typed(row) for row in rows]))
    else:
        drop(document, path)


def _normal(row: Row) -> Row:
    return Row(row.column, row.test, "" if row.test in ("empty", "given") else row.value)


def _yaml(document: Document, path: str, text: str) -> None:
    """A part that is written as text; one that can't be read stays as the text, so that nothing typed is lost."""
    if text.strip() == yaml_of(find(document, path)).strip():
        return
    try:
        put(document, path, document_read(text))
    except PlanRefused:
        put(document, path, text)


def yaml_of(value: object) -> str:
    """Give a part of the document as text; a part that is text already is shown as it is."""
    return value if isinstance(value, str) else "" if value is None else write_text(value)
