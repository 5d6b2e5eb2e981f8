"""Rows of the permission table, one file per module."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from tests.walls.permissions import Row

ROWS: list[Row] = []
MODULES: dict[str, list[Row]] = {}
FACTORIES: dict[str, Callable[[str], object]] = {}
for _module in iter_modules(__path__):
    _loaded = import_module(f"{__name__}.{_module.name}")
    ROWS.extend(_loaded.ROWS)
    MODULES[_module.name] = _loaded.ROWS
    FACTORIES.update(getattr(_loaded, "FACTORIES", {}))
