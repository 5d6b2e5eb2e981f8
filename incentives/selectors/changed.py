"""What differs on a statement from the version before: its lines, what stands beside them, or the states alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from incentives.models import LineSection, Statement
from incentives.selectors.parts import Part, Row, Said


@dataclass(frozen=True)
class LineChange:
    """What differs in a line from the version before; None where the line was or is not there. `place` is its number on the later one.

    `section` says where it stands: a line of the period, what an earlier period earned since, or what was posted by hand.
    """

    label: str
    place: int | None
    before_minor: int | None
    after_minor: int | None
    before_credit_minor: int | None = None
    after_credit_minor: int | None = None
    before_count: int | None = None
    after_count: int | None = None
    section: str = field(default=LineSection.LINES, kw_only=True)
    runs: tuple[str, str] | None = field(default=None, kw_only=True)
    """For an earlier period: the runs that tell why it moved since the version before; None where no run does."""

    @property
    def difference_minor(self) -> int:
        """Give by how much the earning changed."""
        return (self.after_minor or 0) - (self.before_minor or 0)


def statement_before(statement: Statement) -> Statement | None:
    """Give the version that a statement, which the viewer was given, took the place of; None for the first."""
    same = {"participant": statement.participant_id, "period": statement.period_id, "currency": statement.currency}
    return Statement.objects.filter(**same, number=statement.number - 1).first()


def changes_between(before: Statement, after: Statement) -> tuple[LineChange, ...]:
    """Give what of the later version earned something else than before: its lines, then what stands beside them."""
    return (*_lines_changed(before, after), *_prior_changed(before, after), *_others_changed(before, after))


def _lines_changed(before: Statement, after: Statement) -> tuple[LineChange, ...]:
    places = {(line["plan"], line["component"]): place for place, line in enumerate(after.content["lines"], start=1)}
    old, new = ({(line["plan"], line["component"]): line for line in one.content["lines"]} for one in (before, after))
    found = []
    for key in sorted(old.keys() | new.keys()):
        first, second = old.get(key), new.get(key)
        named = second or first or {}
        change = LineChange(
            f"{named['component_name']} · {named['plan_name']}",
            places.get(key),
            *(_of(line, name) for name in ("earned_minor", "credit_minor", "credit_count") for line in (first, second)),
        )
        if (
            first is None
            or second is None
            or any(first[name] != second[name] for name in ("earned_minor", "credit_minor", "credit_count"))
        ):
            found.append(change)
    return tuple(found)


def _prior_changed(before: Statement, after: Statement) -> Iterator[LineChange]:
    for place, old, new in _moved(before, after, "prior", ("earned_in", "plan", "component"), "difference_minor"):
        one = new or old or {}
        first, last = old["run"] if old else one["since"], new["run"] if new else None
        yield LineChange(
            f"{one['component_name']} · {one['plan_name']}, {one['earned_in_key']}",
            place,
            _of(old, "difference_minor"),
            _of(new, "difference_minor"),
            section=LineSection.PRIOR,
            runs=(first, last) if first and last else None,
        )


def _others_changed(before: Statement, after: Statement) -> Iterator[LineChange]:
    for place, old, new in _moved(before, after, "others", ("kind", "reason", "component"), "earned_minor"):
        amounts = (_of(old, "earned_minor"), _of(new, "earned_minor"))
        yield LineChange((new or old or {})["reason"], place, *amounts, section=LineSection.OTHERS)


def _moved(
    before: Statement, after: Statement, section: str, key: tuple[str, ...], amount: str
) -> Iterator[tuple[int | None, dict[str, Any] | None, dict[str, Any] | None]]:
    """The entries of a section whose amount is not what it was: the place on the later version, the old one, the new one."""
    rows = [one.content.get(section, ()) for one in (before, after)]
    old, new = ({tuple(row[name] for name in key): row for row in each} for each in rows)
    places = {each: place for place, each in enumerate(new, start=1)}
    for each in sorted(old.keys() | new.keys()):
        if _of(old.get(each), amount) != _of(new.get(each), amount):
            yield places.get(each), old.get(each), new.get(each)


def _of(line: dict[str, Any] | None, name: str) -> int | None:
    return None if line is None else line[name]


def changed_told(before: Statement, after: Statement) -> Part:
    """Give what changed as a table: each line with before, now and difference; where none earned something else, the states that moved."""
    rows = [(one.label, one.before_minor, one.after_minor) for one in changes_between(before, after)]
    return Part(
        "changes", "Changed since", _("Changed since version %(number)s") % {"number": before.number},
        _("What each line earned did not change.") if not rows else "",
        _("What differs from the version before"), (_("What changed"), _("Before"), _("Now"), _("Difference")), 3,
        tuple(_told(place, *row) for place, row in enumerate(rows or states_moved(before, after), start=1)),
    )  # fmt: skip


def states_moved(before: Statement, after: Statement) -> list[tuple[str, int, int]]:
    """Give the states that are other than before, by name: what they were and are."""
    states = (("earned_minor", _("Earned")), ("payable_minor", _("Payable")), ("paid_minor", _("Paid")))
    both = [(name, before.content[key], after.content[key]) for key, name in states]
    return [row for row in both if row[1] != row[2]]


def _told(place: int, label: str, was: int | None, now: int | None) -> Row:
    first, second = (Said("–") if minor is None else Said(minor=minor) for minor in (was, now))
    return Row(Said(label), (first, second, Said(minor=(now or 0) - (was or 0), is_signed=True)), place)
