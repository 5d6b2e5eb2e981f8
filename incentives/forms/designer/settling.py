"""The fields of the way from earned to paid, of a plan and of a component: release, holdback, clawback, leavers, draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from incentives.forms.designer import choices
from incentives.forms.designer.parts import Field, choice, several, text
from incentives.forms.designer.places import Place, is_scalar, shown
from incentives.forms.designer.shapes import Line, Terms, kept, rest_of, with_current
from incentives.forms.designer.switches import AFTER, DAY, PARTS, SCHEDULE, holdback_at, release_at


def terms_at(place: Place, *, is_plan: bool) -> Terms:
    """Give what a plan, or a component for it alone, says of payment."""
    terms = Terms(is_plan)
    _release(place, terms)
    _holdback(place, terms)
    _clawback(place, terms)
    if is_plan:
        _leavers(place, terms)
    return terms


def _switch(kind: str, path: str, label: str, value: str, options: Sequence[tuple[str, Any]]) -> Field:
    """A choice that changes which fields stand beside it."""
    return Field(f"{kind}:{path}", label, value, kind="choice", options=options, wide=True, redraw=path)


def _set_of(place: Place, name: str) -> Place | None:
    """The place of a set of fields, given or not; None where the document has something else there, which then stays text."""
    value = place.value.get(name) if isinstance(place.value, Mapping) else None
    return place.child(name) if value is None or isinstance(value, Mapping) else None


def _release(place: Place, terms: Terms) -> None:
    value = place.value.get("release")
    release = place.child("release") if is_scalar(value) else _set_of(place, "release")
    if release is None:
        return
    stands = release_at(value)
    listed = choices.RELEASES if terms.is_plan else choices.OWN_RELEASES
    options = with_current(listed, stands, "ON_BOOKING" if terms.is_plan else "")
    fields: list[Field | None] = [_switch("release", release.path, _("Pay becomes payable"), stands, options)]
    if isinstance(value, Mapping):
        if stands != PARTS:
            release.get("when")
        if stands == SCHEDULE or release.has("after"):
            fields.append(text(release, "after", _("How long after"), placeholder=_("3 months, 90 days")))
        if stands in (SCHEDULE, PARTS) or release.has("without_deal"):
            fields.append(choice(release, "without_deal", _("Pay that no deal caused"), choices.WITHOUT_DEAL))
        if stands == PARTS:
            terms.parts_path = release.at("parts")
            terms.parts = [_part(each, number) for number, each in enumerate(release.entries("parts"))]
    terms.release, terms.rest = kept(fields), rest_of(release)


def _part(place: Place, number: int) -> Line:
    named = {"number": number + 1}
    when = choice(
        place, "when", _("Part %(number)s becomes payable") % named, choices.RELEASE_PARTS, default="ON_BOOKING"
    )
    if when is not None:
        when.redraw = place.path
    is_later = shown(place.value.get("when")).strip().upper() == SCHEDULE or place.has("after")
    after = text(place, "after", _("How long after"), placeholder=_("3 months, 90 days")) if is_later else None
    return Line(
        place.path,
        number,
        kept([text(place, "share", _("Part %(number)s, share") % named), when, after]),
        rest_of(place),
    )


def _holdback(place: Place, terms: Terms) -> None:
    holdback = _set_of(place, "holdback")
    if holdback is None:
        return
    stands = holdback_at(holdback.value)
    options = choices.HOLDBACKS if terms.is_plan else choices.OWN_HOLDBACKS
    fields: list[Field | None] = [_switch("holdback", holdback.path, _("Is held back"), stands, options)]
    if stands:
        fields.append(text(holdback, "share", _("Share that is held")))
    if stands == AFTER:
        fields.append(text(holdback, "after", _("How long after its period"), placeholder=_("3 months, 90 days")))
    elif stands == DAY:
        fields.append(text(holdback, "until", _("Held until"), kind="date"))
    else:
        holdback.get("until")
    terms.holdback, terms.rest = kept(fields), terms.rest + rest_of(holdback)


def _clawback(place: Place, terms: Terms) -> None:
    clawback = _set_of(place, "clawback")
    if clawback is None:
        return
    terms.clawback = kept(
        [
            text(clawback, "share", _("Takes back, of what its sale earned"), placeholder="100 %"),
            text(clawback, "within", _("When it comes within"), placeholder=_("any time after the sale")),
            choice(clawback, "pro_rata", _("In proportion to what remains of that time"), choices.PRO_RATA),
            text(clawback, "instalments", _("Over so many periods, in equal parts"), placeholder="1"),
        ]
    )
    terms.rest += rest_of(clawback)


def _leavers(place: Place, terms: Terms) -> None:
    leavers = _set_of(place, "leavers")
    if leavers is not None:
        tail = text(leavers, "tail", _("When its event comes within"), placeholder=_("any time after leaving"))
        pays = choice(leavers, "pays", _("What waits when a person leaves"), choices.LEAVERS, default="PAID")
        label = _("What is still to come back in parts")
        parts = choice(leavers, "instalments", label, choices.LEAVER_INSTALMENTS, default="CONTINUED")
        label = _("What is held back when a person leaves")
        held = choice(leavers, "holdback", label, choices.LEAVER_HOLDBACK, default="KEPT")
        terms.leavers = kept([pays, tail, held, parts])
        terms.rest += rest_of(leavers)
    terms.leavers += kept([choice(place, "negative_pay", _("Pay of a period may be negative"), choices.NEGATIVE_PAY)])


def draw_at(plan: Place) -> tuple[list[Field], str]:
    """Give the draw or guarantee of a pay period, and as text what it grants period by period; none where the plan has none."""
    if not isinstance(plan.value.get("draw"), Mapping):
        return [], ""
    draw = plan.child("draw")
    fields = [
        choice(draw, "kind", _("Kind"), choices.DRAWS, default="RECOVERABLE_GUARANTEE"),
        several(
            draw, "amount", _("Amount of a period"), kind="some", help=_("Several, with ; between them: one by one.")
        ),
        several(draw, "shares", _("Shares of it, period by period"), kind="list", placeholder="100 %; 75 %; 50 %"),
        text(draw, "recover", _("Recovers"), placeholder="100 %"),
        text(draw, "periods", _("For so many periods"), help=_("Empty: all.")),
        text(draw, "recover_after", _("Nothing is recovered in the first periods"), placeholder="0"),
        text(draw, "recover_until", _("What is still owed is forgiven on"), kind="date"),
        choice(draw, "leaving", _("What is owed when the person leaves"), choices.DRAW_LEAVING, default="OWED"),
        choice(draw, "prorated", _("Part of a period"), choices.DRAW_PRORATED),
    ]
    return kept(fields), rest_of(draw)
