"""Sets a paper as PDF/UA-1: tagged, titled, in its language, with the fonts that come with the setter and no others.

The same paper gives the same bytes: nothing of the clock, the machine or its fonts goes in. A letter that no font has would be an
empty box to a reader and nothing to a screen reader, so it is written by its code and the paper says so.
"""

import json
from functools import cache
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import gettext

from incentives.selectors.papers.blocks import Paper, note

TEMPLATE = settings.BASE_DIR / "templates" / "papers" / "paper.typ"
_ONE_LETTER = """#set document(title: "-", date: none)
#set text(font: ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono"))
#sys.inputs.letter"""


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def paper_set(paper: Paper) -> bytes:
    """Give the paper as a PDF file."""
    data = paper.as_data()
    missing = _missing(data)
    if missing:
        warned = note(
            gettext("Some letters are written by their code"),
            gettext("The fonts of this paper have no letters for: %(codes)s. The product shows them.")
            % {"codes": ", ".join(sorted(missing.values()))},
        )
        data = _written(data | {"blocks": [*data["blocks"], warned]}, missing)
    return _set(_template(), {"paper": json.dumps(data, ensure_ascii=False)})


def _set(source: bytes, inputs: dict[str, str]) -> bytes:
    found = typst.compile(source, sys_inputs=inputs, ignore_system_fonts=True, pdf_standards=["ua-1"], timestamp=0)
    assert isinstance(found, bytes)
    return found


def _missing(data: dict[str, Any]) -> dict[str, str]:
    """The letters of the paper that no font has, each with its code."""
    letters = {letter for letter in json.dumps(data, ensure_ascii=False) if ord(letter) > 0x17F}
    return {letter: f"U+{ord(letter):04X}" for letter in letters if not _is_drawn(letter)}


@cache
def _is_drawn(letter: str) -> bool:
    try:
        _set(_ONE_LETTER.encode(), {"letter": letter})
    except typst.TypstError:
        return False
    return True


def _written(value: Any, missing: dict[str, str]) -> Any:
    if isinstance(value, str):
        return "".join(f"[{missing[letter]}]" if letter in missing else letter for letter in value)
    if isinstance(value, dict):
        return {key: _written(each, missing) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(each, missing) for each in value]
    return value
