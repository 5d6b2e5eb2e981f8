"""How good the likelihood of open deals is, out of time, on the published CRM set: beside the base rate and beside stage-weighting.

The set (SPM_SHARED) has 6,711 decided deals of 2016-10 to 2017-12, looked at once a week while they were open. The regression knows the
deals that were decided before a day, and is tried on later days. In this set every open deal that is decided later stands in one stage,
so stage-weighting says the same as the base rate. The columns are those of the product (insights.selectors.past_deals).
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from bench.report import Figure, Report
from insights.engine.likelihood import Looks, Trial, deal_looks, trial

CUTS = ("2017-07-01", "2017-09-01", "2017-10-01")
FIRST, LAST = "2016-11-01", "2017-12-31"


def measure(report: Report) -> None:
    """Try the regression at three cuts in time."""
    looks, decided_on = _looks()
    for cut in CUTS:
        found = trial(looks, decided_on, int(np.datetime64(cut).astype(int)))
        if found is not None:
            _figures(report, cut, found)


def _figures(report: Report, cut: str, found: Trial) -> None:
    detail = {"trained": found.trained, "bins": found.bins, "stage": vars(found.stage), "base": vars(found.base)}
    for name in ("brier", "log_loss"):
        mine, plain = getattr(found.model, name), min(getattr(found.stage, name), getattr(found.base, name))
        label = f"from {cut}: {name} {mine:.4f}, stage and base rate {plain:.4f}, ratio"
        report.add(Figure("likelihood", label, found.tested, mine / plain, "", at_most=1.0, detail=detail))
    label = f"from {cut}: furthest of ten parts from what came"
    report.add(Figure("likelihood", label, found.tested, found.worst_bin, "", detail=detail))


def _looks() -> tuple[Looks, np.ndarray]:
    shared = Path(os.environ.get("SPM_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    deals = pd.read_csv(shared / "data" / "crm" / "sales_pipeline.csv")
    created, decided = (_days(deals[name]) for name in ("engage_date", "close_date"))
    weeks = np.arange(np.datetime64(FIRST), np.datetime64(LAST), np.timedelta64(7, "D")).astype(int)
    named = (("owner", "sales_agent"), ("product", "product"))
    groups = {name: pd.factorize(deals[column], sort=True)[0] for name, column in named}
    won = (deals["deal_stage"] == "Won").to_numpy()
    return deal_looks(created, decided, won, groups, days=weeks.tolist())


def _days(column: pd.Series) -> np.ndarray:
    known = pd.to_datetime(column).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(known), -1, known.astype(np.int64))
