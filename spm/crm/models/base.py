"""Facts as received, in versions. A fact is found by its source and source key; what is known of it is a row per version.

`known_from` and `known_until` are system time, half-open: any past moment can be asked. A version is never changed, only ended.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class Fact(TenantModel):
    """Base of a fact's identity. Versions refer to it, and so do other facts."""

    unaudited = "Facts are kept in versions, each with its upload: who, when, before and after are there."

    source = models.CharField(max_length=50)
    source_key = models.CharField(max_length=200)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "source", "source_key"], name="%(class)s_source_key")
        ]

    def __str__(self) -> str:
        return self.source_key


class VersionQuerySet(models.QuerySet["FactVersion"]):
    """Asks for the facts as known at a moment."""

    def current(self) -> "VersionQuerySet":
        """Keep what is known now; withdrawn facts are left out."""
        return self.filter(known_until__isnull=True, is_withdrawn=False)

    def last_known(self) -> "VersionQuerySet":
        """Keep the last version of each fact, also of those that are withdrawn: what was paid still leads to it."""
        versions: Any = self.model._default_manager  # every subclass names its fact
        later = versions.filter(fact=OuterRef("fact"), known_from__gt=OuterRef("known_from"))
        return self.filter(~Exists(later))

    def known_at(self, moment: object) -> "VersionQuerySet":
        """Keep what was known at the moment (aware datetime); withdrawn facts are left out."""
        open_then = Q(known_until__isnull=True) | Q(known_until__gt=moment)
        return self.filter(open_then, known_from__lte=moment, is_withdrawn=False)


class FactVersion(TenantModel):
    """Base of what was known of a fact from one moment until another. Subclasses add `fact` and the columns of the kind."""

    unaudited = "Facts are kept in versions, each with its upload: who, when, before and after are there."

    known_from = models.DateTimeField()
    known_until = models.DateTimeField(null=True, blank=True)
    is_withdrawn = models.BooleanField(default=False)
    upload = TenantForeignKey("crm.Upload", null=True, blank=True)
    row_number = models.IntegerField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "fact"], condition=Q(known_until__isnull=True), name="%(class)s_one_current"
            ),
            models.CheckConstraint(
                condition=Q(known_until__isnull=True) | Q(known_until__gt=F("known_from")), name="%(class)s_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation_id", "fact", "known_from"], name="%(class)s_history")]
