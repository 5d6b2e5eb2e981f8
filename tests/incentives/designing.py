"""What a browser would post from the designer: every field of the cards as the page shows it."""

import dataclasses
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from incentives.forms.designer.cards import cards_of
from incentives.forms.designer.parts import Condition, Field


def posted(document: dict[str, Any]) -> dict[str, str]:
    """Give the untouched form of a document; newlines come back as a browser sends them."""
    cards = cards_of(document, is_new=True)
    fields = {"document": json.dumps(document)}
    fields |= {field.name: field.value.replace("\n", "\r\n") for field in _fields(cards)}
    return fields | {f"yaml:{each.path}": each.text.replace("\n", "\r\n") for each in (*cards.examples, *cards.tables)}


def _fields(value: Any) -> Iterator[Field]:
    if isinstance(value, Field):
        yield value
    elif dataclasses.is_dataclass(value):
        if isinstance(value, Condition) and value.text is None:
            yield Field(f"rows:{value.path}", "", str(value.count))
        for each in dataclasses.fields(value):
            yield from _fields(getattr(value, each.name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _fields(each)


class _Fields(HTMLParser):
    """The fields of one form and of a text area, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._is_inside = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_inside |= tag == "form" and given.get("id") == "designer"
        name = given.get("name", "") if self._is_inside else ""
        if tag == "input" and name:
            self.found[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "textarea" and name:
            self._area, self.found[name] = name, ""
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.found):
            self.found[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        self._is_inside &= tag != "form"
        self._select = "" if tag == "select" else self._select
        if tag == "textarea" and self._area:
            self.found[self._area] = self.found[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data


def fields_of(page: str) -> dict[str, str]:
    """Give what a browser would post from a page of the designer, besides the token."""
    parser = _Fields()
    parser.feed(page)
    return {name: value for name, value in parser.found.items() if name != "csrfmiddlewaretoken"}
