"""The formula language of plans: parsed, typed, unit-checked, computed over whole columns.

A formula reads the plan's facts and nothing else: no Python, no clock, no other access. `analyse` gives its type or its findings with
places, `complete` what may be written next; both are pure and are what the designer's editor asks. Computing is in
`evaluating`, which is imported on its own because plans hold formulas.
"""

from incentives.engine.language.analysing import Analysis, analyse
from incentives.engine.language.completing import Completion, complete
from incentives.engine.language.context import Context, Place, Table
from incentives.engine.language.tree import Formula, Node
from incentives.engine.language.units import Kind, Type

__all__ = [
    "Analysis",
    "Completion",
    "Context",
    "Formula",
    "Kind",
    "Node",
    "Place",
    "Table",
    "Type",
    "analyse",
    "complete",
]
