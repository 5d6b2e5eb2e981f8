"""The menu: what the viewer may open, in the order of the persona, with the present page marked."""

from dataclasses import dataclass

import pytest
from django.urls import include, path

from spm.roles.catalogue import ACTIONS
from spm.web import navigation
from spm.web.gallery import gallery

urlpatterns = [
    path("", gallery, name="home"),
    path("people/", include(([path("", gallery, name="participant_list")], "people"))),
    path("team/", include(([path("", gallery, name="team")], "insights"))),
]


@dataclass
class Reader:
    """A viewer who may do a few things."""

    roles: tuple[str, ...]
    actions: tuple[str, ...]

    def can(self, action: str) -> bool:
        return action in self.actions


def test_every_entry_asks_for_an_action_of_the_catalogue() -> None:
    assert {entry.action for entry in navigation.ENTRIES} - {""} <= set(ACTIONS)


def test_each_persona_orders_every_section() -> None:
    sections = {entry.section for entry in navigation.ENTRIES}
    assert all(set(order) == sections for order in navigation.ORDER.values())


@pytest.mark.parametrize(
    ("roles", "persona"), [(("rep", "manager"), "manager"), (("sales_operations",), "operations"), ((), "rep")]
)
def test_the_widest_role_gives_the_persona(roles: tuple[str, ...], persona: str) -> None:
    assert navigation.persona(Reader(roles, ())) == persona


@pytest.mark.urls(__name__)
def test_an_entry_is_shown_to_those_who_may_open_it() -> None:
    sections = navigation.navigation_for(Reader(("rep",), ("participant.view",)), path="/people/42/")
    entries = [entry for section in sections for entry in section["entries"]]
    assert [(entry["label"], entry["current"]) for entry in entries] == [("Home", False), ("People", True)]


@pytest.mark.urls(__name__)
def test_the_deploy_check_names_an_entry_that_leads_nowhere() -> None:
    missing = [error.msg for error in navigation.check_entries()]
    assert "The navigation entry Plans leads to incentives:plan_list, which no URL is named." in missing
    assert not any("people:participant_list" in text for text in missing)
