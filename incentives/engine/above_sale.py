"""Returns that bring what came back of a deal above what was sold: they take more than it paid, so somebody should look at them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from incentives.engine.attainment import Windows
from incentives.engine.crediting import Crediting
from incentives.engine.words import CreditDate
from spm.core.findings import Finding, Severity
from spm.core.money import format_amount


def returned_above(
    crediting: Crediting, policies: Iterable[CreditDate], back: np.ndarray, windows: Windows
) -> list[Finding]:
    """One warning for each such return that somebody gives back (`back`, by deal), in its own currency, in the period of its day."""
    deals, found = crediting.facts.deals, dict[int, Finding]()
    amounts, currency = deals["amount_minor"].to_numpy(np.int64), deals["currency"].to_numpy()
    names = deals["source_key"].to_numpy()
    for policy in sorted(set(policies)):
        days = crediting.days(policy)
        if days is None:
            continue
        coming = crediting.back(policy)
        reached, sold = coming.upto(amounts)[0][coming.row], amounts[coming.sale]
        above = (np.sign(reached) * np.sign(sold) < 0) & (np.abs(reached) > np.abs(sold)) & back[coming.row]
        above &= currency[coming.row] == currency[coming.sale]
        for place in np.flatnonzero(above).tolist():
            row, sale = int(coming.row[place]), int(coming.sale[place])
            came, had = (format_amount(abs(int(each[place])), str(currency[row])) for each in (reached, sold))
            period = int(windows.holding(days[[row]])[0])
            if period >= 0 and row not in found:
                found[row] = _finding(names[row], names[sale], came, had, windows.keys[period])
    return list(found.values())


def _finding(back: object, sale: object, reached: str, sold: str, period: object) -> Finding:
    return Finding(
        "RETURN_ABOVE_SALE",
        f"return {back}, {period}",
        f"With {back} {reached} of {sale} came back, and {sold} were sold.",
        "More is taken back than the sale was paid, in proportion.",
        "Correct the amounts of the returns, or of the sale, at their source and import them again.",
        severity=Severity.WARNING,
        about=(("period_key", period),),
    )
