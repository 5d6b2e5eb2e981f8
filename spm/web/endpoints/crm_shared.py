"""What the endpoints of facts share: a refusal of intake keeps its code, fix and place."""

from typing import Any

from django.db import transaction
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from spm.core.findings import FindingError
from spm.crm.services.findings import MappingError
from spm.roles.policy import Viewer
from spm.web.errors import error_body
from spm.web.findings import findings_data

CONFLICTS = (
    "NOT_COMMITTED",
    "NOT_MAPPED",
    "NOT_PREVIEWED",
    "UPLOAD_CLOSED",
    "CHANGED_LATER",
    "REFERRED_TO",
    "PEOPLE_STAY",
    "NOT_HELD",
    "NOT_ASKED",
)


class IntakeView(APIView):
    """Base of the endpoints that change facts. A refused change is 409 where the state forbids it, 422 where the content does."""

    request: Request

    @property
    def viewer(self) -> Viewer:
        """Give who asks."""
        return self.request.viewer  # type: ignore[attr-defined]

    def handle_exception(self, exc: Exception) -> Response:
        """Give a finding in the one shape of errors, with nothing written."""
        if not isinstance(exc, FindingError):
            return super().handle_exception(exc)
        transaction.set_rollback(True)
        self.request._request.scope_failed = True  # type: ignore[attr-defined]
        finding = exc.finding
        findings = exc.findings if isinstance(exc, MappingError) else (finding,)
        where = findings_data(findings)
        code = status.HTTP_409_CONFLICT if finding.code in CONFLICTS else status.HTTP_422_UNPROCESSABLE_ENTITY
        message = " ".join(part for part in (finding.what, finding.why) if part)
        return Response(error_body(finding.code.lower(), message, fix=finding.fix, where=where), status=code)


class ErrorOut(serializers.Serializer[Any]):
    """The one shape of errors."""

    code = serializers.CharField()
    message = serializers.CharField()
    fix = serializers.CharField()
    where = serializers.JSONField(allow_null=True)
