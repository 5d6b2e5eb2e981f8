"""Currency rates as a run reads them."""

from collections.abc import Iterable

from incentives.engine.plan import Plan
from incentives.selectors.windows import Window, csv_of
from spm.crm.selectors.rates import rate_rows


def rates_frame(plans: Iterable[Plan], window: Window) -> dict[str, bytes]:
    """Give the rates that hold on the days that are read; a company without rates has no such frame."""
    rows = rate_rows(start=window.start, until=window.until)
    return {"fx": csv_of(rows, ["from_currency", "to_currency", "on", "rate", "table", "pivot"])} if rows else {}
