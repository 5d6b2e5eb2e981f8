"""Findings have one shape wherever the API gives them: the schema is walked, and the rooms that answer are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from spm.core.findings import Finding, Severity
from spm.web.findings import PLACE_KEYS, finding_data, findings_refused

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("findings", "warnings", "failures")
"""What a list of findings is called in an answer."""


def lists_of_findings() -> Iterator[tuple[str, Any]]:
    schemas = yaml.load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)[
        "components"
    ]["schemas"]
    for owner, schema in schemas.items():
        for name, told in schema.get("properties", {}).items():
            if name in NAMES and told.get("type") != "integer":
                yield f"{owner}.{name}", told


def test_every_list_of_findings_of_the_api_has_the_one_shape() -> None:
    found = dict(lists_of_findings())
    assert len(found) >= 15, sorted(found)
    others = [name for name, told in found.items() if not str(told.get("items", {}).get("$ref")).endswith("FindingOut")]
    assert not others, others


def test_no_answer_writes_findings_by_itself() -> None:
    rooms = [*ROOT.glob("*/api/*.py"), *ROOT.glob("spm/web/endpoints/*.py"), ROOT / "spm" / "web" / "row_pages.py"]
    assert len(rooms) > 50
    wrong = [
        path.name
        for path in rooms
        if re.search(
            r"\bas_dict\(\)|finding\.message|each\.message|class \w*Finding\w*\(serializers",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert not wrong, wrong


def test_a_place_has_all_its_keys_also_where_they_say_nothing() -> None:
    about = (("participant_key", "ada"), ("component_key", "c"), ("gain_minor", 5))
    told = finding_data(Finding("QUOTA_MISSING", "participant ada, c", "What.", "Why.", "Fix.", about=about))
    assert told["where"] == {
        "text": "participant ada, c", **dict.fromkeys(PLACE_KEYS), "participant_key": "ada", "component_key": "c"
    }  # fmt: skip
    assert (told["severity"], told["what"], "about" in told) == ("ERROR", "What.", False)
    kept = Finding(
        "TIER_GAP", "components[0].tiers[1].rate, line 1, column 4", "A gap.", severity=Severity.WARNING
    ).as_dict()
    assert finding_data(kept)["where"]["path"] == "components[0].tiers[1].rate"
    assert finding_data(told) == told
    assert finding_data({"what": "Kept without a place."})["where"] == {"text": "", **dict.fromkeys(PLACE_KEYS)}


def test_a_refusal_keeps_numbers_and_null() -> None:
    refusal: Any = findings_refused("document", [Finding("ROW", "f.csv, row 2", "What.", about=(("row", 2),))])
    (told,) = refusal.detail["document"]
    assert (told["where"]["row"], told["where"]["path"]) == (2, None)
