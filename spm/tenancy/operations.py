"""Operations of migrations."""

from typing import Any, ClassVar

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel


class CreateModels(Operation):
    """Creates many models, each with its constraints and indexes.

    Django renders a new model together with all that are related to it, and here all are: one after the other, that takes half a minute of
    each first start. Created together, they are rendered once.
    """

    reduces_to_sql = True
    reversible = True
    serialization_expand_args: ClassVar = ["operations"]

    def __init__(self, operations: list[CreateModel]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Add the models to a state that is rendered when it is asked for next."""
        vars(state).pop("apps", None)
        for each in self.operations:
            each.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the tables; references are made after all of them, as Django does."""
        for each in self.operations:
            each.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the tables, the last first."""
        for each in reversed(self.operations):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say how many."""
        return f"Create {len(self.operations)} models"
