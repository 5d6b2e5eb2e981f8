from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "incentives"

    def ready(self) -> None:
        """Let planning ask which periods are closed, once every app is loaded."""
        from incentives.selectors.periods import periods_locked
        from planning.selectors.closing import closed_told_by

        closed_told_by(periods_locked)
