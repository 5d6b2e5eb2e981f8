"""The guides of docs/ as pages: the same files that are read in the repository. Raw HTML in them is shown, not run.

A link to another guide becomes a link inside the product, a link to a file outside docs/ becomes plain text, and pictures come from
static/ (`../static/guide/…`). This module knows no rights: guides are the same for everybody, also before sign-in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(settings.BASE_DIR) / "docs"
START = "index"
ORDER = (
    "rep",
    "statement",
    "manager",
    "sales-operations",
    "import",
    "plan-language",
    "finance",
    "security",
    "operator",
    "developer",
    "api",
)
"""The guides in the order of their readers; a guide that is not named here comes last."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_GUIDE_LINK = re.compile(r"^([a-z0-9-]+)\.md(#[\w-]+)?$")
_STATIC = "../static/"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that can be linked to."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide ready to be shown; `html` leaves out the title, which the page shows itself."""

    name: str
    title: str
    html: SafeString
    headings: tuple[Heading, ...]

    @property
    def sections(self) -> tuple[Heading, ...]:
        """The headings of the first level below the title."""
        return tuple(heading for heading in self.headings if heading.level == 2)


def guide_names() -> list[str]:
    """Give the names of all guides in reading order, the start first."""
    places = {name: place for place, name in enumerate((START, *ORDER))}
    return sorted((path.stem for path in FOLDER.glob("*.md")), key=lambda name: (places.get(name, len(places)), name))


def guide_url(name: str, anchor: str = "") -> str:
    """Give the address of a guide inside the product; `anchor` comes with its #."""
    return (reverse("help") if name == START else reverse("help_guide", args=[name])) + anchor


def guide_get(name: str) -> Guide | None:
    """Give a guide, or None when there is none of that name. Read again only when its file has changed."""
    path = FOLDER / f"{name}.md"
    return _rendered(path, path.stat().st_mtime_ns) if name in guide_names() else None


@lru_cache(maxsize=64)
def _rendered(path: Path, changed: int) -> Guide:
    tokens = _MARKDOWN.parse(path.read_text(encoding="utf-8"))
    headings = tuple(_anchored(tokens))
    title = headings[0].text if headings and headings[0].level == 1 else path.stem
    body = tokens[3:] if headings and headings[0].level == 1 else tokens
    for token in _flat(body):
        _adapt(token)
    html = _MARKDOWN.renderer.render(_framed(body, title), _MARKDOWN.options, {})
    return Guide(path.stem, title, mark_safe(html), headings)  # noqa: S308  # the renderer escapes raw HTML


def _anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give every heading the anchor that code hosts give it, numbered where a text comes twice."""
    seen: dict[str, int] = {}
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open":
            text = _text(inline)
            slug = slugify(text)
            seen[slug] = seen.get(slug, 0) + 1
            anchor = slug if seen[slug] == 1 else f"{slug}-{seen[slug] - 1}"
            opening.attrSet("id", anchor)
            yield Heading(int(opening.tag[1]), text, anchor)


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _adapt(token: Token) -> None:
    if token.type == "link_open":
        _adapt_link(token)
    elif token.type == "image":
        source = str(token.attrs["src"])
        token.attrSet("src", static(source.removeprefix(_STATIC)) if source.startswith(_STATIC) else "")
        token.attrSet("loading", "lazy")
    elif token.type == "table_open":
        token.attrSet("class", "sheet")
    elif token.type in ("td_open", "th_open") and token.attrs.pop("style", None) == "text-align:right":
        token.attrSet("class", "num")


def _adapt_link(token: Token) -> None:
    address = str(token.attrs["href"])
    guide = _GUIDE_LINK.match(address)
    if guide:
        token.attrSet("href", guide_url(guide[1], guide[2] or ""))
    elif address.startswith(("https://", "http://")):
        token.attrSet("rel", "noopener noreferrer")
    elif not address.startswith("#"):
        del token.attrs["href"]


def _framed(tokens: Sequence[Token], title: str) -> list[Token]:
    """Put tables into frames that scroll by themselves, each with a caption of its own for those who can't see where it stands."""
    framed, heading, count = [], title, 0
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            heading, count = _text(tokens[place + 1]), 0
        if token.type == "table_open":
            count += 1
            caption = f"{heading} ({count})" if count > 1 else heading
            framed += [_tag("div", 1, **{"class": "table-frame", "data-table-frame": ""}), token]
            framed += [_tag("caption", 1, **{"class": "visually-hidden"}), Token("text", "", 0, content=caption)]
            framed += [_tag("caption", -1)]
        elif token.type == "table_close":
            framed += [token, _tag("div", -1)]
        else:
            framed.append(token)
    return framed


def _text(inline: Token) -> str:
    return "".join(part.content for part in inline.children or () if part.type in ("text", "code_inline"))


def _tag(name: str, nesting: Literal[1, -1], **attributes: str) -> Token:
    return Token(f"{name}_{'open' if nesting > 0 else 'close'}", name, nesting, attrs=dict(attributes), block=True)
