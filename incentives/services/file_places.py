"""Where a row of a file belongs: its period and plan, by the names that people write."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError

from incentives.models import Plan
from planning.selectors import period_list
from spm.crm.row_files import Values


def place_names() -> Callable[[Values], tuple[Any, Plan | None]]:
    """Give what finds the period and plan (None: left blank) of a row; it raises ValidationError for a name that there is not."""
    periods = {one.key: one for one in period_list().reverse()}
    plans = {one.code: one for one in Plan.objects.all()}

    def find(values: Values) -> tuple[Any, Plan | None]:
        period, plan = values["period"], values["plan"]
        if period not in periods:
            raise ValidationError(f"There is no period {period}. Write its key as it stands on the page of periods.")
        if plan is not None and plan not in plans:
            raise ValidationError(f"There is no plan {plan}. Write its code, or leave it blank.")
        return periods[period], None if plan is None else plans[plan]

    return find
