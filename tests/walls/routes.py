"""What the URL configuration answers to: every route, and the verbs its view declares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

REDIRECTS = {
    f"admin/{table}/<path:object_id>/"
    for table in ("identity/user", "identity/staffentry", "tenancy/organisation", "audit/platformentry")
}
REDIRECTS |= {"admin/(?P<url>.*)$"}
"""Old addresses of the admin, without a name: they lead to the ones with a row, or are 404."""


@dataclass(frozen=True)
class Route:
    """An address by name, its pattern, the verbs that need a row, and the right that its view declares for each."""

    name: str
    pattern: str
    verbs: tuple[str, ...]
    rights: Mapping[str, str] = field(default_factory=dict)


def routes() -> list[Route]:
    """Give every route of the installation."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def api_views() -> Iterator[tuple[str, Any]]:
    """Give the pattern and the class of each view of the API."""
    return ((pattern, view) for pattern, view in _views(get_resolver().url_patterns, "") if pattern.startswith("api/"))


def _views(patterns: list[Any], before: str) -> Iterator[tuple[str, Any]]:
    for one in patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _views(one.url_patterns, pattern)
        elif isinstance(one, URLPattern):
            yield from [(pattern, view)] if (view := _view(one)) else []


def _walk(patterns: list[Any], space: str, before: str) -> Iterator[Route]:
    for one in patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, ":".join(part for part in (space, one.namespace) if part), pattern)
        elif isinstance(one, URLPattern) and pattern not in REDIRECTS:
            name = f"{space}:{one.name}" if space and one.name else one.name or ""
            actions = getattr(_view(one), "actions", None)
            rights = actions if isinstance(actions, dict) else {}
            yield Route(name, pattern, tuple(_verbs(_view(one))), rights)


def _view(one: URLPattern) -> Any:
    return getattr(one.callback, "view_class", getattr(one.callback, "cls", None))


def _verbs(view: Any) -> list[str]:
    actions = getattr(view, "actions", None)
    if actions is None and view is None:
        return ["GET", "POST"]
    if isinstance(actions, dict) and actions:
        return sorted(actions)
    allowed = [verb.upper() for verb in getattr(view, "http_method_names", ["get", "post"])]
    return [verb for verb in ("GET", "POST") if verb in allowed and hasattr(view, verb.lower())]
