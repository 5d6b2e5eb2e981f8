"""In which line of a plan file the field of a finding stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from incentives.engine.documents import node_of

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_LINE = re.compile(r"^line (\d+), column \d+$")
_POSITION = re.compile(r", line \d+, column \d+$")


@dataclass(frozen=True)
class Lines:
    """The nodes of a file that could be read; without them only what the reader of YAML said of a line is known."""

    root: yaml.Node | None = None

    @classmethod
    def of(cls, text: str) -> Lines:
        """The lines of a text that could be read."""
        return cls(node_of(text))

    def line(self, path: str) -> int | None:
        """The line of a path such as "components[0].tiers[2].until" or "components.new.cap"; of a field that is not given, the line
        of what lacks it.

        >>> text = "plan: p\\ncomponents:\\n  - key: c\\n    rate: 5 %\\n    cap:\\n      period: 10\\n"
        >>> lines = Lines.of(text)
        >>> lines.line("components[0].rate"), lines.line("components.c.cap.period"), lines.line("components.c.floor"), lines.line("from")
        (4, 6, 3, 1)
        >>> Lines().line("line 3, column 7")
        3
        """
        said = _LINE.match(path)
        if said is not None:
            return int(said.group(1))
        if self.root is None:
            return None
        steps = [name or int(number) for name, number in _STEP.findall(_POSITION.sub("", path))]
        return _line(self.root, steps) + 1


def _line(node: yaml.Node, steps: Sequence[str | int]) -> int:
    line = node.start_mark.line
    for step in steps:
        found = _inside(node, step)
        if found is None:
            break
        line, node = found
    return line


def _inside(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    """Line and node of a field, or of an entry by its place from 0, its key, or (an example) its number from 1."""
    if isinstance(node, yaml.MappingNode):
        found = [(name, value) for name, value in node.value if getattr(name, "value", None) == str(step)]
        return (found[0][0].start_mark.line, found[0][1]) if found else None
    if not isinstance(node, yaml.SequenceNode):
        return None
    if isinstance(step, int):
        entries = node.value[step : step + 1]
    else:
        entries = [each for each in node.value if _key(each) == step]
        entries = entries or (node.value[int(step) - 1 :][:1] if step.isdecimal() and int(step) else [])
    return (entries[0].start_mark.line, entries[0]) if entries else None


def _key(node: yaml.Node) -> str | None:
    found = _inside(node, "key")
    return None if found is None else getattr(found[1], "value", None)
