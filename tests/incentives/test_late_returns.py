"""Returns that come after the window of a clawback are told with the reason why nothing is taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
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
    (credit,) = statement_line_why(statement, first, with_untaken=True).credits
    assert (credit.earned_minor, credit.untaken) == (0, words)
    page = reverse("incentives:statement_detail", args=[statement.pk])
    line = reverse("incentives:statement_line", args=[statement.pk, 1])
    deal = reverse("incentives:statement_deal", args=[statement.pk, 1, credit.row_id])
    assert [rex.get(each).content.decode().count(words) for each in (page, line, deal)] == [1, 1, 1]
    told = rex.get(reverse("api_incentives_statement_deal", args=[statement.pk, 1, credit.row_id])).json()
    assert told["untaken"] == words
    # A paper or a file, which does not say it, reads no deals for it: the plan is compiled and the credits are read as for any line
    with CaptureQueriesContext(connection) as asked:
        assert [one.untaken for one in statement_line_why(statement, first).credits] == [""]
    assert len(asked) <= 5
    # And nothing is said of what was taken back
    earlier = Statement.objects.filter(participant__name="Rex", period=quarters[0]).latest("number")
    told = statement_line_why(earlier, world.lines(earlier)[0], with_untaken=True).credits
    assert [(one.earned_minor, one.untaken) for one in told] == [(9_000, ""), (-3_000, "")]


def told(sol, quarters, text: str, note: str = NOTE) -> list[tuple[str, int, bool]]:
    """By rule of the second quarter: what a return earned, and whether it is said that nothing is taken back."""
    sell(sol)
    world.publish(sol, OLD + text)
    world.calculate(quarters[0], sol)
    import_text(note, "credit_notes.csv", sol)
    world.calculate(quarters[1], sol)
    statement = Statement.objects.get(participant__name="Rex", period=quarters[1])
    credits = statement_line_why(statement, world.lines(statement)[0], with_untaken=True).credits
    return sorted((one.rule, one.earned_minor, bool(one.untaken)) for one in credits)


def test_a_return_that_two_rules_credit_is_told_for_the_one_that_it_is_late_for(sol, quarters):
    # Closed on 20 January and invoiced on 1 February: the return of 10 April comes 80 and 68 days later
    rules = "credit: [{key: closed, date: CLOSED}, {key: invoiced, date: INVOICED}]"
    text = f"clawback: {{within: 70 days}}\ncomponents: [{{key: c, {rules}, rate: 10 %}}]\n"
    assert told(sol, quarters, text) == [("closed", 0, True), ("invoiced", -3_000, False)]


def test_a_return_within_the_window_of_which_no_share_is_taken_is_not_late(sol, quarters):
    text = "clawback: {within: 90 days, share: 0 %}\ncomponents: [{key: c, rate: 10 %}]\n"
    assert [one[1:] for one in told(sol, quarters, text)] == [(0, False)]
