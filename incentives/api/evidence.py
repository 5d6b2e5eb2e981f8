"""The API of the evidence of a period: its packs, a job that makes one, and each as a ZIP."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.api.naming import period_named
from incentives.api.papers import PapersOut
from incentives.models import EvidencePack
from incentives.selectors.evidence.packs import pack_name, pack_rows, pack_zip, packs_of
from incentives.services.evidence import evidence_start


class PackOut(serializers.ModelSerializer[EvidencePack]):
    """A pack: `hash` is the SHA-256 of its manifest, which names every file with its own. Keep it outside of the pack."""

    class Meta:
        model = EvidencePack
        fields = ("id", "number", "hash", "files", "size", "made_by_name", "made_at")


class EvidenceOut(serializers.Serializer[Any]):
    """The packs of a period, latest first, and the job that makes the next one or failed to."""

    packs = PackOut(many=True, source="made")
    job = PapersOut(allow_null=True)


class EvidenceApi(GenericAPIView[EvidencePack]):
    """The packs of a period; a POST asks for another one and gives its job, or the one that is under way."""

    actions = {"GET": "pack.view", "POST": "pack.make"}
    serializer_class = EvidenceOut
    queryset = EvidencePack.objects.none()
    pagination_class = None

    @extend_schema(responses={200: EvidenceOut})
    def get(self, request: Request, pk: str) -> Response:
        period = period_named(pk)
        return Response(EvidenceOut(packs_of(request.viewer, period)).data)  # type: ignore[attr-defined]

    @extend_schema(request=None, responses={202: PapersOut})
    def post(self, request: Request, pk: str) -> Response:
        period = period_named(pk)
        job = evidence_start(period_id=period.pk, actor=request.viewer)  # type: ignore[attr-defined]
        return Response(PapersOut(job).data, status=status.HTTP_202_ACCEPTED)


class EvidenceZipApi(GenericAPIView[EvidencePack]):
    """One pack as a ZIP, with the script that verifies it."""

    actions = {"GET": "pack.view"}
    queryset = EvidencePack.objects.none()

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        pack = get_object_or_404(pack_rows(request.viewer), pk=pk)  # type: ignore[attr-defined]
        return FileResponse(pack_zip(pack), as_attachment=True, filename=pack_name(pack))
