"""Who leaves before books that are shut. Whoever keeps the books says so here; people know no books."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from spm.core.findings import Finding, Severity
from spm.people.models import Participant

Shut = Callable[[Mapping[UUID, date]], Mapping[UUID, Sequence[str]]]
"""Gives of some people, each with a last day, the periods that end after it and whose shut books have something of them."""

_KEEPERS: list[Shut] = []
CODE = "LAST_DAY_BEFORE_SHUT_BOOKS"


def shut_told_by(keeper: Shut) -> None:
    """Let a keeper of books say which of them are shut."""
    if keeper not in _KEEPERS:
        _KEEPERS.append(keeper)


def leaving_warnings(last_days: Mapping[UUID, date]) -> list[Finding]:
    """Say of each person whose last day lies before the end of shut books which these are and what to do, by name."""
    shut = {who: [*keys] for keeper in _KEEPERS for who, keys in keeper(last_days).items() if keys}
    people = Participant.objects.filter(pk__in=shut).order_by("name", "source_key")
    what = _("%(name)s: the last day, %(day)s, lies before the end of books that are shut: %(periods)s.")
    return [
        Finding(
            CODE,
            f"participant {one.name}",
            what % {"name": one.name, "day": last_days[one.pk].isoformat(), "periods": ", ".join(shut[one.pk])},
            _("What they hold of later days stays in them."),
            _(
                "Calculate these periods again: the next open period takes the difference. To have it in them, reopen them first."
            ),
            severity=Severity.WARNING,
            about=(("participant_key", one.source_key),),
        )
        for one in people
    ]
