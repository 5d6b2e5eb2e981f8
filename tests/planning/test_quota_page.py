"""The quota grid: what is typed is saved whole or not at all, and nobody undoes a change they did not see."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from planning.forms import amount_of
from planning.models import CalendarKind, Quota
from planning.services.calendars import calendar_extend
from spm.people.models import Position

URL = "/planning/quotas/?kind=QUARTERLY&year=2026"
pytestmark = pytest.mark.django_db


@pytest.fixture
def quarters(viewer: Any) -> list[Any]:
    return calendar_extend(
        kind=CalendarKind.QUARTERLY, start=date(2026, 1, 1), until=date(2027, 1, 1), actor=viewer("sol")
    )


def cells(page: Any) -> dict[str, str]:
    """The cells of the grid as a browser would send them."""
    found = re.findall(r'name="(quota-[^"]+)" value="([^"]*)"', page.content.decode())
    return dict(found)


def named(given: dict[str, str], position: Position, period: Any) -> str:
    return next(name for name in given if name.startswith(f"quota-{position.pk.hex}-{period.pk.hex}-"))


def test_a_wrong_cell_is_named_and_marked(quarters: list[Any], sign_in: Callable[[str], Client]) -> None:
    sol, rex = sign_in("sol"), Position.objects.get(code="rex")
    given = cells(sol.get(URL))
    wrong = named(given, rex, quarters[1])

    answer = sol.post(URL, {wrong: "ninety"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Rex, 2026-Q2: “ninety” is not an amount." in page
    assert page.count('aria-invalid="true"') == 1
    assert not Quota.objects.exists()


@pytest.mark.parametrize("text", ["1,5", "90.000,00", "1e5", "1_000", "9,00,000", "NaN", "--1", "٣"])
def test_an_amount_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        amount_of(text)


@pytest.mark.parametrize(("text", "amount"), [("90,000.50", "90000.50"), ("90000", "90000"), (" 1 000 ", "1000")])
def test_an_amount_is_read(text: str, amount: str) -> None:
    assert str(amount_of(text)) == amount


def test_a_change_nobody_saw_is_not_undone(quarters: list[Any], sign_in: Callable[[str], Client]) -> None:
    sol, rex, ria = sign_in("sol"), *Position.objects.filter(code__in=("rex", "ria")).order_by("code")
    old = cells(sol.get(URL))
    first, second = named(old, rex, quarters[0]), named(old, ria, quarters[0])
    sol.post(URL, {first: "100"})

    assert sol.post(URL, old | {second: "200"}).status_code == 302
    assert dict(Quota.objects.values_list("position__code", "value")) == {"rex": 10000, "ria": 20000}

    answer = sol.post(URL, {first: "300"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('aria-invalid="true"') == 1
    assert "somebody else has changed this quota" in page and "$100" in page
    assert Quota.objects.get(position=rex).value == 10000

    again = cells(answer)
    assert again[named(again, rex, quarters[0])] == "300"
    assert sol.post(URL, again).status_code == 302
    assert Quota.objects.get(position=rex).value == 30000


def test_a_large_grid_is_saved(quarters: list[Any], sign_in: Callable[[str], Client]) -> None:
    sol, rex = sign_in("sol"), Position.objects.get(code="rex")
    given = cells(sol.get(URL))
    more = {f"quota-{number:032x}-{number:032x}-": "" for number in range(1500)}

    assert sol.post(URL, more | {named(given, rex, quarters[0]): "5"}).status_code == 302
    assert Quota.objects.get().value == 500
