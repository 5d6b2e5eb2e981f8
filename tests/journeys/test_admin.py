"""A company admin lets somebody in, who then works in two companies."""

from typing import Any

import pytest

from tests import cast

pytestmark = pytest.mark.browser


def test_an_invited_person_joins_and_switches_companies(visitor: Any, site: Any) -> None:
    """Given a person with an account at Acme, when Harbour invites them, then they see both, one at a time."""
    admin = visitor("admin")
    admin.goes("/company/members/")
    admin.follows("Invite")
    admin.page.get_by_label("Email").fill("rex@acme.example")
    admin.page.get_by_label("Finance").check()
    admin.presses("Send invitation")
    admin.sees("Open invitations", "rex@acme.example")
    rex = visitor("rex@acme.example")
    rex.goes(site.link_mailed("/company/join/"))
    rex.sees("Join Harbour Instruments").presses("Join")
    rex.sees("What do we owe for 2026-Q4?")
    rex.page.get_by_label("Company Harbour Instruments, switch").click()
    rex.presses("Acme Inc.")
    rex.sees("Your pay")
    assert "Acme Inc." in rex.page.title()


@pytest.mark.deep
def test_a_new_person_makes_an_account_by_invitation(visitor: Any, site: Any) -> None:
    """Given an address without account, when it opens its link, then a name and a password are enough."""
    admin = visitor("admin")
    admin.goes("/company/members/invite/")
    admin.page.get_by_label("Email").fill("nora@harbour.example")
    admin.page.get_by_label("Auditor").check()
    admin.presses("Send invitation")
    admin.sees("Open invitations")
    nora = visitor()
    nora.goes(site.link_mailed("/company/join/"))
    nora.page.get_by_label("Your name").fill("Nora Nyberg")
    nora.page.get_by_label("Password").fill(cast.PASSWORD)
    nora.presses("Create account and join")
    nora.sees("Hello, Nora Nyberg", "Latest changes by people")
