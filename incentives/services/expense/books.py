"""Books and their policies: opened once, then dated from a month on. What is closed keeps the policy it was closed with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from incentives.engine.expense.policy import month_first
from incentives.engine.expense.words import Basis, Convention
from incentives.models import ExpenseBook, ExpensePolicy
from incentives.selectors.expense.books import components_known, month_open
from spm.core.money import RATE_SCALE
from spm.jobs.models import Job
from spm.jobs.services import job_enqueue
from spm.people.services import timeline_set
from spm.roles.policy import Viewer, require

LONGEST_MONTHS = 600
LONGEST_WAIT = 60
MOST_RATE = 10 * RATE_SCALE
FARTHEST_YEARS = 20


@dataclass(frozen=True)
class Accounts:
    """What the accounts of a book are called where its journal goes."""

    asset: str = "Contract costs"
    expense: str = "Commission expense"
    amortisation: str = "Amortisation of contract costs"
    impairment: str = "Impairment of contract costs"


@dataclass(frozen=True)
class PolicyValues:
    """How a book treats commissions; rates at RATE_SCALE, `components` as (plan, component) and whether it is an incremental cost."""

    capitalises: bool = True
    uses_expedient: bool = False
    basis: str = Basis.TERM.value
    benefit_months: int = 60
    convention: str = Convention.DAYS.value
    new_rate: int = 0
    renewal_rate: int = 0
    includes_overrides: bool = True
    capitalises_without_contract: bool = False
    lapse_months: int | None = None
    direct_cost_rate: int | None = None
    components: Sequence[tuple[str, str, bool]] = ()


@transaction.atomic
def book_create(
    *,
    name: str,
    starts_on: date,
    policy: PolicyValues,
    reason: str,
    actor: Viewer,
    code: str = "",
    close_after_days: int = 5,
    accounts: Accounts | None = None,
) -> ExpenseBook:
    """Open a book from a month on, with its first policy. It takes the pay of periods that begin in that month or later."""
    require(actor, "expense.edit")
    code = slugify(code or name)[:40]
    _refuse(not code, "name", "Give the book a name.")
    _refuse(starts_on.day != 1, "starts_on", "A book begins with a month. Choose the first day of one.")
    _near(starts_on, "starts_on", actor)
    _refuse(not 0 <= close_after_days <= LONGEST_WAIT, "close_after_days", f"Choose 0 to {LONGEST_WAIT} days.")
    taken = ExpenseBook.objects.filter(code=code).exists()
    _refuse(taken, "code", f"A book with the key {code} exists. Choose another name.")
    used = accounts or Accounts()
    book = ExpenseBook.objects.create(
        code=code,
        name=name.strip(),
        starts_on=starts_on,
        close_after_days=close_after_days,
        **{f"{each.name}_account": getattr(used, each.name).strip() for each in fields(used)},
    )
    policy_set(book_id=book.pk, policy=policy, start=starts_on, reason=reason, actor=actor)
    return book


@transaction.atomic
def policy_set(*, book_id: UUID, policy: PolicyValues, start: date, reason: str, actor: Viewer) -> ExpensePolicy:
    """Let a policy hold from an open month on. Costs that stand follow its period and convention; decisions about them stay.

    Source: ASC 340-40-35-2 (a change of the period is a change in estimate).
    """
    require(actor, "expense.edit")
    book = ExpenseBook.objects.select_for_update().get(pk=book_id)
    first_open = month_first(month_open(book))
    _refuse(start.day != 1, "start", "A policy begins with a month. Choose the first day of one.")
    _refuse(start < first_open, "start", f"{start:%Y-%m} is closed. Choose {first_open} or a later month.")
    _near(start, "start", actor)
    _refuse(not reason.strip(), "reason", "Write why the book treats commissions so.")
    _check(policy)
    values: dict[str, Any] = {each.name: getattr(policy, each.name) for each in fields(policy)}
    values["components"] = _components(policy.components)
    return timeline_set(ExpensePolicy, key={"book": book}, values=values | {"reason": reason.strip()}, start=start)


def _near(day: date, field: str, actor: Viewer) -> None:
    """Refuse a year that can only be mistyped: every month since the first one is closed, and a book is not deleted."""
    is_far = abs(day.year - actor.on.year) > FARTHEST_YEARS
    _refuse(is_far, field, f"{day.year} is more than {FARTHEST_YEARS} years away. Correct the year.")


def _check(policy: PolicyValues) -> None:
    _refuse(policy.basis not in set(Basis), "basis", f"Choose one of {', '.join(Basis)}.")
    _refuse(policy.convention not in set(Convention), "convention", f"Choose one of {', '.join(Convention)}.")
    allowed = range(1, LONGEST_MONTHS + 1)
    _refuse(policy.benefit_months not in allowed, "benefit_months", f"Choose 1 to {LONGEST_MONTHS} months.")
    lapse = policy.lapse_months
    _refuse(lapse is not None and not 0 <= lapse <= LONGEST_WAIT, "lapse_months", f"Choose 0 to {LONGEST_WAIT} months.")
    cost = policy.direct_cost_rate
    _refuse(cost is not None and not 0 <= cost <= RATE_SCALE, "direct_cost_rate", "Direct costs are from 0 % to 100 %.")
    for name in ("new_rate", "renewal_rate"):
        _refuse(not 0 <= getattr(policy, name) <= MOST_RATE, name, "The rate is from 0 % to 1,000 %.")
    needs = policy.basis == Basis.COMMENSURATE
    _refuse(needs and not policy.new_rate, "new_rate", "Write at which rate new contracts are paid.")


def _components(chosen: Sequence[tuple[str, str, bool]]) -> list[Mapping[str, Any]]:
    known = components_known()
    for plan, component, _ in chosen:
        _refuse((plan, component) not in known, "components", f"No published plan has the component {component}.")
    return [{"plan": plan, "component": component, "incremental": yes} for plan, component, yes in sorted(chosen)]


def _refuse(wrong: bool, field: str, message: str) -> None:
    if wrong:
        raise ValidationError({field: message})


def expense_start(*, actor: Viewer) -> Job:
    """Queue bringing all books up to date; a second start within the same minute gives the same job."""
    require(actor, "expense.edit")
    return job_enqueue("expense", slot=timezone.localtime().isoformat(timespec="minutes"), arguments={}, actor=actor)
