"""From text to a raw tree: the grammar, the bounds that a text must keep before it is parsed, and errors with their place.

LALR with actions at every reduction: no recursion over the text. What can't be read is a `Problem`, never an exception.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from incentives.engine.language.tree import Raw, Span
from incentives.engine.typed import grouped_at, percent_at

LONGEST = 1_000
"""Characters of one formula; longer ones are better written as several components."""

DEEPEST = 40
"""How deep brackets and functions may nest."""

GRAMMAR = r"""
?start: either
?either: both (OR both)*                        -> either
?both: negated (AND negated)*                   -> both
?negated: NOT negated                           -> negation
        | compared
?compared: added (COMPARE added)?               -> comparison
         | added IN LPAR arguments RPAR              -> membership
         | added NOT IN LPAR arguments RPAR          -> membership
arguments: either (COMMA either)*
?added: times ((PLUS | MINUS) times)*           -> addition
?times: signed ((STAR | SLASH) signed)*         -> multiplication
?signed: MINUS signed                           -> minus
       | PLUS signed                            -> plus
       | atom
?atom: NUMBER                                   -> literal
     | PERCENT                                  -> literal
     | MONEY                                    -> literal
     | DATE                                     -> literal
     | TEXT                                     -> literal
     | YES                                      -> literal
     | NO                                       -> literal
     | NAME                                     -> name
     | QUOTED                                   -> name
     | called
     | LPAR either RPAR                         -> bracket
called: (NAME | AND | OR) LPAR [arguments] RPAR      -> call

OR.2: /or\b/i
AND.2: /and\b/i
NOT.2: /not\b/i
IN.2: /in\b/i
YES.2: /(yes|true)\b/i
NO.2: /(no|false)\b/i
COMPARE: "<=" | ">=" | "<>" | "!=" | "=" | "<" | ">"
PLUS: "+"
MINUS: "-"
STAR: "*"
SLASH: "/"
LPAR: "("
RPAR: ")"
COMMA: ","
DATE.4: /\d{4}-\d{2}-\d{2}(?!\d)/
MONEY.3: /(\d{1,3}(,\d{3})+|\d+)(\.\d+)?\s*(?!AND\b|NOT\b)[A-Z]{3}\b/
PERCENT.3: /(\d+(\.\d+)?|\.\d+)\s*%/
NUMBER.2: /(\d{1,3}(,\d{3})+(?!\d)|\d+)(\.\d+)?|\.\d+/
TEXT: /'(?:[^'\n]|'')*'|"(?:[^"\n]|"")*"/
QUOTED: /\[[^\[\]\n(){}'\"<>=*;:%$@!|&^~`?\\]{1,80}\]/
NAME: /[A-Za-z_][A-Za-z0-9_]*/
%ignore /\s+/
"""

MEANT = {
    "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "≥": ">=", "≤": "<=", "≠": "<>", "‘": "'", "’": "'", "“": '"',
    "”": '"', "„": '"', "%": "5 %, a number and then %", "&": "AND", "|": "OR", "^": "a multiplication", "!": "NOT",
    "`": "'", "{": "(", "}": ")", "[": "[name]", "]": "[name]", "$": "100 USD", "€": "100 EUR", "£": "100 GBP", "=": "=",
    "'": "'text', with both quotes", '"': "'text', with both quotes", ":": "=",
    "?": "IF(condition, then, otherwise)",
}  # fmt: skip
"""What somebody who typed this sign probably means."""

_COMMA = "Write a comma in its place, as in MIN(measure, 100), and decimals with a point, as in 0.05."

EXPECTED = {"RPAR": "a closing bracket", "NAME": "a value", "LPAR": "an opening bracket", "$END": "the end"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a piece of a formula: the place, a sentence, a way to correct it."""

    code: str
    span: Span
    what: str
    fix: str


class _Builder(Transformer):
    """Makes raw nodes while the text is parsed; its methods are called by the names of the grammar's aliases."""

    def literal(self, children: list[Any]) -> Raw:
        token = children[0]
        return Raw(token.type, _span(token), value=str(token))

    def name(self, children: list[Any]) -> Raw:
        token = children[0]
        text = str(token)
        return Raw("NAME", _span(token), value=text[1:-1].strip() if token.type == "QUOTED" else text)

    def bracket(self, children: list[Any]) -> Raw:
        first, inner, last = children
        return Raw(inner.what, (first.start_pos, last.end_pos), inner.parts, inner.value, inner.depth + 1)

    def arguments(self, children: list[Any]) -> list[Raw]:
        return [child for child in children if isinstance(child, Raw)]

    def call(self, children: list[Any]) -> Raw:
        name, last = children[0], children[-1]
        parts = next((child for child in children if isinstance(child, list)), [])
        return _raw("CALL", (name.start_pos, last.end_pos), parts, str(name))

    def either(self, children: list[Any]) -> Raw:
        return _chain("OR", children)

    def both(self, children: list[Any]) -> Raw:
        return _chain("AND", children)

    def negation(self, children: list[Any]) -> Raw:
        return _raw("NOT", (children[0].start_pos, children[1].span[1]), [children[1]])

    def comparison(self, children: list[Any]) -> Raw:
        if len(children) == 1:
            return children[0]
        left, sign, right = children
        return _raw("COMPARE", (left.span[0], right.span[1]), [left, right], "<>" if sign == "!=" else str(sign))

    def membership(self, children: list[Any]) -> Raw:
        listed = next(child for child in children if isinstance(child, list))
        negated = any(isinstance(child, Token) and child.type == "NOT" for child in children)
        raw = _raw("IN", (children[0].span[0], children[-1].end_pos), [children[0], *listed])
        return _raw("NOT", raw.span, [raw]) if negated else raw

    def addition(self, children: list[Any]) -> Raw:
        return _signed("ADD", children)

    def multiplication(self, children: list[Any]) -> Raw:
        return _signed("MULTIPLY", children)

    def minus(self, children: list[Any]) -> Raw:
        return _raw("MINUS", (children[0].start_pos, children[1].span[1]), [children[1]])

    def plus(self, children: list[Any]) -> Raw:
        return _raw("PLUS", (children[0].start_pos, children[1].span[1]), [children[1]])


def _span(token: Token) -> Span:
    return int(token.start_pos or 0), int(token.end_pos or 0)


def _raw(what: str, span: Span, parts: list[Raw], value: str = "") -> Raw:
    return Raw(what, span, tuple(parts), value, 1 + max((part.depth for part in parts), default=0))


def _chain(what: str, children: list[Any]) -> Raw:
    parts = [child for child in children if isinstance(child, Raw)]
    return parts[0] if len(parts) == 1 else _raw(what, (parts[0].span[0], parts[-1].span[1]), parts)


def _signed(what: str, children: list[Any]) -> Raw:
    """A chain of + and - or of * and /, flat; `value` holds the sign before each part."""
    parts = [child for child in children if isinstance(child, Raw)]
    if len(parts) == 1:
        return parts[0]
    signs = "".join(str(child) for child in children if isinstance(child, Token))
    return _raw(what, (parts[0].span[0], parts[-1].span[1]), parts, signs)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)


def parse(text: str) -> Raw | Problem:
    """The raw tree of a formula, or the first problem that keeps it from being read."""
    problem = _bounded(text)
    if problem is not None:
        return problem
    try:
        raw: Any = _parser().parse(text)
    except UnexpectedCharacters as error:
        return _strange(text, int(error.pos_in_stream or 0))
    except UnexpectedToken as error:
        return _misplaced(text, error)
    assert isinstance(raw, Raw)
    if raw.depth > DEEPEST:
        return Problem("FORMULA_TOO_DEEP", raw.span, f"It nests more than {DEEPEST} levels.", _SIMPLER)
    return raw


_SIMPLER = "Split it into several components or measures, or use a table."


def _bounded(text: str) -> Problem | None:
    """Length, depth and grouped digits are looked at before anything is parsed."""
    if not text.strip():
        return Problem("FORMULA_EMPTY", (0, len(text)), "The formula is empty.", "Write for example: amount * 5 %")
    if len(text) > LONGEST:
        what = f"The formula has {len(text):,} characters; at most {LONGEST:,} are read."
        return Problem("FORMULA_TOO_LONG", (LONGEST, len(text)), what, _SIMPLER)
    return _nested(text)


def _nested(text: str) -> Problem | None:
    """How deep brackets go outside quotes."""
    depth, quote = 0, ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        if depth > DEEPEST:
            return Problem("FORMULA_TOO_DEEP", (place, place + 1), f"More than {DEEPEST} brackets nest.", _SIMPLER)
    return None


def _strange(text: str, place: int) -> Problem:
    letter = text[place]
    shown = letter if letter.isprintable() else f"U+{ord(letter):04X}"
    if letter == ";":
        what = "“;” separates nothing here: values in brackets are separated by commas, in every language."
        return Problem("FORMULA_SIGN", (place, place + 1), what, _COMMA)
    if ord(letter) < 128 or letter in MEANT:
        fix = f"Write {MEANT[letter]}." if letter in MEANT else "Leave it out."
        amount = re.match(r"[$€£]\s*(\d[\d,]*(?:\.\d+)?)", text[place:])
        if amount is not None:
            fix = f"Write {amount[1].replace(',', '')} {MEANT[letter][-3:]}."
        if (number := percent_at(text, place) or grouped_at(text, place)) is not None:
            fix = f"Write {number}."
        if text[place : place + 2] in ("==", "**"):
            fix = f"Write {letter}."
        return Problem("FORMULA_SIGN", (place, place + 1), f"“{shown}” has no meaning here.", fix)
    named = unicodedata.name(letter, f"U+{ord(letter):04X}")
    plain = unicodedata.normalize("NFKD", letter)[:1]
    fix = "Names with other letters stand in square brackets: [name]."
    if plain.isascii() and plain.isalnum():
        fix = f"Type {plain} instead, or put the name in square brackets."
    return Problem("FORMULA_SIGN", (place, place + 1), f"“{shown}” is {named}, which is no sign of the language.", fix)


def _misplaced(text: str, error: UnexpectedToken) -> Problem:
    token, expected = error.token, set(error.expected)
    value_next = "NUMBER" in expected
    if token.type == "$END":
        end = len(text.rstrip())
        wanted = "A value is missing" if value_next else "A closing bracket is missing"
        fix = "Write what comes after the last sign." if value_next else "Add )."
        return Problem("FORMULA_UNFINISHED", (max(end - 1, 0), end), f"{wanted} at the end.", fix)
    span, piece = _span(token), str(token)
    what = f"“{piece}” is not expected here."
    return Problem("FORMULA_SYNTAX", span, what, _correction(text, token, value_next=value_next))


def _correction(text: str, token: Token, *, value_next: bool) -> str:
    """What to write instead of a piece that does not belong where it stands."""
    place = token.start_pos or 0
    if (
        token.type in ("NUMBER", "PERCENT")
        and (number := percent_at(text, place) or grouped_at(text, place)) is not None
    ):
        return f"Write {number}."
    before = text[: token.start_pos].rstrip()[-1:]
    if token.type == "COMPARE" and before and before in "=<>!":
        return "Write one sign: =, <>, <, <=, > or >=."
    if token.type == "COMPARE" and not value_next:
        return "Compare two values at a time and join with AND: a > 1 AND a < 5."
    if token.type == "RPAR":
        return "Add a value before it." if value_next else "Remove it, or open a bracket before it."
    if token.type == "COMMA":
        return "A comma separates the arguments of a function; write 1234.56 with a point."
    if value_next:
        return "A value belongs here: a name, a number, a text in quotes or a function."
    return "Put an operator before it (+ - * / = AND OR), or remove it."
