"""The API's description as OpenAPI, and a page to read and try it, served from here without inline script."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from spm.web.api import ActionPermission, ScopeAuthentication


@lru_cache(maxsize=8)
def _written(make: Callable[[], BaseRenderer], language: str | None) -> bytes:
    """The description as a file. It is the same for everybody and takes seconds to make, so each process makes it once."""
    renderer = make()
    text: str | bytes = renderer.render(SchemaGenerator().get_schema(public=True), renderer.media_type, {})
    return text if isinstance(text, bytes) else text.encode()


class SchemaView(SpectacularAPIView):
    """The description for programs; whoever may sign in may read it."""

    actions = {"GET": "home.view"}
    permission_classes = (ActionPermission,)
    authentication_classes = (ScopeAuthentication,)

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give the description."""
        return super().get(request, *args, **kwargs)

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer: BaseRenderer = request.accepted_renderer
        make: Callable[[], BaseRenderer] = type(renderer)
        kind = f"{renderer.media_type}; charset={renderer.charset}" if renderer.charset else renderer.media_type
        answer = HttpResponse(_written(make, get_language()), content_type=kind)
        answer["Content-Disposition"] = f'inline; filename="{self._get_filename(request, None)}"'
        return answer


class DocsView(SpectacularSwaggerSplitView):
    """The description for people."""

    actions = {"GET": "home.view"}
    permission_classes = (ActionPermission,)
    authentication_classes = (ScopeAuthentication,)
    template_name = "identity/api_docs.html"
    url_name = "api_schema"


class NamedComponents(OpenApiSerializerExtension):
    """Names each component after its module too, so that two modules may each have an `EntryOut`."""

    target_class = Serializer
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str | None:
        """Give a name such as IncentivesEntryOut."""
        kind = self.target if isinstance(self.target, type) else type(self.target)
        places = [part for part in kind.__module__.split(".") if part not in ("spm", "web", "endpoints", "api")]
        return f"{places[0].capitalize()}{kind.__name__}" if places else None

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """Describe the serializer as it would be anyway."""
        return auto_schema._map_serializer(self.target, direction, bypass_extensions=True)


class ScopeScheme(OpenApiAuthenticationExtension):
    """The two ways in: a token, or the session of the pages."""

    target_class = "spm.web.api.ScopeAuthentication"
    name = ["token", "session"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        """Describe them."""
        return [
            {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Token …`, made under API tokens.",
            },
            {"type": "apiKey", "in": "cookie", "name": "session", "description": "Signed in to the pages."},
        ]
