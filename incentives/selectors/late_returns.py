"""Returns that came after the window of a clawback, in words: why nothing is taken back."""

from collections.abc import Collection, Sequence
from datetime import date

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incentives.engine.crediting import DATE_COLUMNS
from incentives.engine.plan import Component
from incentives.engine.plan_settling import Span
from incentives.engine.spans import after
from incentives.models import RunEarning
from incentives.selectors.deals import deals_read
from incentives.selectors.facts import frame_of
from incentives.selectors.surroundings import around_kept
from spm.core.dated import day_number, day_of
from spm.web.templatetags.figures import day_text

Returned = tuple[str, str, date]
"""The key of a credited return, the rule that credited it, and its day."""


def untaken_words(
    earning: RunEarning, component: Component | None, nothing: Collection[Returned]
) -> dict[Returned, str]:
    """Say of returns that earned nothing that they came after the window of the clawback."""
    clawback = None if component is None else component.clawback
    if component is None or clawback is None or clawback.within is None or not nothing:
        return {}
    sales = _column(_rows(earning, sorted({key for key, _rule, _on in nothing})), "reverses_key")
    sold = _rows(earning, sorted(set(sales.values())))
    days = {rule.key: _column(sold, DATE_COLUMNS[rule.credit_date]) for rule in component.credit}
    found: dict[Returned, str] = {}
    for key, rule, on in nothing:
        day = days.get(rule, {}).get(sales.get(key, ""))
        if day is not None and day_number(on) >= after(int(day), clawback.within):
            found[key, rule, on] = _words(clawback.within, day_of(int(day)), on)
    return found


def _rows(earning: RunEarning, keys: Sequence[str]) -> list[pd.DataFrame]:
    """What the run read of these rows: of order lines where it credited lines, else of deals."""
    around = around_kept(earning.run)
    since, known_at = day_of(around.days[0]), earning.run.facts_known_at
    read = deals_read(around.plans, period=earning.run.period, since=since, known_at=known_at, only=keys)
    return [frame_of(read[name]) for name in ("deals", "lines") if read.get(name, b"").strip()]


def _column(frames: Sequence[pd.DataFrame], name: str) -> dict[str, str]:
    """A column by the key of each row; rows without a value are left out."""
    found: dict[str, str] = {}
    for frame in frames:
        if name in frame.columns:
            told = frame.dropna(subset=[name])
            found |= dict(zip(told["deal_key"], told[name].astype(str), strict=True))
    return found


def _words(within: Span, sold: date, returned: date) -> str:
    span = (
        ngettext("%(count)s month", "%(count)s months", within.months) % {"count": within.months}
        if within.months
        else ngettext("%(count)s day", "%(count)s days", within.days) % {"count": within.days}
    )
    return _(
        "Not taken back: returned on %(returned)s, and the plan takes back what is returned less than %(span)s after the sale of %(sold)s."
    ) % {"returned": day_text(returned), "span": span, "sold": day_text(sold)}
