"""What came in: files and rows, their mapping, what was held and why, and the names that were learned."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from spm.tenancy.models import TenantForeignKey, TenantModel


class UploadState(models.TextChoices):
    """Where an upload stands."""

    UPLOADED = "uploaded", "Needs a mapping"
    MAPPED = "mapped", "Preview is being made"
    PREVIEWED = "previewed", "Ready to commit"
    COMMITTING = "committing", "Being committed"
    COMMITTED = "committed", "Committed"
    UNDONE = "undone", "Undone"
    FAILED = "failed", "Could not be read"


class Upload(TenantModel):
    """One file, or one batch of rows from the API. Received = created + updated + unchanged + held, always.

    Before the commit the counts are those of the preview. A discarded row stays among the held: it was not accepted.
    `preview` holds samples before and after, and why rows are held. One that is a full list holds every record of its kind and source, as
    far as days [list_from, list_until) and the value of a field (a book) reach: what is known and not in it becomes a question.
    """

    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField()
    source = models.CharField(max_length=50)
    kind = models.CharField(max_length=30, blank=True)
    sheet = models.CharField(max_length=255, blank=True)
    sheets = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=UploadState.choices, default=UploadState.UPLOADED)
    received = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    is_full_list = models.BooleanField(default=False)
    list_from = models.DateField(null=True, blank=True)
    list_until = models.DateField(null=True, blank=True)
    list_field = models.CharField(max_length=50, blank=True)
    list_value = models.CharField(max_length=200, blank=True)
    absent = models.IntegerField(default=0)
    findings = models.JSONField(default=list)
    uploaded_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation_id", "-uploaded_at"], name="upload_recent")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["committed", "undone"])
                | Q(received=F("created") + F("updated") + F("unchanged") + F("held")),
                name="upload_nothing_lost",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class UploadContent(TenantModel):
    """The file itself, compressed; kept as received."""

    unaudited = "As received, and decided once; the upload and the aliases are audited."

    upload = TenantForeignKey(Upload, models.CASCADE)
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "upload"], name="upload_content_once")
        ]


class RememberedMapping(TenantModel):
    """The mapping last committed for a header, proposed for the next file with the same one."""

    source = models.CharField(max_length=50)
    header_digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=30)
    mapping = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "source", "header_digest"], name="mapping_once")
        ]


class HeldState(models.TextChoices):
    """What became of a held row."""

    HELD = "held", "Held"
    RELEASED = "released", "Released"
    DISCARDED = "discarded", "Discarded"


class HeldRow(TenantModel):
    """A row that could not be accepted: where it stands, what is wrong, and the fix.

    `column`, `value`, `code`, `reason`, `fix` are the first of `problems`. `proposal_kind` is what the value was meant to name;
    `proposal_key` the nearest known name, if any.
    """

    unaudited = "As received, and decided once; the upload and the aliases are audited."

    upload = TenantForeignKey(Upload, models.CASCADE)
    kind = models.CharField(max_length=30)
    sheet = models.CharField(max_length=255, blank=True)
    row_number = models.IntegerField()
    key = models.CharField(max_length=200, blank=True)
    values = models.JSONField()
    column = models.CharField(max_length=255, blank=True)
    value = models.TextField(blank=True)
    code = models.CharField(max_length=50)
    reason = models.TextField()
    fix = models.TextField()
    problems = models.JSONField(default=list)
    proposal_kind = models.CharField(max_length=30, blank=True)
    proposal_key = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=HeldState.choices, default=HeldState.HELD)
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "state", "kind", "code"], name="held_inbox"),
            models.Index(fields=["organisation_id", "upload", "row_number"], name="held_upload"),
        ]


class AbsentState(models.TextChoices):
    """What became of the question whether a record that a full list lacks is gone."""

    OPEN = "open", "Not answered"
    GONE = "gone", "Treated as cancelled"
    KEPT = "kept", "Kept"
    RETURNED = "returned", "Came back"
    CLOSED = "closed", "Import undone"


class AbsentRecord(TenantModel):
    """A record that was known before a full list and is not in it. A question: until a person answers, it counts as before.

    `returned_at` is when a later file had it again; what was kept is asked anew only after that.
    """

    upload = TenantForeignKey(Upload)
    kind = models.CharField(max_length=30)
    fact_id = models.UUIDField()
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=AbsentState.choices, default=AbsentState.OPEN)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey("identity.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "kind", "fact_id"], condition=Q(state="open"), name="absent_asked_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="gone") | (~Q(reason="") & Q(decided_by__isnull=False)), name="absent_gone_why"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation_id", "upload", "state", "key"], name="absent_upload"),
            models.Index(fields=["organisation_id", "kind", "fact_id"], name="absent_fact"),
        ]

    def __str__(self) -> str:
        return self.key


class Alias(TenantModel):
    """A name that a source uses for something known under another: `GTXPro` is the product `GTX Pro`. Remembered for every import."""

    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=50)
    alias = models.CharField(max_length=200)
    target_key = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "kind", "source", "alias"], name="alias_once")
        ]


class FactCommit(TenantModel):
    """A moment at which facts changed. `digest` is chained over all of them, so that equal digests mean equal facts."""

    append_only = True
    unaudited = "It is a log of moments by itself; the upload it names is audited."

    known_from = models.DateTimeField()
    action = models.CharField(max_length=10)
    kind = models.CharField(max_length=30)
    upload = TenantForeignKey(Upload, null=True, blank=True)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    withdrawn = models.IntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "known_from"], name="fact_commit_moment")
        ]


class IdempotentRequest(TenantModel):
    """The answer given to a request of the API with an Idempotency-Key, to be given again to the same request."""

    key = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.IntegerField()
    answer = models.JSONField()
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation_id", "path", "key"], name="idempotent_once")
        ]
