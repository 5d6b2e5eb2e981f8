"""What to look at before a period is closed: each point says whether it is in order, and where to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incentives.models import AcceptancePolicy, BooksState, LedgerAccount, LedgerEntry, Run, RunState
from incentives.selectors.adjustments import adjustments_waiting, batches_to_post
from incentives.selectors.converting import pay_unconverted, pays_in_currencies
from incentives.selectors.facts import periods_open
from incentives.selectors.hand_posting import holds_to_post
from incentives.selectors.holds import holds_waiting
from incentives.selectors.ledger_exports import last_day
from incentives.selectors.openings import openings_to_post
from incentives.selectors.papers.acceptance import documents_missing, policy_get
from incentives.selectors.payouts import paid_otherwise
from incentives.selectors.periods import Books, books_for, pay_calendar_of, payout_waiting
from incentives.selectors.proving import statements_unequal
from incentives.selectors.runs import run_stale
from incentives.selectors.standing import errors_standing
from spm.core.money import format_amount
from spm.crm.selectors.inbox import held_won_count
from spm.people.models import Participant

OTHERS = 12
"""So many of the latest other periods are asked whether they know more by now."""


@dataclass(frozen=True)
class Check:
    """A point of the list: in order or not, in words, with the page that shows it. A stop keeps the period from review."""

    is_good: bool
    words: str
    url: str = ""
    is_stop: bool = False


def period_checks(books: Books, on: date) -> list[Check]:
    """Give the points of a period on a day, those that keep it from review first."""
    run = _latest(books.period)
    return sorted(
        [
            *_time_checks(books.period, on),
            *_run_checks(run),
            *_late(books, on),
            *_held_rows(books.period),
            *_unposted(books),
            *_paid_otherwise(books.period),
            _proof(books.period),
            *_money_checks(books),
            *_unconverted(books),
            *_document_checks(books),
        ],
        key=lambda one: (one.is_good, not one.is_stop),
    )


def questions_of(books: Books) -> int:
    """Give the number of points that are not in order, without reading what changed since the run: for lists."""
    if books.state in (BooksState.PAID, BooksState.LOCKED):
        return 0
    run = _latest(books.period)
    points = [] if run is None else [_posted(run), *_errors(run)]
    return sum(not one.is_good for one in [*points, *_money_checks(books)])


def books_waiting(books: Sequence[Books], on: date) -> list[tuple[Books, int]]:
    """Give those of a list, latest first, that have begun and are not paid, earliest first, each with the number of its open questions."""
    begun = [one for one in books if one.period.during.lower <= on]
    open_ones = [one for one in begun if one.state not in (BooksState.PAID, BooksState.LOCKED)]
    return [(one, questions_of(one)) for one in reversed(open_ones)]


def _latest(period: Any) -> Run | None:
    return (
        Run.objects.filter(period_id=period.id).select_related("period__calendar").order_by("-facts_known_at").first()
    )


def _time_checks(period: Any, on: date) -> list[Check]:
    """Whether the period has ended; before it has begun it is not reviewed at all."""
    if on < period.during.lower:
        words = _("The period begins on %(day)s. It is not closed, reviewed or approved before.")
        return [Check(False, words % {"day": date_format(period.during.lower)}, is_stop=True)]
    if on <= last_day(period):
        words = _(
            "The period has not ended: its last day is %(day)s. What is earned after the review is paid by the next open period."
        )
        return [Check(False, words % {"day": date_format(last_day(period))})]
    return []


def _run_checks(run: Run | None) -> list[Check]:
    if run is None:
        return [Check(True, _("No run calculates this period itself: it pays what other periods earned."))]
    stale = run_stale(run)
    words = (
        _("Changed since the latest run: %(what)s. Calculate again, or leave it for the next period.")
        % {"what": ", ".join(stale)}
        if stale
        else _("Nothing has changed since the latest run.")
    )
    return [_posted(run), *_errors(run), Check(not stale, words, reverse("incentives:run_detail", args=[run.pk]))]


def _late(books: Books, on: date) -> list[Check]:
    """The other periods of this calendar, or paid in it, that know more by now than their latest run did, each with the books that would
    take the difference; nothing where there are none."""
    if not books.takes_entries:
        return []
    others = [
        each
        for each in periods_open(on)
        if each.id != books.period.id
        and each.during.lower < books.period.during.upper
        and pay_calendar_of(each) == books.period.calendar_id
    ]
    found = []
    for other in others[-OTHERS:]:
        run = _latest(other)
        stale = run_stale(run) if run is not None else ()
        if run is not None and stale:
            words = _("%(period)s changed since its latest run: %(what)s.") % {
                "period": other.key,
                "what": ", ".join(stale),
            }
            url = reverse("incentives:run_detail", args=[run.pk])
            found.append(Check(False, f"{words} {_taker(books, books_for(other, on))}", url))
    return found


def _taker(books: Books, into: Any | None) -> str:
    """What calculating another period again would do, by the period in whose books it would be posted."""
    if into is None:
        return _("No open books follow that could take the difference.")
    if into.id == books.period.id:
        return _("Calculate it again: these books pay the difference.")
    return _("Calculate it again: the books of %(period)s pay the difference.") % {"period": into.key}


def _held_rows(period: Any) -> list[Check]:
    """Won deals of the period that wait in the data inbox; nothing where none does."""
    count = held_won_count(period.during.lower, period.during.upper)
    if not count:
        return []
    words = ngettext(
        "%(n)s row of a won deal waits in the data inbox and is not calculated: decide on it first.",
        "%(n)s rows of won deals wait in the data inbox and are not calculated: decide on them first.",
        count,
    )
    return [Check(False, words % {"n": count}, f"{reverse('crm:held_list')}?kind=opportunity")]


def _unposted(books: Books) -> list[Check]:
    """What was approved and stands in no books yet, of this period or an older one, and the payout that payroll has not answered."""
    adjustments, openings = batches_to_post().count(), openings_to_post().count()
    holds = len(holds_to_post(books.period).changes) if books.takes_entries else 0
    counted = (
        (
            adjustments,
            "incentives:adjustment_list",
            ngettext(
                "%(n)s batch of adjustments is approved and not posted. Post a run again, and it follows.",
                "%(n)s batches of adjustments are approved and not posted. Post a run again, and they follow.",
                adjustments,
            ),
        ),
        (
            openings,
            "incentives:opening_list",
            ngettext(
                "%(n)s batch of opening balances is approved and not posted. Post a run again, and it follows.",
                "%(n)s batches of opening balances are approved and not posted. Post a run again, and they follow.",
                openings,
            ),
        ),
        (
            holds,
            "incentives:hold_list",
            ngettext(
                "%(n)s approved hold, or its release, is not posted in these books yet. The review posts it.",
                "%(n)s approved holds, or their releases, are not posted in these books yet. The review posts them.",
                holds,
            ),
        ),
    )
    points = [Check(False, words % {"n": count}, reverse(url)) for count, url, words in counted if count]
    waiting = payout_waiting()
    if waiting is not None:
        words = _("%(payout)s of %(period)s waits for payroll's answer: no other is made before it has come.")
        url = reverse("incentives:payout_detail", args=[waiting.pk])
        points.append(Check(False, words % {"payout": waiting, "period": waiting.period.key}, url))
    return points


def _paid_otherwise(period: Any) -> list[Check]:
    """What payroll paid otherwise than it was handed, while something is left of the difference."""
    found = []
    for answer, _left in paid_otherwise(period):
        line, paid = answer.line, answer.amount_minor
        words = (
            _("Payroll paid %(name)s %(paid)s of %(handed)s: %(reason)s. %(rest)s stays payable.")
            if paid < line.amount_minor
            else _(
                "Payroll paid %(name)s %(paid)s of %(handed)s: %(reason)s. %(rest)s too much is owed back, and set off against what is "
                "earned next."
            )
        )
        amounts = {"paid": paid, "handed": line.amount_minor, "rest": abs(line.amount_minor - paid)}
        said = {key: f"{format_amount(minor, line.currency)} {line.currency}" for key, minor in amounts.items()}
        url = reverse("incentives:payout_detail", args=[line.batch_id])
        found.append(Check(False, words % {**said, "name": line.name, "reason": answer.reason.rstrip(".")}, url))
    return found


def _posted(run: Run) -> Check:
    url = reverse("incentives:run_detail", args=[run.pk])
    if run.state == RunState.POSTED:
        return Check(True, _("The latest run is posted."), url)
    return Check(False, _("The latest run is not posted. Calculate and post it first."), url, is_stop=True)


def _proof(period: Any) -> Check:
    """Whether every line of the statements is what the ledger has; the first that is not is named."""
    found = statements_unequal(period.id)
    if not found:
        return Check(True, _("Every line of the statements is what stands on the ledger."))
    words = ngettext(
        "%(n)s line of the statements is not what the ledger has: %(person)s, %(component)s.",
        "%(n)s lines of the statements are not what the ledger has, the first: %(person)s, %(component)s.",
        len(found),
    )
    said = {"n": len(found), "person": found[0].person, "component": found[0].component_name}
    return Check(False, words % said, reverse("incentives:statement_detail", args=[found[0].statement_id]))


def _errors(run: Run) -> list[Check]:
    """What could not be calculated, by the run that says so: one of some people does not undo what an earlier one could not."""
    found = []
    for one, errors in errors_standing(run):
        count = len(errors)
        words = (
            ngettext("%(n)s thing could not be calculated.", "%(n)s things could not be calculated.", count)
            if one.pk == run.pk
            else ngettext(
                "%(n)s thing of an earlier run still could not be calculated.",
                "%(n)s things of an earlier run still could not be calculated.",
                count,
            )
        )
        found.append(Check(False, words % {"n": count}, reverse("incentives:run_detail", args=[one.pk])))
    return found or [Check(True, _("Everything could be calculated."), reverse("incentives:run_detail", args=[run.pk]))]


def _money_checks(books: Books) -> list[Check]:
    waiting = adjustments_waiting(books.period.id)
    words = (
        ngettext("%(n)s adjustment waits for a decision.", "%(n)s adjustments wait for a decision.", waiting)
        % {"n": waiting}
        if waiting
        else _("No adjustment waits for a decision.")
    )
    points = [Check(not waiting, words, reverse("incentives:adjustment_list")), *_holds()]
    owing = _owing(books.period)
    if owing:
        words = ngettext(
            "%(n)s person owes more than they get; the balance is carried.",
            "%(n)s people owe more than they get; their balances are carried.",
            owing,
        )
        points.append(Check(False, words % {"n": owing}, reverse("incentives:period_detail", args=[books.period.id])))
    return points


def _holds() -> list[Check]:
    """Whether a hold or its release waits for a decision; nothing where none does."""
    waiting = holds_waiting()
    if not waiting:
        return []
    words = ngettext(
        "%(n)s hold of pay, or its release, waits for a decision.",
        "%(n)s holds of pay, or their releases, wait for a decision.",
        waiting,
    )
    return [Check(False, words % {"n": waiting}, reverse("incentives:hold_list"))]


def _unconverted(books: Books) -> list[Check]:
    """Whether somebody is not paid because what they earned is not converted into the currency they are paid in; the first is named."""
    if not pays_in_currencies():
        return []
    found = pay_unconverted(books.period, None)
    if not found:
        return [Check(True, _("Everything is converted into the currencies that people are paid in."))]
    people = Participant.objects.filter(pk__in={who for who, _currency in found}).order_by("name", "pk")
    first = people[0]
    reason = next(words for (who, _currency), words in sorted(found.items()) if who == str(first.pk))
    words = ngettext(
        "%(n)s person is not paid what they earned in another currency: %(person)s. %(reason)s",
        "%(n)s people are not paid what they earned in another currency, the first: %(person)s. %(reason)s",
        len(people),
    )
    said = {"n": len(people), "person": first.name, "reason": reason}
    return [Check(False, words % said, reverse("incentives:pay_currency_list"))]


def _document_checks(books: Books) -> list[Check]:
    """Whether everybody in the books has accepted their plan documents, where the company asks for it."""
    policy = policy_get()
    if policy == AcceptancePolicy.PAY_ANYWAY:
        return []
    people = set(LedgerEntry.objects.filter(period_id=books.period.id).values_list("participant_id", flat=True))
    missing = len(documents_missing(people, books.period))
    if not missing:
        return [Check(True, _("Everybody who is paid has accepted their plan documents."))]
    words = ngettext(
        "%(n)s person has not accepted a plan document.", "%(n)s people have not accepted a plan document.", missing
    )
    if policy == AcceptancePolicy.HOLD_UNTIL_ACCEPTED:
        words += " " + _("Their pay is left out of payouts until they have.")
    return [Check(False, words % {"n": missing}, reverse("incentives:document_list"))]


def _owing(period: Any) -> int:
    """How many people and currencies have a payable balance below zero up to the period."""
    rows = LedgerEntry.objects.filter(
        account=LedgerAccount.PAYABLE,
        period__calendar=period.calendar_id,
        period__during__startswith__lte=period.during.lower,
    ).order_by()
    return rows.values("participant", "currency").annotate(total=Sum("amount_minor")).filter(total__lt=0).count()
