"""Findings as people read them: keys of people and plan versions in their sentences are replaced by names, `about` keeps the keys."""

import re
from collections.abc import Iterable, Mapping

from incentives.models import PlanVersion
from spm.core.findings import Finding
from spm.people.models import Participant

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEXTS = ("where", "what", "why", "fix")


def findings_named(findings: Iterable[Finding], names: Mapping[str, str]) -> list[dict[str, object]]:
    """Give findings as plain values; `names` are those of plans that are known already, others are looked up."""
    rows = [finding.as_dict() for finding in findings]
    mentioned = {key for row in rows for text in _TEXTS for key in _UUID.findall(str(row[text]))} - names.keys()
    people = {str(one.pk): one.name for one in Participant.objects.filter(pk__in=mentioned)} if mentioned else {}
    others = mentioned - people.keys()
    versions = PlanVersion.objects.filter(pk__in=others).select_related("plan") if others else ()
    known = {**{str(one.pk): one.plan.name for one in versions}, **people, **names}
    for row in rows:
        for text in _TEXTS:
            row[text] = _UUID.sub(lambda match: known.get(match[0], match[0]), str(row[text]))
    return rows
