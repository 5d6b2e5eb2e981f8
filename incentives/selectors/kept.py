"""What a run read, again: the frames kept with it, and the deals as known at its moment."""

from collections.abc import Sequence

from incentives.engine.run import Result, compute
from incentives.models import Run, RunInput
from incentives.selectors.facts import VERSIONED, Inputs, deals_read, facts_of, plans_of
from spm.crm.deal_frames import won_deals_csv


def compute_again(run: Run) -> Result:
    """Give the results of the run, computed again from what it read."""
    inputs = inputs_of(run)
    return compute(facts_of(inputs), plans_of(inputs))


def compute_few(run: Run, deal_keys: Sequence[str]) -> Result:
    """Give the results of the run over these deals only: equal for whoever is credited for no other deal and ranked with nobody."""
    days = run.period.during
    deals = won_deals_csv(start=days.lower, end=days.upper, known_at=run.facts_known_at, only=deal_keys)
    inputs = Inputs({**_kept(run), "deals": deals})
    return compute(facts_of(inputs), plans_of(inputs))


def inputs_of(run: Run) -> Inputs:
    """Give what the run read; raises ValueError when the facts as known then are not what they were."""
    days = run.period.during
    inputs = Inputs({**_kept(run), **deals_read(start=days.lower, end=days.upper, known_at=run.facts_known_at)})
    changed = sorted(name for name, digest in run.inputs.items() if inputs.digests.get(name) != digest)
    if changed:
        raise ValueError(
            f"The run of {run.period.key} can't be computed again: {', '.join(changed)} of its moment read otherwise now."
        )
    return inputs


def _kept(run: Run) -> dict[str, bytes]:
    kept = {name: digest for name, digest in run.inputs.items() if name not in VERSIONED}
    rows = RunInput.objects.filter(name__in=kept, digest__in=kept.values())
    return {row.name: row.content.encode() for row in rows if kept[row.name] == row.digest}
