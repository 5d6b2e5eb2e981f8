"""The frame around every page: navigation, breadcrumb, tabs, and the capture of a block's text."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from spm.web.navigation import navigation_for

register = template.Library()


@register.simple_block_tag
def capture(content: str) -> SafeString:
    """Keep what stands between under a name: `{% capture as heading %}…{% endcapture %}`."""
    return mark_safe(content.strip())


@register.filter
def may(viewer: Any, action: str) -> bool:
    """Tell whether the viewer may do the action, so that no link leads where they are refused."""
    return viewer is not None and bool(viewer.can(action))


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> SafeString:
    """List the pages that the viewer may open, the own persona's section first."""
    request = context["request"]
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return SafeString("")
    sections = navigation_for(viewer, path=request.path)
    return SafeString(render_to_string("components/navigation.html", {"sections": sections}))


@register.simple_tag
def crumb(label: str, url: str = "") -> SafeString:
    """Add a step to the breadcrumb; base.html adds the page itself."""
    inner = format_html('<a href="{}">{}</a>', url, label) if url else format_html("<span>{}</span>", label)
    return format_html("<li>{}</li>", inner)


@register.simple_block_tag
def tabs(content: str, *, label: str = "") -> SafeString:
    """Frame the tabs of a page: links to its parts."""
    return SafeString(render_to_string("components/tabs.html", {"content": content, "label": label}))


@register.simple_tag
def tab(label: str, url: str, *, active: bool = False, count: int | None = None) -> SafeString:
    """Add a tab; `count` says how many things wait behind it."""
    values = {"label": label, "url": url, "active": active, "count": count}
    return SafeString(render_to_string("components/tab.html", values))
