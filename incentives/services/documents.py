"""Reads a plan document that somebody wrote: YAML text to plain fields, every scalar as text, so that no number becomes a float."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import yaml
from django.utils.text import slugify

from incentives.engine.checks import check_plan
from incentives.engine.checks.values import values_unknown
from incentives.engine.compiling import compile_plan
from incentives.engine.documents import write_text
from incentives.engine.plan import Plan
from incentives.engine.typed import quoted_fix
from incentives.services.readiness import unready
from spm.core.dated import day_of, day_read
from spm.core.findings import Finding, Severity, errors
from spm.crm.selectors.values import values_missing
from spm.roles.policy import Viewer

LARGEST = 100_000
"""Characters of a plan text; a plan of that size is a mistake or an attack."""

MOST_CHECKED = 12
"""Components of a plan that is checked while it is written; each takes a part of a second."""

DEEPEST = 20
"""Levels of nesting that are read."""


UNNAMED = "Unnamed plan"
"""What a draft without a name is called until it has one."""


@dataclass(frozen=True)
class DraftHead:
    """What has to be known of a draft to keep it: its plan's key and name, and its days."""

    key: str
    name: str
    start: date
    end: date


class PlanRefused(ValueError):
    """A plan document that can't be used, with the findings that say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings))
        self.findings = findings


def document_read(text: str) -> dict[str, Any]:
    """Give the fields of a YAML text; raises PlanRefused naming the line where it can't be read.

    References (`&`, `*`) and repeated keys are refused: the one may grow without end, the other silently drops what was written.
    """
    if len(text) > LARGEST:
        raise _unreadable(
            "plan", f"The plan has {len(text)} characters, more than {LARGEST}.", "Split it into several plans."
        )
    try:
        node = _composed(text)
        _check_keys(node)
        document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes texts, lists and mappings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "plan"
        problem = getattr(error, "problem", None) or "It is no YAML."
        fix = None if mark is None else quoted_fix(text, mark.line, mark.column)
        fix = fix or "Correct the line; indent with spaces."
        raise _unreadable(where, f"The text can't be read: {problem}", fix) from error
    if not isinstance(document, dict):
        raise _unreadable("plan", "The plan is not a set of fields.", "Write it as “name: value” lines.")
    return document


def _composed(text: str) -> yaml.Node | None:
    """The text as nodes, once its events have shown that it is neither deep nor self-referring: both cost without end."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _unreadable(
                f"line {line}", f"The text is nested more than {DEEPEST} levels deep.", "A plan needs six."
            )
        if isinstance(event, yaml.AliasEvent):
            raise _unreadable(f"line {line}", f"*{event.anchor} refers to another place.", "Write the value out.")
    return yaml.compose(text, Loader=yaml.BaseLoader)


def _check_keys(node: yaml.Node | None) -> None:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _check_keys(child)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            if str(key.value) in seen:
                raise _unreadable(
                    f"line {key.start_mark.line + 1}", f"{key.value} stands twice in one place.", "Keep one of the two."
                )
            seen.add(str(key.value))
            _check_keys(child)


def _unreadable(where: str, what: str, fix: str) -> PlanRefused:
    return PlanRefused([Finding("PLAN_UNREADABLE", where, what, "Nothing was saved.", fix)])


def document_check(document: Mapping[str, Any]) -> tuple[dict[str, Any], Plan, list[Finding]]:
    """Give the document as stored, its plan and its warnings; raises PlanRefused with every error where it does not compile."""
    stored = {"period": "QUARTERLY", **document_plain(document)}
    plan, findings = compile_plan(stored, is_written=True)
    if plan is not None:
        findings = [*findings, *unready(plan)]
    if plan is None or errors(findings):
        raise PlanRefused(errors(findings))
    return stored, plan, findings


def document_drafted(document: Mapping[str, Any], *, on: date) -> tuple[dict[str, Any], DraftHead, list[Finding]]:
    """Give the document as stored, what is known of it and everything that is wrong: a draft may have errors, it calculates nobody.

    Days that can't be read are those of the year of `on` until they are mended.
    """
    stored = {"period": "QUARTERLY", **document_plain(document)}
    plan, findings = compile_plan(stored, is_written=True)
    if plan is not None:
        findings = [*findings, *unready(plan)]
        return stored, DraftHead(plan.key, plan.name, day_of(plan.start), day_of(plan.end)), findings
    name = _scalar(stored.get("name")) or UNNAMED
    key = _scalar(stored.get("plan")) or slugify(name) or slugify(UNNAMED)
    start, end = day_read(str(stored.get("from"))), day_read(str(stored.get("until")))
    if start is None or end is None or end <= start:
        start, end = date(on.year, 1, 1), date(on.year + 1, 1, 1)
    return stored, DraftHead(key[:100], name[:200], start, end), findings


def _scalar(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def document_review(document: Mapping[str, Any]) -> list[Finding]:
    """Give everything that is wrong or worth knowing about a document, errors first; nothing is refused.

    Of a plan of more than MOST_CHECKED components only so many are asked for cliffs and limits here, and a notice says so.
    """
    plan, findings = compile_plan({"period": "QUARTERLY", **document}, is_written=True)
    if plan is not None:
        findings = [*findings, *unready(plan)]
        findings += check_plan(plan, most=MOST_CHECKED)
        findings += [_unchecked(plan)] if len(plan.components) > MOST_CHECKED else []
    return _by_severity(findings)


def document_review_here(viewer: Viewer, document: Mapping[str, Any]) -> list[Finding]:
    """Give the same, and what the facts of the company tell of it now."""
    return _by_severity([*document_review(document), *values_unknown(document, partial(values_missing, viewer))])


def _by_severity(findings: Iterable[Finding]) -> list[Finding]:
    order = list(Severity)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def _unchecked(plan: Plan) -> Finding:
    what = (
        f"Of the plan's {len(plan.components)} components only the first {MOST_CHECKED} are checked for cliffs and limits "
        "while you write, and none for double pay."
    )
    return Finding("NOT_CHECKED", "plan", what, "It would take too long.", "Run plan check.", Severity.NOTICE)


def document_completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a document with the keys that its names imply, for a plan and components that were named only."""
    made = {**document}
    if not made.get("plan") and made.get("name"):
        made["plan"] = slugify(str(made["name"]))
    components = made.get("components")
    if isinstance(components, list):
        made["components"] = [_keyed(each) for each in components]
    return made


def _keyed(component: Any) -> Any:
    if not isinstance(component, Mapping) or component.get("key") or not component.get("name"):
        return component
    return {"key": slugify(str(component["name"])), **component}


def document_plain(value: Any) -> Any:
    """Give fields as JSON keeps them: days as ISO text, numbers that are not whole as text."""
    if isinstance(value, Mapping):
        return {_storable(str(key)): document_plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [document_plain(child) for child in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int) else _storable(str(value))


def _storable(text: str) -> str:
    """A text without the one sign that the database can't keep."""
    return text.replace("\0", "")


def document_text(definition: Mapping[str, Any]) -> str:
    """Give a plan as YAML text, fields in the order in which people read a plan."""
    order = ["plan", "name", "currency", "from", "until", "period", "proration", "components"]
    rank = {name: place for place, name in enumerate(order)}
    top = dict(sorted(definition.items(), key=lambda item: (rank.get(item[0], len(order) - 1), item[0])))
    return write_text(_ordered(top))


def _ordered(value: Any) -> Any:
    """Fields of components and tiers in reading order; JSON columns forget it."""
    order = [
        "plan",
        "key",
        "name",
        "kind",
        "levels",
        "duplicates",
        "currency",
        "from",
        "until",
        "period",
        "credit",
        "quota",
        "rate",
        "tiers",
    ]
    rank = {name: place for place, name in enumerate(order)}
    if isinstance(value, list):
        return [_ordered(child) for child in value]
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda name: (rank.get(name, len(order)), name))}
    return value
