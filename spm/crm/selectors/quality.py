"""Warnings about facts that were taken in: computed from what is known now, each with what, why, fix and the rows behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, QuerySet

from spm.crm.feeds.matching import propose_spelling
from spm.crm.kinds import fact_kind
from spm.crm.models import Alias, OpportunityStatus
from spm.crm.selectors.inbox import HeldGroup, held_count, held_groups
from spm.roles.policy import Viewer, require


@dataclass(frozen=True)
class QualityWarning:
    """Something worth mending: `rows` of `kind` show it. A spelling carries what was received and what is proposed."""

    code: str
    kind: str
    what: str
    why: str
    fix: str
    count: int
    vocabulary: str = ""
    source: str = ""
    received: str = ""
    proposals: tuple[str, ...] = ()


@dataclass(frozen=True)
class QualitySummary:
    """The data-quality inbox in short."""

    held: int
    groups: list[HeldGroup]
    warnings: list[QualityWarning]


@dataclass(frozen=True)
class _Check:
    kind: str
    what: str
    why: str
    fix: str
    rows: Callable[[QuerySet[Any]], QuerySet[Any]]


CHECKS: dict[str, _Check] = {
    "DEAL_WITHOUT_ACCOUNT": _Check(
        "opportunity",
        "Open deals that name no account.",
        "They count in the pipeline, and in nobody's territory by account.",
        "Fill in the account at the source and import the file again.",
        lambda rows: rows.filter(status=OpportunityStatus.OPEN, account__isnull=True),
    ),
    "DEAL_WITHOUT_START": _Check(
        "opportunity",
        "Open deals without the day they began.",
        "Their age and the length of the sales cycle can't be told.",
        "Fill in the day at the source and import the file again.",
        lambda rows: rows.filter(status=OpportunityStatus.OPEN, created_on__isnull=True),
    ),
    "DEAL_WITHOUT_OWNER": _Check(
        "opportunity",
        "Deals without an owner.",
        "Nobody is credited for them.",
        "Fill in the owner at the source and import the file again.",
        lambda rows: rows.filter(owner__isnull=True),
    ),
    "DEAL_CLOSED_BEFORE_START": _Check(
        "opportunity",
        "Deals that closed before they began.",
        "The length of the sales cycle would be negative.",
        "Correct one of the two days at the source.",
        lambda rows: rows.exclude(created_on__isnull=True).filter(close_on__lt=F("created_on")),
    ),
}


def quality_summary(viewer: Viewer) -> QualitySummary:
    """Give held rows by group and all warnings."""
    require(viewer, "quality.view")
    return QualitySummary(held_count(viewer), held_groups(viewer), quality_warnings(viewer))


def quality_warnings(viewer: Viewer) -> list[QualityWarning]:
    """Give the warnings that some row shows: of the checks, then of spellings near to a standard name."""
    require(viewer, "quality.view")
    found = [
        QualityWarning(code, check.kind, check.what, check.why, check.fix, count)
        for code, check in CHECKS.items()
        if (count := warning_rows(viewer, code).count())
    ]
    return found + _spellings()


def warning_rows(viewer: Viewer, code: str) -> QuerySet[Any]:
    """Give the current facts behind a warning; raises KeyError for an unknown code."""
    require(viewer, "quality.view")
    check = CHECKS[code]
    rows = fact_kind(check.kind).version._default_manager.current()
    return check.rows(rows).select_related("fact", "owner", "upload").order_by("fact__source_key")


def _spellings() -> list[QualityWarning]:
    decided = set(Alias.objects.values_list("kind", "source", "alias"))
    found = []
    for kind in (fact_kind("account"), fact_kind("lead")):
        for field in kind.stored_fields:
            if not field.vocabulary:
                continue
            rows = kind.version._default_manager.current().exclude(**{field.name: ""})
            counted = rows.values_list(field.name, "fact__source").annotate(count=Count("pk")).order_by(field.name)
            for received, source, count in counted:
                near = _near(received, field.vocabulary)
                if near and (field.vocabulary, source, received) not in decided:
                    found.append(_spelling(kind.name, field.vocabulary, source, received, count, near))
    return found


def _spelling(
    kind: str, vocabulary: str, source: str, received: str, count: int, near: tuple[str, ...]
) -> QualityWarning:
    return QualityWarning(
        "SPELLING",
        kind,
        f"“{received}” is near to the standard {vocabulary} “{near[0]}”.",
        "Rows that are spelled differently are counted apart.",
        "Take the standard name, or keep it as received.",
        count,
        vocabulary,
        source,
        received,
        near,
    )


@lru_cache(maxsize=10_000)
def _near(received: str, vocabulary: str) -> tuple[str, ...]:
    return tuple(name for name, _score in propose_spelling(received, vocabulary))
