"""What a run read beside deals (plans, seats, quotas, terms): proof that it has not changed since, and the part that some people need.

What was kept under a digest never changes, so each process remembers what it parsed last.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256

import pandas as pd

from incentives.engine.contracts import CONTRACTS, Facts
from incentives.engine.covering import ACCOUNT
from incentives.engine.plan import Plan
from incentives.models import Run, RunInput
from incentives.selectors.deals import VERSIONED
from incentives.selectors.facts import Inputs, days_of, frame_of, frames_of, plans_of
from spm.audit.snapshots import changed_since
from spm.tenancy.scope import current_organisation_id
from spm.tenancy.walls import tenant_models

APPS = frozenset({"approvals", "incentives", "people", "planning"})
"""Where it comes from; the facts beside, of which every change is known (`spm.crm.deal_changes`)."""
OTHERS = frozenset({"crm_currencyrate", "tenancy_organisation"})
REMEMBERED = 16


@dataclass(frozen=True)
class Around:
    """What stands around the deals of a run, parsed."""

    plans: tuple[Plan, ...]
    days: tuple[int, int]
    frames: Mapping[str, pd.DataFrame]
    covered: bytes | None
    """Who covers which territory, which deals are given as they are read."""

    @classmethod
    def of(cls, frames: Mapping[str, bytes]) -> "Around":
        """Parse the frames that were read."""
        parsed = {name: frame_of(frames[name]) for name in CONTRACTS.keys() & frames.keys() if name not in VERSIONED}
        return cls(plans_of(Inputs(frames)), days_of(frames["window"]), parsed, frames.get("territories"))

    def facts(self, deals: Mapping[str, bytes], people: Collection[str]) -> Facts:
        """Give the deals with the seats and quotas of these people and of whoever shares one of the deals, by the rounding of shares."""
        covered = {} if self.covered is None else {"territories": self.covered}
        found = {**self.frames, **frames_of({**deals, **covered}, self.frames)}
        shared = set(found["splits"]["participant_key"].tolist()) if "splits" in found else set()
        if "coverage" in found:
            shared |= set(found["coverage"]["participant_key"].tolist())
        held, quotas = self.frames["positions"], self.frames["quotas"]
        held = held[held["participant_key"].isin({*people, *shared})].reset_index(drop=True)
        if "account_territories" in found:
            found["account_territories"] = _of_deals(found["account_territories"], found)
        quotas = quotas[_of(quotas, "position_key", held) | _of(quotas, "participant_key", held)]
        return Facts(**{**found, "positions": held, "quotas": quotas.reset_index(drop=True)}, days=self.days)


def _of_deals(belonging: pd.DataFrame, found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Where the accounts of the deals belong: of a whole company's only these are asked."""
    accounts = {
        key for name in ("deals", "lines") if name in found and ACCOUNT in found[name] for key in found[name][ACCOUNT]
    }
    return belonging[belonging["account_key"].isin(accounts)].reset_index(drop=True)


def _of(quotas: pd.DataFrame, name: str, positions: pd.DataFrame) -> pd.Series:
    if name not in quotas.columns:
        return pd.Series(False, index=quotas.index)
    return quotas[name].isin(set(positions[name].tolist()))


def around_kept(run: Run) -> Around:
    """Give what was kept of what the run read; raises ValueError where a content is not what its digest says."""
    return _around_kept(current_organisation_id(), tuple(sorted(kept_digests(run).items())))


def kept_digests(run: Run) -> dict[str, str]:
    """Give the digests of the frames that are kept with a run."""
    return {name: digest for name, digest in run.inputs.items() if name not in VERSIONED}


@lru_cache(maxsize=REMEMBERED)
def _around_kept(company: int, digests: tuple[tuple[str, str], ...]) -> Around:
    """The company is named, so that nothing is remembered across companies."""
    return Around.of(contents_kept(dict(digests)))


def contents_kept(digests: Mapping[str, str]) -> dict[str, bytes]:
    """Give frames by their digests; raises ValueError where a content is not what its digest says."""
    rows = RunInput.objects.filter(name__in=digests, digest__in=digests.values()).values_list(
        "name", "digest", "content"
    )
    found = {name: content.encode() for name, digest, content in rows if digests[name] == digest}
    wrong = sorted(name for name in digests if sha256(found.get(name, b"")).hexdigest() != digests[name])
    if wrong:
        raise ValueError(f"What was kept as read by a run is not what its digest says: {', '.join(wrong)}.")
    return found


def is_unchanged(run: Run, *, back: bool) -> bool:
    """Tell whether nothing around the deals can have changed since the run began to read; False where that is not certain.

    `back` tells whether anything was taken back by now: then the deals decide which days are read.
    """
    if changed_since(run.snapshot, tables_read()):
        return False
    return not back


@cache
def tables_read() -> frozenset[str]:
    """Give the audited tables that are read beside the deals. Some are not read, and only cost a comparison when they change."""
    audited = (model for model in tenant_models() if model._meta.app_label in APPS and not model.unaudited)
    return frozenset({model._meta.db_table for model in audited if model is not Run} | OTHERS)
