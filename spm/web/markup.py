"""Text that members write, as HTML: headings, lists, tables and links of CommonMark. Raw HTML is shown, not run; pictures are left out."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def markup_shown(text: str) -> SafeString:
    """Give a text as HTML; its headings begin below the page's own."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        for part in token.children or ():
            if part.type == "link_open":
                if str(part.attrs.get("href", "")).startswith(("https://", "http://")):
                    part.attrSet("rel", "noopener noreferrer")
                else:
                    part.attrs.pop("href", None)
    return mark_safe(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S308  # the renderer escapes raw HTML
