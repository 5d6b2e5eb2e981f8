"""A request of the API that may be sent twice: with an Idempotency-Key the second one is given the answer of the first."""

import json
from collections.abc import Callable

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request, is_form_media_type
from rest_framework.response import Response

from spm.core.findings import FindingError
from spm.crm.services.idempotency import KEY_REUSED, answer_once
from spm.web.api import Conflict

HEADER = "Idempotency-Key"
LONGEST = 200


class KeyReused(Conflict):
    """The key was sent with another body before."""

    default_code = "key_reused"


def key_parameter(*, is_needed: bool) -> OpenApiParameter:
    """Give the header as the description of the API tells of it."""
    words = "The same key with the same body gives the same answer and writes once; with another body it is 409."
    return OpenApiParameter(HEADER, OpenApiTypes.STR, OpenApiParameter.HEADER, required=is_needed, description=words)


def answered_once(
    request: Request, answer: Callable[[], Response], *, action: str, is_needed: bool = False
) -> Response:
    """Give the answer; a request with the key and the body of one before gets that one's, and nothing is written."""
    key = request.headers.get(HEADER, "").strip()
    if not key and not is_needed:
        return answer()
    if not key or len(key) > LONGEST:
        raise ValidationError({HEADER: [f"Send this header, with 1 to {LONGEST} characters of your own."]})
    if is_form_media_type(request.content_type):
        raise UnsupportedMediaType(
            request.content_type, f"Send JSON with {HEADER}: a form can't be told to be the same."
        )

    def given() -> tuple[int, object]:
        first = answer()
        return first.status_code, json.loads(JSONRenderer().render(first.data))

    actor = request.viewer  # type: ignore[attr-defined]
    try:
        code, data, repeated = answer_once(
            key=key, path=request.path, body=request._request.body, action=action, actor=actor, answer=given
        )
    except FindingError as error:
        if error.finding.code != KEY_REUSED:
            raise
        raise KeyReused(f"{error.finding.what} {error.finding.fix}") from error
    return Response(data, status=code, headers={"Idempotent-Replayed": "true"} if repeated else {})
