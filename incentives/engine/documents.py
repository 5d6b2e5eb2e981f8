"""Plan files: YAML text to documents and back. One file holds one plan, or several plans and their examples.

Numbers are read as Decimals, so that nothing that a person wrote passes through a float. Anchors and aliases are refused:
a plan does not need them, and they are how a small file grows without bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from incentives.engine.typed import quoted_fix
from spm.core.findings import Finding

LARGEST = 1_000_000
"""Characters; the largest real plan has a tenth of it."""


DEEPEST = 50
FIXES = {
    "\\t": "Indent with spaces: YAML knows no tabs.",
    "is given twice": "Keep one of the two.",
    "aliases": "Write the part out again.",
    "mapping values are not allowed": "Put a space after each colon, and a text that has a colon in quotes.",
    "could not find expected ':'": "Put a space after each colon, and begin each line of a set at the same column.",
    "but found '<block mapping start>'": "Begin each line of a set at the same column, and each entry of a list with “- ”.",
    "expected ',' or": "Close the bracket, or put a comma between the entries; a text with a bracket, comma or colon stands in quotes.",
    "expected <block end>": "Begin each line of a set at the same column, and each entry of a list with “- ”.",
    "undefined alias": "A text that begins with * stands in quotes.",
    "that cannot start any token": "A text that begins with %, @ or ` stands in quotes.",
}
"""By a part of what the YAML reader says: what to do."""


def _depth(text: str) -> int:
    """The deepest nesting of brackets."""
    depth = deepest = 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, depth)
    return deepest


class _Loader(yaml.SafeLoader):
    """Safe YAML with exact numbers, without aliases and without repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.composer.ComposerError(
                None, None, "aliases (*name) are not part of the plan language", self.peek_event().start_mark
            )
        return super().compose_node(parent, index)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal | str:
    try:
        number = Decimal(str(node.value).replace("_", ""))
    except InvalidOperation:
        return str(node.value)
    return number if number.is_finite() else str(node.value)


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | str:
    """A whole number as people write it. 0100 and 1:30, which YAML takes for 64 and 90, stay the texts that they are."""
    text = str(node.value).replace("_", "")
    return int(text) if _WHOLE.fullmatch(text) else text


_WHOLE = re.compile(r"[-+]?(0|[1-9]\d{0,30})")


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[object, object]:
    found: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int | Decimal) and not hasattr(key, "isoformat"):
            raise yaml.constructor.ConstructorError(None, None, "a field name is a text", key_node.start_mark)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"the field {key} is given twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_BOOLEANS = re.compile("(?:true|True|TRUE|false|False|FALSE)$")
"""Only these: in plain YAML 1.1 `on`, `off`, `yes` and `no` would be booleans, also as names of fields."""

_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEANS, list("tTfF"))
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_text(text: str) -> tuple[Mapping[str, object] | None, list[Finding]]:
    """The document of a YAML text; None and a finding with line and column when it can't be read."""
    if len(text) > LARGEST:
        return None, [_unreadable("", f"The file has more than {LARGEST:,} characters", "Split it into several plans.")]
    if _depth(text) > DEEPEST:
        return None, [_unreadable("", f"The file nests more than {DEEPEST} brackets", "Close the brackets.")]
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506  the loader is a safe one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        fix = next((fix for sign, fix in FIXES.items() if sign in problem), "Compare the line with an example.")
        fix = (None if mark is None else quoted_fix(text, mark.line, mark.column)) or fix
        return None, [_unreadable(where, f"The text is not YAML: {problem}", fix)]
    if not isinstance(document, Mapping):
        return None, [_unreadable("", "The file does not hold fields", "Write it as “name: value” lines.")]
    return document, []


def node_of(text: str) -> yaml.Node | None:
    """The nodes of a YAML text that `read_text` could read, with their lines."""
    return yaml.compose(text, Loader=_Loader)


def plans_of(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The plan documents of a file: those under `plans`, or the file itself."""
    plans = document.get("plans")
    if isinstance(plans, list):
        return [plan for plan in plans if isinstance(plan, Mapping)]
    return [document]


def _texts(value: object) -> object:
    """Every value as the text that people write."""
    if isinstance(value, Mapping):
        return {str(name): _texts(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}" if value != value.to_integral() else f"{value:.0f}"
    return value if value is None or isinstance(value, bool) else str(value)


class _Dumper(yaml.SafeDumper):
    """YAML the way people write it: numbers, days and words without quotes where reading gives them back, short sets on one line."""

    def ignore_aliases(self, data: object) -> bool:
        """Repeats equal parts: a plan has no aliases."""
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """Writes a component or measure one field a line, so that versions can be compared by line."""
        is_line = "key" in mapping and "weight" not in mapping
        return super().represent_mapping(tag, mapping, flow_style=False if is_line else flow_style)


_Dumper.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
_UNQUOTED = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,12})?|\d{4}-\d\d-\d\d")


def _text_node(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    if _UNQUOTED.fullmatch(value):
        return dumper.represent_scalar(dumper.resolve(yaml.ScalarNode, value, (True, False)), value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text_node)


def write_text(document: object) -> str:
    """A document, or a part of one, as YAML in the order of its fields; reading it gives an equal plan."""
    return yaml.dump(
        _texts(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
    )


def _unreadable(where: str, what: str, fix: str) -> Finding:
    return Finding("FILE_UNREADABLE", where, f"{what}.", "No plan was read.", fix)
