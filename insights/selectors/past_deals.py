"""Deals as the likelihood learns from them: those decided last, the open ones, and in which stage each stood on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import QuerySet

from spm.core.dated import day_number, day_numbers
from spm.crm.models import OpportunityVersion, ProductVersion, StageChangeVersion
from spm.people.models import Participant

LEARNED = 20_000
"""Deals decided last that are learned from: enough for every share, and the same time for every size of company."""

_BEYOND = 10**6
"""More than any day number."""


@dataclass(frozen=True)
class PastDeals:
    """Deals by place: day numbers (-1 unknown), how they ended, codes of groups, what codes mean; `open` are those to be told."""

    key: list[Any]
    created: np.ndarray
    decided: np.ndarray
    won: np.ndarray
    groups: dict[str, np.ndarray]
    names: dict[str, list[str]]
    changes: np.ndarray
    stages: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """The places of the open deals that have a day of creation."""
        return np.flatnonzero((self.decided < 0) & (self.created >= 0))

    def stage_on(self, deal: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Give the code of the stage that each deal had entered before the day; -1 unknown, or one in which no open deal stands."""
        place = np.searchsorted(self.changes, deal * _BEYOND + day) - 1
        is_own = (
            (place >= 0) & (self.changes[place] // _BEYOND == deal) if len(self.changes) else np.zeros(len(deal), bool)
        )
        return np.where(is_own, self.stages[place] if len(self.stages) else -1, -1)


def past_deals(day: date) -> PastDeals:
    """Give the deals decided last before the day, and the open ones."""
    versions: QuerySet[Any] = OpportunityVersion.objects.current()
    columns = ("fact_id", "created_on", "close_on", "status", "owner_id", "product_id", "stage")
    past = versions.filter(status__in=["won", "lost"], close_on__lt=day, created_on__isnull=False)
    rows = [
        *past.order_by("-close_on", "fact_id").values_list(*columns)[:LEARNED],
        *versions.filter(status="open").order_by("fact_id").values_list(*columns),
    ]
    frame = pd.DataFrame(rows, columns=columns)
    is_open = frame["status"].to_numpy() == "open"
    groups, names = {}, {}
    for name, named in (("owner", Participant.objects), ("product", ProductVersion.objects.current())):
        codes, known = pd.factorize(frame[f"{name}_id"], sort=True)
        groups[name] = codes.astype(np.int64)
        names[name] = _names(named, name, list(known))
    names["stage"] = sorted(set(frame["stage"][is_open]) - {""})
    changes, stages = _stages(list(frame["fact_id"]), names["stage"])
    created, closed = (day_numbers(frame[name], missing=-1).astype(np.int64) for name in ("created_on", "close_on"))
    return PastDeals(
        list(frame["fact_id"]), created, np.where(is_open, -1, closed), frame["status"].to_numpy() == "won",
        groups, names, changes, stages,
    )  # fmt: skip


def _names(rows: Any, kind: str, known: Sequence[Any]) -> list[str]:
    key = "pk" if kind == "owner" else "fact_id"
    found = dict(rows.filter(**{f"{key}__in": known}).values_list(key, "name"))
    return [found.get(each, "") for each in known]


def _stages(keys: Sequence[Any], words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """When each deal entered a stage, as deal and day in one number, in order; and the code of the stage."""
    place = {key: number for number, key in enumerate(keys)}
    code = {word: number for number, word in enumerate(words)}
    changes: QuerySet[Any] = StageChangeVersion.objects.current()
    rows = (
        changes.filter(opportunity_id__in=keys)
        .order_by("entered_on", "fact_id")
        .values_list("opportunity_id", "entered_on", "stage")
    )
    found = [(place[deal] * _BEYOND + day_number(day), code.get(stage, -1)) for deal, day, stage in rows]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    return pairs[:, 0], pairs[:, 1]
