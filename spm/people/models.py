"""Who sits where, when. Credit and hierarchy run on positions, pay on participants, so that replacing a person rewrites nothing.

Every timeline is a daterange `[from, until)`; the database refuses overlaps.
"""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from spm.tenancy.models import TenantForeignKey, TenantModel


def no_overlap(name: str, *columns: str, condition: Q | None = None) -> ExclusionConstraint:
    """Give the constraint that refuses two overlapping `during` ranges of the same columns in one company."""
    equal = [(F(column), RangeOperators.EQUAL) for column in ("organisation_id", *columns)]
    return ExclusionConstraint(
        name=name, expressions=[*equal, (F("during"), RangeOperators.OVERLAPS)], condition=condition
    )


def not_empty(name: str) -> models.CheckConstraint:
    """Give the constraint that refuses an empty `during`."""
    return models.CheckConstraint(condition=Q(during__isempty=False), name=name)


class Timeline(TenantModel):
    """Base of dated facts: valid on each day of `during`, a half-open range whose end may be open."""

    during = DateRangeField()

    class Meta:
        abstract = True


class Unit(TenantModel):
    """A business unit or office: a region, a team's home."""

    code = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    parent = TenantForeignKey("people.Unit", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "code"], name="unit_code")]

    def __str__(self) -> str:
        return self.name


class Title(TenantModel):
    """A sales role such as account executive; plans attach to it."""

    code = models.CharField(max_length=100)
    name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "code"], name="title_code")]

    def __str__(self) -> str:
        return self.name


class Participant(TenantModel):
    """A person who is paid (the payee). May or may not have an account to sign in with."""

    source = models.CharField(max_length=50, default="manual")
    source_key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    employee_number = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    membership = models.ForeignKey(
        "identity.Membership", models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "source", "source_key"], name="participant_source_key"),
            models.UniqueConstraint(fields=["organisation_id", "membership"], name="participant_membership"),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation_id", "name"], name="participant_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def name_and_key(self) -> str:
        """Give the name with the key that tells people of one name apart; once where both are the same."""
        return self.name if self.name == self.source_key else f"{self.name} ({self.source_key})"


class Employment(Timeline):
    """The days on which a participant is employed."""

    participant = TenantForeignKey(Participant)

    class Meta:
        constraints: ClassVar = [no_overlap("employment_once", "participant"), not_empty("employment_days")]


class Position(TenantModel):
    """A seat. It has one manager seat, a title and a unit on each day, and one holder at most."""

    code = models.CharField(max_length=200)
    name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation_id", "code"], name="position_code")]

    def __str__(self) -> str:
        return self.name


class PositionHolding(Timeline):
    """Who sits on the seat. A participant's main seat is one at a time; an interim seat may come beside it."""

    position = TenantForeignKey(Position)
    participant = TenantForeignKey(Participant)
    is_main = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            no_overlap("holding_one_per_position", "position"),
            no_overlap("holding_one_main", "participant", condition=Q(is_main=True)),
            not_empty("holding_days"),
        ]


class PositionTitle(Timeline):
    """The title of the seat."""

    position = TenantForeignKey(Position)
    title = TenantForeignKey(Title)

    class Meta:
        constraints: ClassVar = [no_overlap("position_title_once", "position"), not_empty("position_title_days")]


class PositionUnit(Timeline):
    """The unit of the seat."""

    position = TenantForeignKey(Position)
    unit = TenantForeignKey(Unit)

    class Meta:
        constraints: ClassVar = [no_overlap("position_unit_once", "position"), not_empty("position_unit_days")]


class ReportingLine(Timeline):
    """The manager seat of the seat."""

    position = TenantForeignKey(Position)
    manager = TenantForeignKey(Position)

    class Meta:
        constraints: ClassVar = [
            no_overlap("reporting_line_once", "position"),
            not_empty("reporting_line_days"),
            models.CheckConstraint(condition=~Q(position=F("manager")), name="reporting_line_not_self"),
        ]


class Relationship(Timeline):
    """Somebody who is credited for another's deals in a named role, such as mentor or partner manager."""

    participant = TenantForeignKey(Participant)
    related = TenantForeignKey(Participant)
    name = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            no_overlap("relationship_once", "participant", "related", "name"),
            not_empty("relationship_days"),
            models.CheckConstraint(condition=~Q(participant=F("related")), name="relationship_not_self"),
        ]


class SkillKind(models.TextChoices):
    """What a skill is about."""

    INDUSTRY = "INDUSTRY", _("Industry")
    PRODUCT = "PRODUCT", _("Product")
    LANGUAGE = "LANGUAGE", _("Language")
    SENIORITY = "SENIORITY", _("Seniority")


class ParticipantSkill(Timeline):
    """What somebody is able to, such as the language German, on the days of `during`."""

    participant = TenantForeignKey(Participant)
    kind = models.CharField(max_length=10, choices=SkillKind.choices)
    name = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            no_overlap("skill_once", "participant", "kind", "name"),
            not_empty("skill_days"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
