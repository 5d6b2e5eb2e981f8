"""Segments: which class of customers an account is in on a day, by rules, or as its source says where there are none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from planning.engine.rules import NOBODY, Routed, route
from planning.models import RulePurpose, TerritoryRule
from planning.selectors.rule_sets import rule_of, rule_set_on, rules_get, with_lists
from spm.core.findings import Finding
from spm.crm.selectors.accounts import accounts_frame


@dataclass(frozen=True)
class SegmentFound:
    """The segment of an account and the rule that gave it; without a rule it is what the source says. An empty one is none."""

    account_key: str
    segment: str
    rule: TerritoryRule | None
    by_rules: bool
    """Whether rules were in force on the day."""


def segment_routing(
    frame: pd.DataFrame, rules: Sequence[TerritoryRule]
) -> tuple[Routed, list[str], tuple[Finding, ...]]:
    """Find the segment of every account by rules ("": none), which ask the segment of the source as it was received."""
    typed = [rule_of(each) for each in rules]
    found = route(with_lists(frame, typed), typed, {})
    segments = ["" if row == NOBODY else rules[row].segment for row in found.rule.tolist()]
    findings = tuple(_in_no_segment(each) if each.code == "ACCOUNTS_UNASSIGNED" else each for each in found.findings)
    return found, segments, findings


def segmented(frame: pd.DataFrame, on: date) -> pd.DataFrame:
    """Give the frame of accounts with the segments of the day in place of those of the source, where rules are in force."""
    rules = rules_get(rule_set_on(on, RulePurpose.SEGMENT))
    return frame.assign(segment=segment_routing(frame, rules)[1]) if rules else frame


def account_segments(keys: list[str], on: date) -> list[SegmentFound]:
    """Give the segments of accounts on a day, with the rules that gave them, in the order of the accounts' frame."""
    return segments_found(accounts_frame(keys), on)


def segments_found(frame: pd.DataFrame, on: date) -> list[SegmentFound]:
    """Give the same for a frame of accounts as their source says them."""
    rules = rules_get(rule_set_on(on, RulePurpose.SEGMENT))
    names = frame["account_key"].tolist()
    if not rules:
        return [SegmentFound(key, said, None, False) for key, said in zip(names, frame["segment"], strict=True)]
    found, segments, _findings = segment_routing(frame, rules)
    won = [None if row == NOBODY else rules[row] for row in found.rule.tolist()]
    return [SegmentFound(*each, True) for each in zip(names, segments, won, strict=True)]


def segments_now(keys: list[str], on: date) -> dict[str, str]:
    """Give the segments of accounts on a day, by account."""
    return {each.account_key: each.segment for each in account_segments(keys, on)}


def segments_by_rules(on: date) -> dict[str, str] | None:
    """Give the segment of every account by the rules in force on a day ("": none); None without rules: what the source says holds."""
    rules = rules_get(rule_set_on(on, RulePurpose.SEGMENT))
    if not rules:
        return None
    frame = accounts_frame()
    return dict(zip(frame["account_key"], segment_routing(frame, rules)[1], strict=True))


def _in_no_segment(finding: Finding) -> Finding:
    return replace(finding, why="They are compared with nobody, and territory rules find no segment of theirs.")
