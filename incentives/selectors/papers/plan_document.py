"""What a plan document says: the clauses that the engine computes by, with the person's own quotas, target pay and rate tables.

Nothing in it is typed by hand: what is read and accepted is what is calculated.
"""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from incentives.engine.held_goals import HeldGoals
from incentives.engine.plan import UNIT_SCALE
from incentives.models import PlanAssignment, PlanVersion, TargetPay
from incentives.selectors.papers.blocks import LEFT, RIGHT, WIDE, Block, Paper, heading, items, note, pairs, table, text
from incentives.selectors.papers.own_goals import own_goals
from incentives.selectors.plans import ComponentView, version_view
from planning.selectors import quota_list, quota_measure_name, quota_measures
from spm.people.models import Participant, PositionHolding, PositionTitle
from spm.roles.policy import Viewer
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id
from spm.web.templatetags.figures import days_text, money_text, quantity_text


def company() -> Organisation:
    """Give the company of the scope."""
    return Organisation.objects.get(pk=current_organisation_id())


def people_on(version: PlanVersion, *, on: date) -> list[Participant]:
    """Give who is on the plan of a version on its days from the day on; on any of its days where they are over."""
    start, end = version.during.lower, version.during.upper
    days = (max(start, on) if end is None or on < end else start, end)
    asked = PlanAssignment.objects.filter(plan_id=version.plan_id, during__overlap=days)
    direct, seats, titles = (set(asked.values_list(name, flat=True)) for name in ("participant", "position", "title"))
    titled = PositionTitle.objects.filter(title__in=titles - {None}, during__overlap=days)
    seats |= set(titled.values_list("position", flat=True))
    held = PositionHolding.objects.filter(position__in=seats - {None}, during__overlap=days)
    people = (direct | set(held.values_list("participant", flat=True))) - {None}
    return list(Participant.objects.filter(pk__in=people).order_by("name", "pk"))


def document_blocks(version: PlanVersion, person: Participant, *, actor: Viewer) -> list[Block]:
    """Give what the document of a person says, in the company's language."""
    with translation.override(company().locale):
        return [*_personal(version, person, actor), *_clauses(version)]


def blocks_digest(blocks: Sequence[Block]) -> str:
    """Give the digest of what a document says."""
    return sha256(json.dumps(blocks, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def document_paper(
    version: PlanVersion, person: Participant, blocks: Sequence[Block], before: Sequence[Block] | None, number: int
) -> Paper:
    """Give the document as a paper; where one was sent before, what differs comes first."""
    of = company()
    with translation.override(of.locale):
        marked = [] if before is None else differences(before, blocks)
        named = _("Plan document %(number)s, version %(version)s of %(plan)s, for %(person)s") % {
            "number": number,
            "version": version.number,
            "plan": version.plan.code,
            "person": person.source_key,
        }
        return Paper(
            title=f"{version.plan.name}, {person.name}",
            company=of.name,
            purpose=days_text(version.during.lower, version.during.upper),
            language=of.locale.partition("-")[0],
            foot=(named, f"SHA-256 {blocks_digest(blocks)[:32]}"),
            blocks=(*marked, *blocks),
            size="us-letter" if of.locale.endswith(("-US", "-CA")) else "a4",
            page_word=_("Page"),
            of_word=_("of"),
        )


def _personal(version: PlanVersion, person: Participant, actor: Viewer) -> list[Block]:
    days = (version.during.lower, version.during.upper)
    holdings = PositionHolding.objects.filter(participant=person, during__overlap=days).select_related("position")
    seats = {one.position_id: one.position.name for one in holdings}
    found: list[Block] = [
        pairs([(_("Person"), person.name), (_("Position"), ", ".join(sorted(set(seats.values()))) or "–")])
    ]
    targets = TargetPay.objects.filter(during__overlap=days)
    own = [one for one in targets if one.participant_id == person.pk or one.position_id in seats]
    rows = [
        [
            one.name,
            days_text(one.during.lower, one.during.upper),
            money_text(one.target_minor, one.currency),
            money_text(one.base_minor, one.currency),
            str(one.get_per_display()),
        ]
        for one in sorted(own, key=lambda one: (one.name, one.during.lower, str(one.pk)))
    ]
    if rows:
        columns = [_("Target pay"), _("Days"), _("At 100 %"), _("Base"), _("For")]
        found += [heading(_("Your target pay")), table(columns, [WIDE, LEFT, RIGHT, RIGHT, LEFT], rows)]
    held = own_goals(version, person)
    found += _targets_held(held, {one.name for one in own}, version)
    return found + _quotas_held(held, {one.name for one in own}, version) + _quotas(list(seats), days, actor)


def _targets_held(held: HeldGoals, names: set[str], version: PlanVersion) -> list[Block]:
    """The target pay of a person who is on the plan for a part of its days: what of it the periods can pay at 100 %."""
    targets = [one for one in held.goals if one.name in names]
    if not targets or not _is_part_of(held, version):
        return []
    currency = version.definition["currency"]
    rows = [[one.period_key, one.name, money_text(one.amount, currency)] for one in targets]
    for name in sorted(names & {one.name for one in targets}):
        total = sum(one.amount for one in targets if one.name == name)
        rows.append([_("All periods"), name, money_text(total, currency)])
    columns = [_("Period"), _("Target pay"), _("At 100 %, for your days in the plan")]
    return [heading(_("Your target pay, by your days in the plan"), 3), table(columns, [LEFT, WIDE, RIGHT], rows)]


def _quotas_held(held: HeldGoals, targets: set[str], version: PlanVersion) -> list[Block]:
    """The quotas that runs hold a person against, where days in the plan, a ramp or a leave make them other than the whole ones."""
    quotas = [one for one in held.goals if one.name not in targets]
    if not any(one.is_part and one.whole for one in quotas):
        return []
    currency, rows = version.definition["currency"], []
    for one in quotas:
        whole = " + ".join(_goal(one.name, each, currency) for each in one.whole)
        rows.append([one.period_key, quota_measure_name(one.name), whole or "–", _goal(one.name, one.amount, currency)])
    for name in dict.fromkeys(one.name for one in quotas):
        total = sum(one.amount for one in quotas if one.name == name)
        year = held.yearly.get(name)
        whole = "–" if year is None else _goal(name, year, currency)
        rows.append([_("All periods of the plan"), quota_measure_name(name), whole, _goal(name, total, currency)])
    columns = [_("Period"), _("Counts"), _("Whole quota"), _("Your quota")]
    return [
        heading(_("Your quotas, by your days in the plan")),
        text(_("Pay is calculated against these. The whole quotas of your position follow below.")),
        table(columns, [LEFT, WIDE, RIGHT, RIGHT], rows),
    ]


def _is_part_of(held: HeldGoals, version: PlanVersion) -> bool:
    """Tell whether the person is on the plan on some of its days only."""
    start, end = version.during.lower, version.during.upper
    return end is not None and held.days < (end - start).days


def _goal(name: str, amount: int, currency: str) -> str:
    """A quota as people read it: an amount, or a count that the engine keeps in parts of a unit."""
    if quota_measures().get(name, True):
        return money_text(amount, currency)
    return quantity_text(Decimal(amount) / UNIT_SCALE, digits=4)


def _quotas(seats: Sequence[UUID], days: tuple[date, date | None], actor: Viewer) -> list[Block]:
    quotas = quota_list(actor).filter(position__in=seats, period__during__overlap=days)
    rows = [
        [
            one.period.key,
            one.position.name,
            str(one.get_measure_display()),
            money_text(one.value, one.currency) if one.currency else quantity_text(one.value),
        ]
        for one in quotas.select_related("period", "position").order_by("period__during", "position__name", "measure")
    ]
    if not rows:
        return [note(_("No quota is set for you on these days"), _("Where the plan asks for one, it has to be set."))]
    columns = [_("Period"), _("Position"), _("Counts"), _("Quota")]
    return [heading(_("Your quotas")), table(columns, [LEFT, WIDE, LEFT, RIGHT], rows)]


def _clauses(version: PlanVersion) -> list[Block]:
    view = version_view(version)
    found: list[Block] = [heading(_("The plan")), items([clause.text for clause in view.clauses])]
    for component in view.components:
        found += [heading(component.name), items([clause.text for clause in component.clauses])]
        if component.tiers:
            found.append(_rates(component))
    return found


def _rates(component: ComponentView) -> Block:
    return table([_("From"), _("Pays")], [WIDE, RIGHT], [[tier.low, tier.pays] for tier in component.tiers])


def _said(blocks: Sequence[Block]) -> list[str]:
    """Every sentence and row of a document, in order."""
    found: list[str] = []
    for block in blocks:
        if block["kind"] == "list":
            found += block["items"]
        elif block["kind"] in ("pairs", "table"):
            found += [" · ".join(row) for row in block["rows"]]
        elif block["kind"] == "note":
            found.append(block["title"])
    return found


def changes_said(before: Sequence[Block], after: Sequence[Block]) -> tuple[list[str], list[str]]:
    """Give what a later document no longer says, and what it says that the one before did not."""
    old, new = _said(before), _said(after)
    return [each for each in old if each not in new], [each for each in new if each not in old]


def differences(before: Sequence[Block], after: Sequence[Block]) -> list[Block]:
    """Give the part that marks what differs from the document before."""
    gone, come = changes_said(before, after)
    found: list[Block] = [heading(_("What changed since the document before"))]
    if come:
        found += [heading(_("New"), 3), items(come)]
    if gone:
        found += [heading(_("No longer holds"), 3), items(gone)]
    return found if come or gone else [*found, text(_("Nothing that it says."), soft=True)]


def receipt_paper(document: Any, event: Any) -> Paper:
    """Give the receipt of an answer, which both sides keep."""
    of = company()
    with translation.override(of.locale):
        rows = [
            (_("Plan"), f"{document.plan.name} ({document.plan.code})"),
            (_("Version of the plan"), str(document.plan_version.number)),
            (_("Document"), f"{document.number}, {document.pk}"),
            (_("Digest of the file"), f"SHA-256 {event.hash}"),
            (_("Person"), document.participant.name_and_key),
            (_("Sent"), f"{document.sent_at:%Y-%m-%d %H:%M:%S} UTC, {document.sent_by_name}"),
            (str(event.get_step_display()), f"{event.at:%Y-%m-%d %H:%M:%S} UTC, {event.by_name}"),
            *([(_("Reason"), event.reason)] if event.reason else []),
        ]
        return Paper(
            title=_("Receipt: %(step)s") % {"step": event.get_step_display()},
            company=of.name,
            purpose=document.plan.name,
            language=of.locale.partition("-")[0],
            foot=(_("Receipt %(id)s") % {"id": event.pk},),
            blocks=(
                pairs(rows),
                text(_("The file with this digest is the document that was answered. Neither can be changed.")),
            ),
        )
