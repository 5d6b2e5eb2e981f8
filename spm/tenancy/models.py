"""The company, and the base of every table that belongs to one.

Walls (policies, composite keys, grants, audit triggers) are raised by `spm.tenancy.walls` from what the models say here.
"""

from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func

from spm.tenancy.keys import uuid7


def time_zone_check(value: str) -> None:
    """Refuse a name that is not an IANA time zone."""
    if value not in available_timezones():
        raise ValidationError(f"{value} is not a time zone. Use an IANA name such as Europe/Berlin.")


class Organisation(models.Model):
    """A company on this installation. Global: it is looked up before a scope exists.

    `is_single_operator`: one person may approve what they wrote or asked for, and each such approval says so.
    """

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=63, default="UTC", validators=[time_zone_check])
    locale = models.CharField(max_length=16, default="en-US")
    fiscal_year_starts_month = models.PositiveSmallIntegerField(default=1)
    is_single_operator = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(fiscal_year_starts_month__range=(1, 12)), name="organisation_fiscal_month"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def day_of(self, moment: datetime) -> date:
        """Give the day that it is in the company at a moment."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


class CurrentOrganisation(Func):
    """SQL: the company of the open scope; raises in the database where there is none."""

    template = "(current_setting('app.organisation_id')::bigint)"
    arity = 0
    output_field = models.BigIntegerField()


class TenantForeignKey(models.ForeignKey):
    """A reference inside one company. The database checks (organisation_id, key) together; the walls add that constraint."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)


class TenantModel(models.Model):
    """Base of every table owned by a company: its key, its company, and how the walls treat it.

    `append_only`: the database refuses update and delete. `unaudited`: the reason why its writes have no audit triggers.
    `in_bulk`: the reason why its references are checked statement by statement, all rows together, and not row by row.
    """

    append_only: ClassVar[bool] = False
    unaudited: ClassVar[str] = ""
    in_bulk: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_id = models.BigIntegerField(db_default=CurrentOrganisation(), editable=False)

    class Meta:
        abstract = True
