"""Says what people are able to and what accounts ask for, one by one and in files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from planning.engine.rules import TEXTS
from planning.models import SkillNeed
from planning.selectors.skills import need_list, skill_list
from spm.crm.exports import Cell
from spm.crm.feeds.values import ValueType
from spm.crm.row_files import FROM, PERSON, UNTIL, Change, Meant, RowColumn, RowFile, Values, timeline_put
from spm.people.models import Participant, ParticipantSkill, SkillKind
from spm.people.naming import person_names
from spm.people.services import timeline_set
from spm.roles.policy import Viewer, require

LONGEST = {"name": 100, "value": 200}


@transaction.atomic
def skill_give(
    *, participant_id: UUID, kind: str, name: str, start: date, actor: Viewer, until: date | None = None
) -> ParticipantSkill:
    """Say that somebody has a skill on [start, until)."""
    require(actor, "balance.edit")
    person = Participant.objects.get(pk=participant_id)
    key = _spelled(person.pk, _kind(kind), _text("name", name))
    with _said_once():
        return timeline_set(ParticipantSkill, key=key, values={}, start=start, until=until)


@transaction.atomic
def skill_end(*, skill_id: UUID, actor: Viewer) -> None:
    """End a skill today; one that begins today or later is removed, one that has ended stays as it is."""
    require(actor, "balance.edit")
    skill = ParticipantSkill.objects.select_for_update().get(pk=skill_id)
    if skill.during.lower >= actor.on:
        skill.delete()
    elif skill.during.upper is None or skill.during.upper > actor.on:
        skill.during = DateRange(skill.during.lower, actor.on)
        skill.save(update_fields=["during"])


@transaction.atomic
def need_set(*, kind: str, name: str, field: str, value: str, actor: Viewer, is_required: bool = False) -> SkillNeed:
    """Say that accounts whose field is a value ask for a skill, or require it; said again it is changed."""
    require(actor, "balance.edit")
    return _need_put(kind, name, field, value, is_required)[0]


@transaction.atomic
def need_remove(*, need_id: UUID, actor: Viewer) -> None:
    """Let accounts ask for a skill no more."""
    require(actor, "balance.edit")
    SkillNeed.objects.select_for_update().get(pk=need_id).delete()


def _need_put(kind: str, name: str, field: str, value: str, is_required: bool) -> tuple[SkillNeed, Change]:
    if field not in TEXTS:
        raise ValidationError({"field": f"Accounts have no field “{field}” to ask. There are: {', '.join(TEXTS)}."})
    key = {"kind": _kind(kind), "name": _text("name", name), "field": field, "value": _text("value", value)}
    asked = SkillNeed.objects.select_for_update().filter(kind=key["kind"], field=field)
    found = asked.filter(name__iexact=key["name"], value__iexact=key["value"]).first()
    if found is None:
        with _said_once():
            return SkillNeed.objects.create(**key, is_required=is_required), Change.CREATED
    if found.is_required == is_required:
        return found, Change.UNCHANGED
    found.is_required = is_required
    found.save(update_fields=["is_required"])
    return found, Change.UPDATED


@contextmanager
def _said_once() -> Iterator[None]:
    """Refuse what somebody else saved between our look and our writing."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError(
            "Somebody else saved the same at this moment. Look at what is there, then save again."
        ) from error


def _spelled(person: UUID, kind: str, name: str) -> dict[str, Any]:
    """Whose timeline a skill is, in the spelling that the person's has already: case does not make another skill."""
    mine = ParticipantSkill.objects.filter(participant=person, kind=kind, name__iexact=name)
    known = mine.order_by("pk").values_list("name", flat=True).first()
    return {"participant_id": person, "kind": kind, "name": known or name}


def _kind(kind: str) -> str:
    if kind not in SkillKind.values:
        raise ValidationError({"kind": f"There is no kind “{kind}”. There are: {', '.join(SkillKind.values)}."})
    return kind


def _text(what: str, text: str) -> str:
    text = " ".join(text.split())
    if not 1 <= len(text) <= LONGEST[what]:
        raise ValidationError({what: f"Give a {what} of 1 to {LONGEST[what]} letters."})
    return text


def _skills_open(actor: Viewer) -> Callable[[Values], Meant]:
    people = person_names()

    def meaning(values: Values) -> Meant:
        person, kind, name = people.find(values["person"]), values["kind"], _text("name", values["skill"])
        start, until = values["from"], values["until"]

        def write() -> Change:
            key = _spelled(person, kind, name)
            return timeline_put(ParticipantSkill, key=key, values={}, start=start, until=until)

        return Meant((person, kind, name.casefold()), write, start, until)

    return meaning


def _skills_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    people = person_names()
    for one in skill_list():
        yield [people.word(one.participant_id), one.kind, one.name, one.during.lower, one.during.upper]


def _needs_open(actor: Viewer) -> Callable[[Values], Meant]:
    def meaning(values: Values) -> Meant:
        asked = (values["kind"], values["skill"], values["field"], values["value"])
        whose = tuple(" ".join(each.split()).casefold() for each in asked)
        return Meant(whose, lambda: _need_put(*asked, values["required"] == "yes")[1])

    return meaning


def _needs_rows(viewer: Viewer) -> Iterator[list[Cell]]:
    for one in need_list():
        yield [one.kind, one.name, one.field, one.value, "yes" if one.is_required else "no"]


KIND = RowColumn(
    name="kind",
    help="What it is about.",
    sample="LANGUAGE",
    type=ValueType.CHOICE,
    choices=tuple(SkillKind.values),
    required=True,
)
SKILL = RowColumn(name="skill", help="Spelled the same for people and accounts.", sample="German", required=True)
SKILLS = RowFile(
    name="skills",
    title="Import skills",
    purpose="What people are able to: one row for each person and skill.",
    action="balance.edit",
    columns=(
        RowColumn(name="person", help=PERSON.help, sample=PERSON.sample, required=True),
        KIND,
        SKILL,
        FROM,
        UNTIL,
    ),
    open=_skills_open,
    rows=_skills_rows,
)
NEEDS = RowFile(
    name="skill-needs",
    title="Import what accounts ask for",
    purpose="Which skill accounts ask for by one of their fields: one row for each value.",
    action="balance.edit",
    columns=(
        KIND,
        SKILL,
        RowColumn(
            name="field",
            help="The field of the account.",
            sample="country",
            type=ValueType.CHOICE,
            choices=TEXTS,
            required=True,
        ),
        RowColumn(name="value", help="What the field is.", sample="Germany", required=True),
        RowColumn(
            name="required",
            help="yes: such accounts go to nobody without it; blank: no, lacking it costs.",
            sample="yes",
            type=ValueType.CHOICE,
            choices=("yes", "no"),
            default="no",
        ),
    ),
    open=_needs_open,
    rows=_needs_rows,
)
