"""The guides say what is true: links, commands, variables and addresses that they name exist."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from spm.settings import ENVIRONMENT
from spm.web.guides import guide_get

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
SERVERS = {"POSTGRES_PASSWORD", "SPM_OWNER_PASSWORD", "SPM_APP_PASSWORD", "REDIS_PASSWORD"}
"""Read by docker-compose.yml only."""

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`")
PLACE = "00000000-0000-0000-0000-000000000000"


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    """The text without its code blocks."""
    return re.sub(r"^```.*?^```", "", text_of(name), flags=re.MULTILINE | re.DOTALL)


def blocks_of(name: str) -> list[str]:
    """The code blocks, with continued lines joined."""
    return [
        block.replace("\\\n", " ")
        for block in re.findall(r"^```[^\n]*\n(.*?)^```", text_of(name), flags=re.MULTILINE | re.DOTALL)
    ]


def commands_of(name: str) -> Iterator[list[str]]:
    """The words after `manage.py` wherever a page names a command, in prose or in a block."""
    for line in [*re.findall(r"`([^`\n]+)`", prose_of(name)), *"\n".join(blocks_of(name)).splitlines()]:
        found = re.search(r"(?:manage\.py|spm\.embedded manage)\s+(\w.*)", line)
        if found:
            yield found[1].partition("#")[0].split()


@dataclass(frozen=True)
class Curl:
    """A curl line of a page, with its variables as they are written."""

    page: str
    words: tuple[str, ...]

    @property
    def path(self) -> str:
        address = next(word for word in self.words if word.startswith(("$SITE", "http")))
        return re.sub(r"^(\$SITE|https?://[^/]+)", "", address)

    @property
    def verb(self) -> str:
        if "-X" in self.words:
            return self.words[self.words.index("-X") + 1]
        return "POST" if {"--data", "-F"} & set(self.words) else "GET"

    def values(self, option: str) -> list[str]:
        """What follows each use of an option."""
        return [after for word, after in pairwise(self.words) if word == option]


def curls_of(name: str) -> list[Curl]:
    """The curl lines of a page; a body may go over several lines."""
    lines = re.findall(r"^curl .*(?:\n(?!curl |\w).*)*", "\n".join(blocks_of(name)), flags=re.MULTILINE)
    return [Curl(name, tuple(shlex.split(line))) for line in lines]


def filled(text: str, identity: str = PLACE) -> str:
    """The text with an id in the place of its variables."""
    return re.sub(r"\$(ID|POSITION|PERIOD|PLAN|VERSION|PARTICIPANT|COST)\b", identity, text)


CURLS = [curl for name in NAMES for curl in curls_of(name)]


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_to_a_file_and_a_section(name: str) -> None:
    broken = []
    for address in LINK.findall(prose_of(name)):
        if address.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = address.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(address)
    assert broken == []


def anchors_of(path: Path) -> set[str]:
    """The anchors of a guide, or of another Markdown file as code hosts make them."""
    guide = guide_get(path.stem) if path.parent.name == "docs" else None
    if guide is not None:
        return {heading.anchor for heading in guide.headings}
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_exists(name: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), flags=re.MULTILINE))
    code = [*re.findall(r"`([^`\n]+)`", prose_of(name)), *"\n".join(blocks_of(name)).splitlines()]
    named = {found[1] for line in code if (found := re.match(r"\s*make ([\w-]+)", line))}
    assert named - targets == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_command_and_its_options_exist(name: str) -> None:
    known = get_commands()
    unknown = []
    for words in commands_of(name):
        if words[0] not in known:
            unknown.append(words[0])
            continue
        parser = load_command_class(str(known[words[0]]), words[0]).create_parser("manage.py", words[0])
        options = {word.partition("=")[0] for word in words[1:] if word.startswith("--")}
        unknown += [f"{words[0]} {option}" for option in options - set(parser._option_string_actions)]
    assert unknown == []


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_named_is_one_that_something_reads(name: str) -> None:
    read_by_tests = {"SPM_SHARED", *re.findall(r"SPM_TEST_\w+|SPM_JOURNEY_\w+", text_of("tests/servers.py"))}
    named = {
        word
        for word in VARIABLE.findall(text_of(name))
        if word.startswith("SPM_") or word.endswith(("_URL", "_KEY", "_TOKEN", "_HOSTS"))
    }
    assert named - set(ENVIRONMENT) - SERVERS - read_by_tests == set()


def test_the_operators_guide_names_every_variable() -> None:
    text = text_of("docs/operator.md")
    assert {name for name in ENVIRONMENT if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("curl", CURLS, ids=lambda curl: f"{curl.page} {curl.verb} {curl.path}")
def test_every_curl_line_asks_for_an_address_and_a_verb_that_are_there(curl: Curl) -> None:
    try:
        view = resolve(filled(curl.path).partition("?")[0]).func
    except Resolver404:
        pytest.fail(f"Nothing answers at {curl.path}.")
    allowed = getattr(getattr(view, "cls", getattr(view, "view_class", None)), "actions", {})
    assert curl.verb in allowed, f"{curl.path} does not take {curl.verb}, only {', '.join(allowed)}."


@pytest.mark.parametrize("curl", CURLS, ids=lambda curl: f"{curl.page} {curl.verb} {curl.path}")
def test_every_body_of_a_curl_line_is_json(curl: Curl) -> None:
    for body in curl.values("--data"):
        assert body.startswith("@") or isinstance(json.loads(filled(body)), dict)


GETS = sorted({curl.path for curl in CURLS if curl.verb == "GET" and "$" not in curl.path})


@pytest.mark.django_db
@pytest.mark.parametrize("path", GETS)
def test_every_question_of_the_guides_is_answered(path: str, sign_in: Any) -> None:
    assert sign_in("fin").get(path).status_code == 200


@pytest.mark.django_db
def test_the_steps_of_the_readme_import_a_file_by_api(sign_in: Any) -> None:
    client, upload, mapping, state = sign_in("sol"), "", {}, ""
    for curl in curls_of("README.md"):
        path = filled(curl.path, upload)
        if curl.values("-F"):
            fields = dict(field.split("=", 1) for field in curl.values("-F"))
            file = SimpleUploadedFile(fields.pop("file").removeprefix("@"), b"account,sector\nKan-code,software\n")
            answer = client.post(path, {**fields, "file": file})
            upload = answer.json()["id"]
        else:
            body = mapping if "@mapping.json" in curl.values("--data") else {}
            answer = client.generic(curl.verb, path, json.dumps(body), content_type="application/json")
        mapping = answer.json() if "mapping.json" in curl.values("-o") else mapping
        state = answer.json().get("state", "") if "/commit/" in path else state
        assert answer.status_code in (200, 201, 202), answer.content
    assert state == "committed"


def test_the_guides_have_questions_to_ask() -> None:
    assert len(GETS) > 5


@pytest.mark.parametrize("name", NAMES)
def test_no_page_is_written_in_html(name: str) -> None:
    assert re.findall(r"<(?!https?://)/?[a-z][^>\n]*>", re.sub(r"`[^`\n]*`", "", prose_of(name))) == []


def test_every_guide_is_linked_from_the_readme_or_the_overview() -> None:
    linked = set(re.findall(r"\(docs/([\w-]+)\.md", text_of("README.md")))
    linked |= set(re.findall(r"\(([\w-]+)\.md", text_of("docs/index.md"))) | {"index"}
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} - linked == set()
