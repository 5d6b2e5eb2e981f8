"""Returns that come after the window of a clawback are told with the reason why nothing is taken back."""

import pytest
from django.urls import reverse

from incentives.models import Statement
from incentives.selectors.why import statement_line_why
from planning.models import CalendarKind
from planning.services.calendars import calendar_extend
from tests.crm.support import import_text
from tests.incentives import world
from tests.incentives.test_returns import NOTE, OLD, sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def sol(viewer):
    return viewer("sol")


@pytest.fixture
def quarters(sol):
    return calendar_extend(kind=CalendarKind.QUARTERLY, start=world.YEAR[0], until=world.YEAR[1], actor=sol)


def test_a_return_after_the_window_of_the_clawback_says_why_nothing_is_taken_back(sol, quarters, sign_in):
    # Given a sale of 20 January that a plan takes back within 60 days, and a return on 10 April, 80 days later
    sell(sol)
    world.publish(sol, OLD + "clawback: {within: 60 days}\ncomponents: [{key: c, rate: 10 %}, {key: d, rate: 1 %}]\n")
    world.calculate(quarters[0], sol)
    import_text(NOTE, "credit_notes.csv", sol)
    import_text(NOTE.replace("N-1", "N-2").replace("04-10", "03-20"), "credit_notes.csv", sol)
    for quarter in quarters[:2]:
        world.calculate(quarter, sol)
    # Then a third of 90.00 and of 9.00 is taken back by the one of 20 March (day 59), and nothing by the one of 10 April
    assert [world.earned(quarter)["Rex"] for quarter in quarters[:2]] == [9_900 - 3_300, 0]
    words = (
        "Not taken back: returned on Apr 10, 2026, and the plan takes back what is returned less than 60 days "
        "after the sale of Jan 20, 2026."
    )
    statement = Statement.objects.get(participant__name="Rex", period=quarters[1])
    first, rex = world.lines(statement)[0], sign_in("rex")
    (credit,) = statement_line_why(statement, first).credits
    assert (credit.earned_minor, credit.untaken) == (0, words)
    page = reverse("incentives:statement_detail", args=[statement.pk])
    line = reverse("incentives:statement_line", args=[statement.pk, 1])
    deal = reverse("incentives:statement_deal", args=[statement.pk, 1, credit.row_id])
    assert [rex.get(each).content.decode().count(words) for each in (page, line, deal)] == [1, 1, 1]
    told = rex.get(reverse("api_incentives_statement_deal", args=[statement.pk, 1, credit.row_id])).json()
    assert told["untaken"] == words
    # And nothing is said of what was taken back
    earlier = Statement.objects.filter(participant__name="Rex", period=quarters[0]).latest("number")
    told = statement_line_why(earlier, world.lines(earlier)[0]).credits
    assert [(one.earned_minor, one.untaken) for one in told] == [(9_000, ""), (-3_000, "")]
