"""Reads the codes of findings out of the source of the engine and of runs, and writes the guide that lists them.

A call with a code in capitals among its arguments, followed or preceded by sentences, tells of a finding. What is put in at run time
stands as … in the sentence. `python -m tests.walls.finding_codes` writes the guide anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "findings.md"
ENGINE = ROOT / "incentives" / "engine"
RUNS = ROOT / "incentives" / "services" / "runs.py"
CODE = re.compile(r"^[A-Z]+(_[A-Z]+)+$|^CLIFF$|^OVERFLOW$")
CALLS = (
    "Finding",
    "find",
    "told",
    "Reason",
    "Problem",
    "finding",
    "_finding",
    "_told",
    "_steep",
    "_with_case",
    "_group_finding",
)


def codes() -> dict[str, list[str]]:
    """Give by code what its findings say, in the order of the source."""
    found: dict[str, list[str]] = {}
    for path in [*sorted(ENGINE.rglob("*.py")), RUNS]:
        for code, said in _of_file(ast.parse(path.read_text(encoding="utf-8"))):
            sentences = found.setdefault(code, [])
            sentences += [each for each in said if each not in sentences]
    return dict(sorted(found.items()))


def _of_file(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    module = _assigned(tree.body)
    for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.Module)):
        assigned = module if isinstance(function, ast.Module) else [*module, *_assigned(list(ast.walk(function)))]
        for call in _calls(list(ast.iter_child_nodes(function))):
            named = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            code = next((each for each in named if CODE.match(each)), "")
            if code:
                texts = {name: text for line, name, text in assigned if line < call.lineno or name.isupper()}
                yield code, [text for each in call.args if (text := _text(each, texts)) and is_sentence(text)]


def is_sentence(text: str) -> bool:
    """Tell whether it is said to a reader: more than a place, and more than what is put in."""
    words = len(re.findall(r"[A-Za-z]{2,}", text))
    return " " in text and words > 0 and (words > 2 or text.endswith(".")) and not re.fullmatch(r"[a-z]+ ….*", text)


def _calls(nodes: list[ast.AST]) -> Iterator[ast.Call]:
    """The calls of a body that tell of findings; functions inside are looked at by themselves."""
    for node in nodes:
        if isinstance(node, ast.Call) and _name(node.func) in CALLS:
            yield node
        if not isinstance(node, ast.FunctionDef):
            yield from _calls(list(ast.iter_child_nodes(node)))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _assigned(nodes: Sequence[ast.AST]) -> list[tuple[int, str, str]]:
    """The sentences that get names: line, name and sentence, in order; a later one holds from its line on."""
    found: list[tuple[int, str, str]] = []
    for node in sorted((each for each in nodes if isinstance(each, ast.Assign)), key=lambda one: one.lineno):
        target = node.targets[0]
        names, values = ([target], [node.value])
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            names, values = list(target.elts), list(node.value.elts)
        known = {name: text for _, name, text in found}
        for name, value in zip(names, values, strict=False):
            if isinstance(name, ast.Name) and (text := _text(value, known)):
                found.append((node.lineno, name.id, text))
    return found


def _text(node: ast.expr, texts: dict[str, str]) -> str:
    """A sentence as written, with … for what is put in."""
    if isinstance(node, ast.Name):
        return texts.get(node.id, "")
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(each.value if isinstance(each, ast.Constant) else "…" for each in node.values)  # type: ignore[misc]
    if isinstance(node, ast.Tuple):
        return " ".join(text for each in node.elts if (text := _text(each, texts)))
    if isinstance(node, ast.IfExp):
        return _text(node.body, texts)
    return ""


def guide() -> str:
    """Give the text of the guide."""
    lines = [HEAD, "| code | it says |", "|---|---|"]
    for code, said in codes().items():
        words = " ".join(_ended(each) for each in said).replace("|", "or")
        lines.append(f"| `{code}` | {words} |")
    return "\n".join(lines) + "\n"


HEAD = """# Findings

What a plan, its checks and a run may say, by code, read from the source; a test holds this page against it. **…** stands for
what is put in: the field, the person, the amount. First what is the matter, then what to do; where a code is said in several places
their sentences follow each other. Each finding also names its place: the clause of the plan, with line and character of a formula, or
the person, component and period. An error keeps what it is about from being calculated; a warning or notice is for a person to decide.
What the checks and the search for gaming look for is told under [Checks](plan-language.md#checks).
"""


def _ended(text: str) -> str:
    return text if text.rstrip().endswith((".", "?", ")", "%")) else f"{text.rstrip()}."


if __name__ == "__main__":
    GUIDE.write_text(guide(), encoding="utf-8")
