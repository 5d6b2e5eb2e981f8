"""Imports, the data inbox, and the facts themselves. A fact of an owner is seen as far as one reaches."""

from datetime import date
from decimal import Decimal

from django.db.models import Model
from django.utils import timezone

from spm.crm import models as crm
from spm.crm.kinds import FACT_KINDS
from spm.crm.models import HeldRow, Upload
from spm.crm.services.uploads import upload_create
from spm.people.models import Participant
from spm.roles.policy import viewer_of_system
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id
from tests.walls.permissions import API, Row


def _upload(owner: str) -> Upload:
    name = f"{owner}.csv"
    found = Upload.objects.filter(file_name=name).first()
    company = Organisation.objects.get(pk=current_organisation_id())
    actor = viewer_of_system(company, on=date(2026, 11, 2), name="test")
    return found or upload_create(content=f"account\n{owner}\n".encode(), file_name=name, source="crm", actor=actor)


def _held(owner: str) -> HeldRow:
    values = {
        "upload": _upload(owner),
        "kind": "account",
        "row_number": 2,
        "code": "VALUE",
        "reason": owner,
        "fix": "x",
    }
    return HeldRow.objects.get_or_create(**values, defaults={"values": {"name": owner}})[0]


PARENTS = {
    "StageChange": "opportunity",
    "OrderLine": "order",
    "Invoice": "order",
    "CreditNote": "invoice",
    "Payment": "invoice",
    "Price": "product",
    "Split": "opportunity",
}
VALUES: dict[str, dict[str, object]] = {
    "Opportunity": {"stage": "Won", "status": "won", "amount_minor": 100, "close_on": date(2026, 8, 3)},
    "Split": {"kind": "revenue", "share_rate": 10**8},
}


def _fact(kind: str, owner: str) -> object:
    """Give the key of a fact of the owner, made with what it stands on."""
    fact, made = getattr(crm, kind).objects.get_or_create(source="crm", source_key=f"of-{owner}")
    if made:
        version = getattr(crm, f"{kind}Version")
        values = {
            "owner": Participant.objects.get(source_key=owner),
            "participant": Participant.objects.get(source_key=owner),
            "name": f"{kind} of {owner}",
            "currency": "USD",
        } | VALUES.get(kind, {})
        if kind in PARENTS:
            values[f"{PARENTS[kind]}_id"] = _fact(PARENTS[kind].capitalize(), owner)
        values = {
            key: one
            for key, one in values.items()
            if key.removesuffix("_id") in {column.name for column in version._meta.fields}
        }
        version.objects.create(
            fact=fact, known_from=timezone.now(), **(_required(version) | _parents(version, owner) | values)
        )
    return fact.pk


def _required(version: type[Model]) -> dict[str, object]:
    """Give a value for each column that must have one."""
    sample = {
        "BigIntegerField": 1,
        "IntegerField": 1,
        "DecimalField": Decimal(1),
        "DateField": date(2026, 8, 3),
        "DateTimeField": timezone.now(),
        "CharField": "x",
    }
    columns = [
        one
        for one in version._meta.fields
        if not one.null and not one.has_default() and not one.has_db_default() and not one.is_relation
    ]
    return {
        one.name: sample[one.get_internal_type()] for one in columns if not one.primary_key and one.name != "known_from"
    }


def _parents(version: type[Model], owner: str) -> dict[str, object]:
    """Make what a fact can't do without."""
    given = ("fact", "participant")
    needed = [one for one in version._meta.fields if one.is_relation and not one.null and one.name not in given]
    return {one.attname: _fact(one.related_model.__name__, owner) for one in needed}


KIND_OF = {kind: "".join(word.capitalize() for word in kind.split("_")) for kind in FACT_KINDS}


def _full(owner: str) -> Upload:
    upload = _upload(owner)
    Upload.objects.filter(pk=upload.pk).update(is_full_list=True)
    return upload


FACTORIES = {
    "full": lambda owner: _full(owner).pk,
    "upload": lambda owner: _upload(owner).pk,
    "held": lambda owner: _held(owner).pk,
    **{kind: (lambda owner, name=name: _fact(name, owner)) for kind, name in KIND_OF.items()},
    "kind": lambda owner: "opportunity",
    "code": lambda owner: "NOTHING",
    "preview": lambda owner: "preview",
}
SEE_FACTS = "sol fin eve otto mara mona max rex ria rob"
SEE_REX = {"may": "sol fin eve otto mara rex", "hidden": "mona max ria rob"}
SEE_QUALITY = "sol fin otto"
UPLOAD, HELD = {"pk": "upload"}, {"pk": "held"}

ROWS = [
    Row(route="crm:rate_list", may="sol fin otto"),
    Row(route="crm:rate_list", verb="POST", may="sol fin"),
    Row(route="crm:rate_file", may="sol fin"),
    Row(route="crm:rate_file", verb="POST", may="sol fin"),
    Row(route="crm:rate_file_download", at={"what": "template", "form": "csv"}, may="sol fin"),
    Row(route="api_crm_rates", kind=API, may="sol fin otto"),
    Row(route="api_crm_rates", verb="POST", kind=API, may="sol fin"),
    Row(route="api_crm_rate_file", verb="POST", kind=API, may="sol fin"),
    Row(route="crm:upload_list", may=SEE_QUALITY),
    Row(route="crm:upload_new", may="sol"),
    Row(route="crm:upload_new", verb="POST", may="sol"),
    Row(route="crm:upload_detail", at=UPLOAD, may=SEE_QUALITY),
    Row(route="crm:upload_mapping", at=UPLOAD, may="sol"),
    Row(route="crm:upload_mapping", verb="POST", at=UPLOAD, may="sol"),
    Row(route="crm:upload_commit", verb="POST", at=UPLOAD, may="sol"),
    Row(route="crm:upload_undo", verb="POST", at=UPLOAD, may="sol"),
    Row(route="crm:upload_discard", verb="POST", at=UPLOAD, may="sol"),
    Row(route="crm:upload_job", at=UPLOAD | {"kind": "preview"}, may=SEE_QUALITY, done=(200, 286, 404)),
    Row(route="crm:upload_job", verb="POST", at=UPLOAD | {"kind": "preview"}, may="sol", done=(302, 404)),
    Row(route="crm:inbox", may=SEE_QUALITY),
    Row(route="crm:absent_list", at={"pk": "full"}, may=SEE_QUALITY),
    Row(route="crm:absent_list", verb="POST", at={"pk": "full"}, may="sol", done=(422,)),
    Row(route="crm:absent_export", at={"pk": "full", "form": "csv"}, may=SEE_QUALITY),
    Row(route="api_crm_absent", kind=API, may=SEE_QUALITY),
    Row(route="api_crm_absent_answer", verb="POST", kind=API, may="sol"),
    Row(route="crm:alias_accept", verb="POST", may="sol"),
    Row(route="crm:warning_rows", at={"code": "code"}, may=SEE_QUALITY, done=(200, 404)),
    Row(route="crm:warning_export", at={"code": "code", "form": "csv"}, may=SEE_QUALITY, done=(200, 404)),
    Row(route="crm:held_list", may=SEE_QUALITY),
    Row(route="crm:held_decide", verb="POST", may="sol"),
    Row(route="crm:held_upload", may="sol"),
    Row(route="crm:held_upload", verb="POST", may="sol"),
    Row(route="crm:held_download", at={"form": "csv"}, may=SEE_QUALITY),
    Row(route="crm:held_fix", at=HELD, may=SEE_QUALITY),
    Row(route="crm:held_fix", verb="POST", at=HELD, may="sol"),
    Row(route="crm:opportunity_list", may=SEE_FACTS),
    Row(route="crm:opportunity_detail", at={"pk": "opportunity"}, **SEE_REX),
    Row(route="crm:opportunity_detail", verb="POST", at={"pk": "opportunity"}, may="sol"),
    Row(route="crm:account_list", may=SEE_FACTS),
    Row(route="crm:account_detail", at={"pk": "account"}, **SEE_REX),
    Row(route="crm:product_list", may=SEE_FACTS),
    Row(route="crm:product_detail", at={"pk": "product"}, may=SEE_FACTS),
    Row(route="crm:fact_export", at={"kind": "kind", "form": "csv"}, may=SEE_FACTS, hidden="ada"),
    Row(route="api_crm_shares", verb="POST", kind=API, at={"pk": "opportunity"}, may="sol"),
    Row(route="api_crm_uploads", kind=API, may=SEE_QUALITY),
    Row(route="api_crm_uploads", verb="POST", kind=API, may="sol"),
    Row(route="api_crm_upload", kind=API, at=UPLOAD, may=SEE_QUALITY),
    Row(route="api_crm_held_list", kind=API, may=SEE_QUALITY),
    Row(route="api_crm_held", kind=API, at=HELD, may=SEE_QUALITY),
    Row(route="api_crm_aliases", kind=API, may=SEE_QUALITY),
    Row(route="api_crm_warnings", kind=API, may=SEE_QUALITY),
]
OF_ALL = ("product", "price")
ROWS += [Row(route=f"api_crm_{kind}_list", kind=API, may=SEE_FACTS) for kind in FACT_KINDS]
ROWS += [Row(route=f"api_crm_{kind}", kind=API, at={"pk": kind}, may=SEE_FACTS) for kind in OF_ALL]
ROWS += [
    Row(route=f"api_crm_{kind}", kind=API, at={"pk": kind}, **SEE_REX) for kind in FACT_KINDS if kind not in OF_ALL
]
ROWS += [
    Row(route="api_crm_upload", verb="DELETE", kind=API, at=UPLOAD, may="sol"),
    Row(route="api_crm_mapping", kind=API, at=UPLOAD, may=SEE_QUALITY),
    Row(route="api_crm_mapping", verb="PUT", kind=API, at=UPLOAD, may="sol"),
    Row(route="api_crm_preview", verb="POST", kind=API, at=UPLOAD, may="sol"),
    Row(route="api_crm_commit", verb="POST", kind=API, at=UPLOAD, may="sol"),
    Row(route="api_crm_undo", verb="POST", kind=API, at=UPLOAD, may="sol"),
    Row(route="api_crm_held", verb="PATCH", kind=API, at=HELD, may="sol"),
    Row(route="api_crm_held_release", verb="POST", kind=API, may="sol"),
    Row(route="api_crm_held_discard", verb="POST", kind=API, may="sol"),
    Row(route="api_crm_aliases", verb="POST", kind=API, may="sol"),
    Row(route="api_crm_orders_bulk", verb="POST", kind=API, may="sol"),
]
