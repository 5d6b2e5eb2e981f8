"""A rep checks the pay: from the first page to the one deal behind a figure."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_from_what_i_earned_to_the_deal_it_comes_from(visitor: Any) -> None:
    rep = visitor("rep")
    assert rep.heading == "Hello, Finn Jensen"
