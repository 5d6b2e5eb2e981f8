"""Addresses and forms that hold what can't be read: one sentence, nothing written, never a fault."""

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/planning/territories/", "/people/", "/people/export.csv"])
@pytest.mark.parametrize("text", ["2026-02-31", "banana", "99999-01-01"])
def test_what_is_no_day_is_named(sign_in: Callable[[str], Client], path: str, text: str) -> None:
    answer = sign_in("sol").get(path, {"on": text})

    assert answer.status_code == 400
    assert f"“{text}” is not a day. Write it as 2026-01-31." in answer.content.decode()


def test_a_day_is_taken(sign_in: Callable[[str], Client]) -> None:
    assert sign_in("sol").get("/people/", {"on": "2026-02-28"}).status_code == 200


@pytest.mark.parametrize("path", ["/jobs/?kind=%00", "/import/held/?kind=%00", "/audit/?row=a%00b"])
def test_the_nul_character_is_refused_in_addresses(sign_in: Callable[[str], Client], path: str) -> None:
    answer = sign_in("sol").get(path)

    assert answer.status_code == 400
    assert "NUL character" in answer.content.decode()


def test_the_nul_character_is_refused_in_forms(sign_in: Callable[[str], Client]) -> None:
    given = {"kind": "product", "source": "crm", "alias": "A\0", "target_key": "B"}

    assert sign_in("sol").post("/import/inbox/alias/", given).status_code == 400
