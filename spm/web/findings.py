"""The one shape of findings in answers of the API: what, why, fix, and where by keys that a program can follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from spm.core.findings import Finding

PLACE_KEYS = ("path", "plan_key", "component_key", "participant_key", "position_key", "period_key", "source_key", "row")
"""What a place may be told by, beside its text."""

_CLAUSE = re.compile(r"^([a-z_]+(?:\[\d+\]|\.[^\s,.\[\]]+)*)(?:, line \d+, column \d+)?$")


class WhereOut(serializers.Serializer[Any]):
    """The place of a finding: a text for people, and the keys of what it is about; what it is not about is null."""

    text = serializers.CharField(help_text="The place in words.")
    path = serializers.CharField(
        allow_null=True, help_text="Of a plan document: components[0].tiers[1].rate, or components.KEY.cap."
    )
    plan_key = serializers.CharField(allow_null=True)
    component_key = serializers.CharField(allow_null=True)
    participant_key = serializers.CharField(allow_null=True)
    position_key = serializers.CharField(allow_null=True)
    period_key = serializers.CharField(allow_null=True)
    source_key = serializers.CharField(allow_null=True, help_text="Of a deal, or another fact.")
    row = serializers.IntegerField(allow_null=True, help_text="Of a file, its heading counted.")


class FindingOut(serializers.Serializer[Any]):
    """Something that is wrong or worth knowing: what, why it matters, what to do, and where."""

    code = serializers.CharField()
    severity = serializers.CharField()
    where = WhereOut()
    what = serializers.CharField()
    why = serializers.CharField()
    fix = serializers.CharField()
    example = serializers.JSONField(
        required=False, help_text="A worked example that shows it, ready to stand among the examples of its plan."
    )

    def to_representation(self, instance: Finding | Mapping[str, Any]) -> dict[str, Any]:
        """Give a finding, or the plain values of one that was kept."""
        return finding_data(instance)


def finding_data(finding: Finding | Mapping[str, Any]) -> dict[str, Any]:
    """Give a finding, or the plain values of one that was kept, in the shape.

    >>> finding_data(Finding("TIER_GAP", "components[0].tiers[1]", "A gap."))["where"]["path"]
    'components[0].tiers[1]'
    """
    given = finding.as_dict() if isinstance(finding, Finding) else finding
    if isinstance(given.get("where"), Mapping):
        return dict(given)  # it has the shape already
    about: Any = given.get("about") or {}
    text = str(given.get("where", ""))
    place = {key: about.get(key) for key in PLACE_KEYS}
    clause = _CLAUSE.match(text)
    if place["path"] is None and clause is not None:
        place["path"] = clause.group(1)
    found = {name: str(given.get(name, "")) for name in ("code", "what", "why", "fix")}
    made: dict[str, Any] = {**found, "severity": str(given.get("severity", "ERROR")), "where": {"text": text, **place}}
    return made | ({"example": given["example"]} if "example" in given else {})


def findings_data(findings: Iterable[Finding | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give findings in the shape."""
    return [finding_data(each) for each in findings]


def findings_refused(field: str, findings: Iterable[Finding]) -> ValidationError:
    """Give the refusal of a field that findings are about; numbers stay numbers and null stays null."""
    refusal = ValidationError({field: []})
    told: Any = findings_data(findings)
    refusal.detail = {field: told}
    return refusal
