"""What may be written next in a formula: names, tables, windows and functions that begin like the word at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from incentives.engine.language.context import Context
from incentives.engine.language.functions import AGGREGATES, FUNCTIONS, WINDOWS
from incentives.engine.language.grammar import LONGEST
from incentives.engine.language.naming import names_known

_WORD = re.compile(r"\[?[A-Za-z_][A-Za-z0-9_-]*$|\[$")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal: `text` replaces the characters from `start` to `end`; `kind` is NAME, FUNCTION, TABLE, WINDOW or WORD;
    `detail` explains it in a sentence, `type` names its type where it has one."""

    text: str
    start: int
    end: int
    kind: str
    detail: str
    type: str = ""


def complete(text: str, position: int, context: Context) -> tuple[Completion, ...]:
    """The proposals at a position (characters from 0), names first, each group by the alphabet; at most 50.

    Nothing is proposed inside a text in quotes. Pure: the text need not be a formula yet.
    """
    before = text[: max(0, min(position, LONGEST))]
    if before.count("'") % 2 or before.count('"') % 2:
        return ()
    match = _WORD.search(before)
    word = match[0] if match else ""
    start = len(before) - len(word)
    open_calls = _open_calls(before[:start])
    in_credits = any(name in AGGREGATES for name in open_calls)
    found = []
    for made, kind, detail, of in _offered(context, open_calls, in_credits=in_credits):
        if made.lower().lstrip("[").startswith(word.lower().lstrip("[")):
            found.append(Completion(made, start, start + len(word), kind, detail, of))
    return tuple(found[:50])


def _offered(context: Context, calls: list[str], *, in_credits: bool) -> Iterator[tuple[str, str, str, str]]:
    inner = calls[-1] if calls else ""
    for key, table in context.tables.items():
        if table.function == ("TIER" if inner == "TIERRATE" else inner):
            yield written(key), "TABLE", "A table of the plan.", str(table.gives)
    for name, kind, sentence in sorted(names_known(context, in_credits=in_credits)):
        yield written(name), "NAME", sentence, str(kind)
    if inner in AGGREGATES:
        for window in WINDOWS:
            yield window, "WINDOW", "The window that is summed.", ""
    yield from _functions(context, in_credits=in_credits)
    for word in ("AND", "OR", "NOT", "IN"):
        yield f"{word} ", "WORD", "", ""


def _functions(context: Context, *, in_credits: bool) -> Iterator[tuple[str, str, str, str]]:
    for function in FUNCTIONS.values():
        if not function.pays or (context.pays and not in_credits):
            yield f"{function.name}(", "FUNCTION", f"{function.form}: {function.sentence}", ""


def written(name: str) -> str:
    """A name as a formula writes it: in square brackets where it is more than letters, digits and underscores.

    >>> written("amount"), written("new-business")
    ('amount', '[new-business]')
    """
    return name if _PLAIN.fullmatch(name) else f"[{name}]"


def _open_calls(before: str) -> list[str]:
    """The functions whose brackets are open at the end of a text, the innermost last."""
    stack: list[str] = []
    for match in re.finditer(r"'[^']*'|\"[^\"]*\"|([A-Za-z_][A-Za-z0-9_]*)?\s*\(|\)", before):
        if match[0].endswith("("):
            stack.append((match[1] or "").upper())
        elif match[0] == ")" and stack:
            stack.pop()
    return stack
