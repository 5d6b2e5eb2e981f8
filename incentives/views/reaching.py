"""Pages whose form chooses a person: of those within the reach of the right that the page asks for."""

from typing import Any

from spm.people.models import Participant
from spm.roles.policy import Viewer, visible


class ForReached:
    """Gives the form the people that may be chosen, by name."""

    viewer: Viewer

    def get_form_kwargs(self) -> dict[str, Any]:
        people = visible(self.viewer, Participant.objects.order_by("name"), participant="pk")
        return {**super().get_form_kwargs(), "people": people}  # type: ignore[misc]
