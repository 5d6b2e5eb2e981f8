"""What a run read, again: the frames kept with it, and the deals as known at its moment."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from incentives.engine.affected import deciders_of, is_separable
from incentives.engine.plan import Plan
from incentives.engine.reach import of_period
from incentives.engine.run import Result, compute
from incentives.models import Run
from incentives.selectors.changes import affected_of, scoped_deals, scoped_result
from incentives.selectors.deals import deals_read
from incentives.selectors.facts import Inputs, days_of, facts_of, frame_of, numbered_facts, plans_of
from incentives.selectors.surroundings import Around, around_kept, contents_kept, kept_digests
from spm.core.dated import day_of


def compute_again(run: Run) -> Result:
    """Give the results of the run, computed again from what it read."""
    if run.scope is not None:
        inputs = inputs_of(run)
        return scoped_result(Around.of(inputs.frames), inputs.frames, run.scope, run.period.key)
    return computed(inputs_of(run), run.period.key)


def compute_few(run: Run, deal_keys: Sequence[str], person: str) -> Result:
    """Give the results of the run over these deals only: equal for the person who is credited for no other deal and ranked with nobody."""
    around = around_kept(run)
    deals = deals_read(
        around.plans,
        period=run.period,
        since=day_of(around.days[0]),
        known_at=run.facts_known_at,
        only=deal_keys,
    )
    owners = set(frame_of(deals["deals"])["owner_key"].dropna().tolist())
    people = affected_of([*owners, person], around).people
    return of_period(compute(around.facts(deals, people), around.plans), run.period.key)


def compute_person(run: Run, person: str) -> Result | None:
    """Give the results of the run for one person from all deals that can credit them; None where people are ranked."""
    around = around_kept(run)
    if not is_separable(around.plans):
        return None
    frames = around.frames
    owners = deciders_of(person, around.plans, frames["positions"], frames["reporting"], frames.get("relations"))
    deals = scoped_deals(around, period=run.period, owners=owners, known_at=run.facts_known_at)
    return scoped_result(around, deals, {"people": [person], "owners": sorted(owners)}, run.period.key)


def computed(inputs: Inputs, period_key: str) -> Result:
    """Give what the inputs come to in the period."""
    return of_period(compute(facts_of(inputs), plans_of(inputs)), period_key)


def computed_numbered(inputs: Inputs, period_key: str) -> tuple[Result, np.ndarray | None]:
    """Give the same with deals named by numbers and the key of each number; with their keys, and None, where more than that names deals."""
    found = numbered_facts(inputs)
    if found is None:
        return computed(inputs, period_key), None
    facts, deals = found
    return of_period(compute(facts, plans_of(inputs)), period_key), deals


def inputs_of(run: Run) -> Inputs:
    """Give what the run read; raises ValueError when the facts as known then are not what they were."""
    inputs = _inputs(run)
    changed = sorted(name for name, digest in run.inputs.items() if inputs.digests.get(name) != digest)
    if changed:
        raise ValueError(
            f"The run of {run.period.key} can't be computed again: {', '.join(changed)} of its moment read otherwise now."
        )
    return inputs


def moment_inputs(run: Run, plans: Sequence[Plan] = (), *, beside: Run | None = None) -> Inputs:
    """Give everybody's facts as known at the run's moment, with all that these plans ask of deals; beside a run, over its days too.

    Not what the run read where it calculated some people only; the frames beside the deals are those that it kept.
    """
    both = [(one, _kept(one)) for one in (run, beside) if one is not None]
    asking = [plan for _run, kept in both for plan in plans_of(Inputs(kept))]
    since = min(_since(one, kept) for one, kept in both)
    deals = deals_read([*asking, *plans], period=run.period, since=since, known_at=run.facts_known_at)
    return Inputs({**both[0][1], **deals})


def _inputs(run: Run) -> Inputs:
    kept = _kept(run)
    known_at, since = run.facts_known_at, _since(run, kept)
    if run.scope is not None:
        around = Around.of(kept)
        return Inputs(
            {**kept, **scoped_deals(around, period=run.period, owners=run.scope["owners"], known_at=known_at)}
        )
    deals = deals_read(plans_of(Inputs(kept)), period=run.period, since=since, known_at=known_at)
    return Inputs({**kept, **deals})


def _since(run: Run, kept: Mapping[str, bytes]) -> date:
    """The first day whose deals the run read; a run from before windows read its period alone."""
    return day_of(days_of(kept["window"])[0]) if "window" in kept else run.period.during.lower


def _kept(run: Run) -> dict[str, bytes]:
    return contents_kept(kept_digests(run))
