"""What a statement says beside its own lines, as tables: page, PDF, sheet and API write the same parts, so that none can lack one.

Templates ask only this module for them, never the stored content itself; a test holds the four against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from incentives.models import AdjustmentReason, JournalKind, LineSection, Statement
from incentives.selectors.bridge import Bridge, bridges_of
from incentives.selectors.draws import DrawsOwed, draws_owed
from incentives.selectors.leaving import Final, final_of
from incentives.selectors.paid_in import paid_in_of
from incentives.selectors.waiting import Wait, released_of, waits_of
from spm.web.templatetags.figures import day_text, money_text

STATES = ("earned", "eligible", "payable")
"""Rows of the way from earned to payable that are states, not steps."""


@dataclass(frozen=True)
class Said:
    """A cell: words with what is said below them, or an amount (minor units of the statement's currency), signed where it adds or takes.
    `url` is where its words lead on a page."""

    words: str = ""
    notes: tuple[str, ...] = ()
    minor: int | None = None
    is_signed: bool = False
    url: str = ""

    def text(self, currency: str) -> str:
        """Give the cell as plain text; notes follow the words."""
        if self.minor is None:
            return ". ".join((self.words, *self.notes))
        plus = "+" if self.is_signed and self.minor > 0 else ""
        return plus + money_text(self.minor, currency)


@dataclass(frozen=True)
class Row:
    """A row of a part: what it is about, and its further cells. `place` counts the entry of the content that it tells of, from 1."""

    label: Said
    cells: tuple[Said, ...]
    place: int


@dataclass(frozen=True)
class Part:
    """A table of a statement. The cell below the last column is its amount, or a count in words."""

    key: str
    sheet_name: str
    title: str
    purpose: str
    caption: str
    columns: tuple[str, ...]
    amounts: int
    rows: tuple[Row, ...]

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Give the columns, each with whether amounts stand below it: the last `amounts` of them."""
        words = len(self.columns) - self.amounts
        return [(name, place >= words) for place, name in enumerate(self.columns)]

    @property
    def lines(self) -> list[tuple[Row, list[tuple[str, bool, Said]]]]:
        """Give each row with the cells after its label, each with the name of its column and whether that holds amounts."""
        return [
            (row, [(*head, cell) for head, cell in zip(self.heads[1:], row.cells, strict=True)]) for row in self.rows
        ]

    @property
    def is_disputable(self) -> bool:
        """Say whether a row of it can be disputed from the statement."""
        return self.key in LineSection.values


def bridge_told(statement: Statement, *, is_now: bool = False) -> Bridge | None:
    """Give the way from earned to payable as it was when a statement was issued, or is now; None where its books hold nothing."""
    known_at = None if is_now else statement.issued_at
    found = bridges_of(statement.period, participant_id=statement.participant_id, known_at=known_at)
    return next((one for one in found if one.currency == statement.currency), None)


def parts_of(statement: Statement, bridge: Bridge | None, *, is_now: bool = False) -> tuple[Part, ...]:
    """Give the parts that a statement has, in the language that is asked for; as it was issued, or with what was paid since."""
    content, known_at = statement.content, None if is_now else statement.issued_at
    parts = (
        _final(final_of(statement, is_now=is_now)),
        _way(bridge),
        _draws(draws_owed(statement.period, statement.participant_id, statement.currency, known_at=known_at)),
        _brought(content.get("opening", ()), statement.currency),
        _prior(content.get("prior", ())),
        _by_hand(content.get("others", ()), statement.currency),
        _converted(statement),
        _waiting(waits_of(statement)),
        _released(statement),
    )
    return tuple(part for part in parts if part.rows)


def earned_beside(statement: Statement) -> tuple[tuple[str, int], ...]:
    """Give what its lines lack to what a statement earned, in rows: with them its tables come to the amount at its head."""
    content = statement.content
    rows = (
        (_("Earlier periods"), sum(line["difference_minor"] for line in content.get("prior", ()))),
        (_("Beside the plans"), sum(line["earned_minor"] for line in content.get("others", ()))),
        (_("In the books of other periods"), earned_elsewhere(statement)),
    )
    return tuple(row for row in rows if row[1])


def earned_elsewhere(statement: Statement) -> int:
    """Give what the books of other periods hold of its lines, below 0 where they hold it; 0 unless books were shut meanwhile."""
    content = statement.content
    named = (("lines", "earned_minor"), ("prior", "difference_minor"), ("others", "earned_minor"))
    said: int = sum(line[amount] for section, amount in named for line in content.get(section, ()))
    return int(content["earned_minor"]) - said


def _way(bridge: Bridge | None) -> Part:
    rows = [
        Row(Said(step.words), (Said(minor=step.amount_minor, is_signed=step.key not in STATES),), place)
        for place, step in enumerate(bridge.rows if bridge is not None else (), start=1)
    ]
    return Part(
        "bridge", "From earned to payable", _("From earned to payable"),
        _("Each step adds to the one before; eligible is what its event or a release set free."),
        _("Steps from earned to payable"), (_("Step"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip


def _draws(draws: DrawsOwed) -> Part:
    steps = (
        (_("Owed before"), draws.before_minor, False),
        (_("Brought forward from the former system"), draws.brought_minor, True),
        (_("Advanced, less what was recovered or forgiven"), draws.moved_minor, True),
    )
    said = [one for one in steps if one[1]]
    if said:
        said.append((_("Owed after this period"), draws.owed_minor, False))
    return Part(
        "draws", "Draws", _("Draws"), _("What was advanced and is to be recovered from later pay, as the plan says."),
        _("What is owed of draws"), (_("Step"), _("Amount")), 1,
        tuple(Row(Said(name), (Said(minor=minor, is_signed=signed),), place) for place, (name, minor, signed) in enumerate(said, start=1)),
    )  # fmt: skip


def _final(final: Final | None) -> Part:
    rows = [
        Row(Said(name), (Said(becomes), Said(minor=minor)), place)
        for place, (name, becomes, minor) in enumerate(final.rows if final is not None else (), start=1)
    ]
    if final is not None and not rows:
        rows = [Row(Said(_("All balances")), (Said(_("nothing is left to be paid or owed")), Said(minor=0)), 1)]
    sheet_name = "Final statement" if final is not None and final.is_last else "After leaving"
    return Part(
        "final", sheet_name, final_title(final), _("What becomes of each balance. Below 0 is what goes to the company."),
        _("Balances after leaving"), (_("Balance"), _("What becomes of it"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip


def final_title(final: Final | None) -> str:
    """Give what a statement is called whose person left by the end of its period: the final one, or one after it."""
    if final is None:
        return ""
    day = {"day": day_text(final.left_on)}
    return (_("Final statement: left on %(day)s") if final.is_last else _("After leaving on %(day)s")) % day


def _words(*notes: str) -> tuple[str, ...]:
    return tuple(note for note in notes if note)


def _brought(lines: Any, currency: str) -> Part:
    rows = [row for place, line in enumerate(lines, start=1) for row in _brought_rows(line, place, currency)]
    return Part(
        "opening", "Brought forward", _("Brought forward"),
        _("From the former system. It is paid, held or recovered here, and not earned again."),
        _("Balances brought forward"), (_("Balance"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip


def _brought_rows(line: Mapping[str, Any], place: int, currency: str) -> list[Row]:
    """The rows of one line that was brought: one per balance that it has."""
    component = line.get("component_name", "")
    known: tuple[tuple[str, str, str, bool], ...] = (
        ("payable_minor", _("Payable, not paid"), component, True),
        ("held_minor", _("Held"), line.get("held_reason", ""), False),
        ("draw_minor", _("Draw owed"), line.get("plan_name", ""), False),
        ("paid_minor", _("Paid before, in the year so far"), component, False),
    )
    found = [
        Row(Said(label, _words(note)), (Said(minor=line[name], is_signed=signed),), place)
        for name, label, note, signed in known
        if line.get(name)
    ]
    if line.get("counted"):
        found.append(Row(Said(_("Counted before the cut-over"), _words(component)), (Said(line["counted"][0]),), place))
    elif line.get("credit_value"):
        quota = line.get("quota_value")
        words = _("of a quota of %(quota)s") % {"quota": money_text(quota, currency)} if quota else ""
        label = Said(_("Credited before the cut-over"), _words(component, words))
        found.append(Row(label, (Said(minor=line["credit_value"]),), place))
    if line.get("released_minor"):
        label = Said(_("Payable by a release"), _words(line["reason"]))
        found.append(Row(label, (Said(minor=line["released_minor"], is_signed=True),), place))
    return found


def _prior(lines: Any) -> Part:
    rows = [
        Row(
            Said(line["component_name"], (line["plan_name"],)),
            (
                Said(line["earned_in_key"]),
                Said(minor=line["before_minor"]),
                Said(minor=line["after_minor"]),
                Said(minor=line["difference_minor"], is_signed=True),
            ),
            place,
        )
        for place, line in enumerate(lines, start=1)
    ]
    return Part(
        "prior", "Earlier period", _("Earlier periods"),
        _("What earlier periods earned or lost since their books were closed, paid with this one."),
        _("Adjustments of earlier periods"),
        (_("Component"), _("Earned in"), _("Before"), _("Now"), _("Difference")), 3, tuple(rows),
    )  # fmt: skip


def _by_hand(lines: Any, currency: str) -> Part:
    rows = [
        Row(
            Said(_by_plan().get(line["kind"], line["reason"]), _reasons(line.get("why", ()), currency)),
            (Said(minor=line["earned_minor"], is_signed=True),),
            place,
        )
        for place, line in enumerate(lines, start=1)
    ]
    return Part(
        "others", "Beside the plans", _("Beside the plans"), _("Granted or taken back by hand, or beside the components by the plan."),
        _("Adjustments by hand"), (_("Reason"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip


def _by_plan() -> dict[str, str]:
    """What a plan grants or takes beside its components, by the kind of journal: its reason says what was posted, and to nobody why."""
    return {
        JournalKind.DRAW.value: _("Guaranteed by the plan, beyond what was earned"),
        JournalKind.WRITE_OFF.value: _("Forfeited or forgiven, as the plan says"),
    }


def _reasons(why: Any, currency: str) -> tuple[str, ...]:
    """Why somebody was adjusted: what kind of reason, what was said, and what it is of several."""
    return tuple(
        f"{AdjustmentReason(code).label}: {words}"
        + "".join(f": {Said(minor=one, is_signed=True).text(currency)}" for one in of)
        for code, words, *of in why
    )


def _converted(statement: Statement) -> Part:
    """What is paid in the currency of the person: what left or came into that of the statement, which is what the ledger says."""
    rows = [
        Row(
            Said(f"{one.from_currency} → {one.to_currency}", _words(one.correction)),
            (
                Said(one.words),
                Said("–") if one.missing else Said(minor=one.moved_minor(statement.currency), is_signed=True),
            ),
            place,
        )
        for place, one in enumerate(paid_in_of(statement), start=1)
    ]
    return Part(
        "conversions", "Conversion", _("Paid in another currency"),
        _("What the period made payable is converted as one amount, and rounded once."),
        _("Pay that is converted, and at which rate"), (_("Conversion"), _("Rate"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip


def _waiting(waits: tuple[Wait, ...]) -> Part:
    rows = [
        Row(
            Said(wait.component_name, _words(wait.period_key)),
            (
                Said(str(wait.reason), _words(wait.note, _deals(wait))),
                Said(wait.payable_when),
                Said(minor=wait.amount_minor),
            ),
            place,
        )
        for place, wait in enumerate(waits, start=1)
    ]
    return Part(
        "waits", "Waits", _("What waits"), _("Earned, and not payable before its event."),
        _("Pay that waits, and for what"),
        (_("Component"), _("Why"), _("Payable when"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip


def _deals(wait: Wait) -> str:
    return _("Deals: %(count)s") % {"count": wait.count} if wait.count else ""


def _released(statement: Statement) -> Part:
    rows = [
        Row(
            Said(one.component_name, _words(one.period_key)),
            (Said(one.note, _words(one.hold, one.held)), Said(minor=one.amount_minor, is_signed=True)),
            place,
        )
        for place, one in enumerate(released_of(statement), start=1)
    ]
    return Part(
        "released", "Released from hold", _("Released from hold"), _("Held before, and payable with these books."),
        _("Pay that was released, by whom and why"), (_("Component"), _("Released by"), _("Amount")), 1, tuple(rows),
    )  # fmt: skip
