"""A quarter that three people close: one asks, one approves, one pays."""

from incentives.selectors.periods import books_get
from incentives.services import periods as steps


def review(period, sol):
    steps.period_calculate(period_id=period.id, actor=sol)
    steps.period_review(period_id=period.id, actor=sol)


def state(period):
    return books_get(period).state


def locked(closing):
    sol, fin, eve, period = closing
    review(period, sol)
    steps.period_approve(period_id=period.id, actor=fin)
    steps.period_pay(period_id=period.id, reference="B-1", actor=eve)
    steps.period_lock(period_id=period.id, actor=sol)
    return sol, fin, eve, period
