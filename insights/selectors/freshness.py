"""What has changed since the last run, cheaply: from the log of facts and from the audit, without reading the facts themselves."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max
from django.utils.translation import ngettext

from incentives.selectors.runs import run_list
from spm.audit.models import Entry
from spm.crm.selectors.facts import facts_changed_since
from spm.roles.policy import Viewer

WATCHED = {
    "people_": "people and positions",
    "planning_quota": "quotas",
    "planning_territory": "territories",
    "planning_period": "periods",
    "incentives_plan": "plans and assignments",
}


@dataclass(frozen=True)
class Freshness:
    """`since` is the moment of the last run (None: there was none); `changes` says in words what came after it."""

    since: datetime | None
    changes: tuple[str, ...]


def freshness(viewer: Viewer) -> Freshness:
    """Tell what came after the last run; a change that alters no result is told too. What the next run takes in is on the page of runs."""
    since = run_list(viewer).aggregate(latest=Max("facts_known_at"))["latest"]
    if since is None:
        return Freshness(None, ())
    imports = facts_changed_since(since)
    words = [_changed("facts", len(imports))] if imports else []
    counted = Entry.objects.filter(at__gt=since).order_by().values("table_name").annotate(count=Count("pk"))
    tables = {row["table_name"]: row["count"] for row in counted}
    for prefix, label in WATCHED.items():
        count = sum(number for table, number in tables.items() if table.startswith(prefix))
        if count:
            words.append(_changed(label, count))
    return Freshness(since, tuple(words))


def _changed(label: str, count: int) -> str:
    said = ngettext("%(what)s (%(n)s change)", "%(what)s (%(n)s changes)", count)
    return said % {"what": label, "n": count}
