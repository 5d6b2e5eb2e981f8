"""Plans as people see them: in clauses, as a table of tiers with its curve, with versions and who is on them.

Who does not reach everybody sees the plans that somebody within reach is on: a rate is pay, too.
"""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from incentives.engine.compiling import compile_plan
from incentives.engine.phrases import money
from incentives.engine.plan import Component, CreditKind, Measure, RateTable, Tier, TierMode, TierUnit
from incentives.engine.plan import Plan as CompiledPlan
from incentives.engine.prose import Clause, component_clauses, plan_clauses
from incentives.engine.tables import EdgeText
from incentives.models import Plan, PlanAssignment, PlanState, PlanVersion
from incentives.selectors.curves import Curve, curve_notes, curve_of
from incentives.selectors.lifecycle import with_standing
from incentives.selectors.lines import edges_of
from spm.core.findings import Finding
from spm.core.money import RATE_SCALE, round_half_away
from spm.people.models import PositionHolding, PositionTitle
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer
from spm.web.templatetags.figures import money_text, rate_text


@dataclass(frozen=True)
class TierRow:
    """A tier as shown, in words: from where to where (empty where it is open), and what it pays."""

    number: int
    low: str
    high: str
    pays: str


@dataclass(frozen=True)
class ComponentView:
    """A component in words and figures; `curve` is what its table pays, None where it has none of its own."""

    key: str
    name: str
    credit_kind: str
    quota: str | None
    mode: str
    rate: int | None
    tiers: tuple[TierRow, ...]
    clauses: tuple[Clause, ...]
    edges: tuple[tuple[int, str], ...]
    curve: Curve | None
    notes: tuple[str, ...] = ()
    """What the curve leaves out, or why there is none."""


@dataclass(frozen=True)
class VersionView:
    """A plan version compiled for reading; without clauses where it does not compile, then the findings say why."""

    version: PlanVersion
    clauses: tuple[Clause, ...]
    components: tuple[ComponentView, ...]
    findings: tuple[Finding, ...]


def plan_list(viewer: Viewer, *, query: str = "") -> QuerySet[Plan]:
    """Give the plans within reach with the state of their latest version and the number of assignments, by name."""
    newest = with_standing(PlanVersion.objects.filter(plan=OuterRef("pk"))).order_by("-number")
    today = PlanVersion.objects.filter(plan=OuterRef("pk"), state=PlanState.PUBLISHED, during__contains=viewer.on)
    counted = PlanAssignment.objects.filter(plan=OuterRef("pk")).order_by().values("plan").annotate(count=Count("pk"))
    rows = _within_reach(viewer, Plan.objects.all())
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(code__icontains=query))
    return rows.annotate(
        latest_state=Subquery(newest.values("standing")[:1]),
        latest_number=Subquery(newest.values("number")[:1]),
        latest_during=Subquery(newest.values("during")[:1]),
        assignment_count=Subquery(counted.values("count")),
        pays_today=Exists(today),
        paying_number=Subquery(today.values("number")[:1]),
    ).order_by("name")


def plan_rows(viewer: Viewer) -> QuerySet[Plan]:
    """Give the plans within reach: for looking one up by its key."""
    return _within_reach(viewer, Plan.objects.all())


def version_list(viewer: Viewer, plan: Plan) -> QuerySet[PlanVersion]:
    """Give the versions of a plan, latest first; drafts only to those who write plans."""
    rows = with_standing(PlanVersion.objects.filter(plan=plan)).select_related("plan", "published_by")
    return _without_drafts(viewer, rows.order_by("-number"))


def version_choices(viewer: Viewer) -> QuerySet[PlanVersion]:
    """Give the versions of all plans within reach, by plan, latest first; drafts only to those who write plans. Their documents are read
    one by one, when they are asked for."""
    rows = version_rows(viewer).order_by("plan__name", "plan__code", "-number").defer("definition")
    return _without_drafts(viewer, rows)


def _without_drafts(viewer: Viewer, rows: QuerySet[PlanVersion]) -> QuerySet[PlanVersion]:
    return rows if viewer.can("plan.edit") or viewer.reach is Reach.ALL else rows.exclude(state=PlanState.DRAFT)


def version_rows(viewer: Viewer) -> QuerySet[PlanVersion]:
    """Give the plan versions within reach: for looking one up by its key."""
    return with_standing(PlanVersion.objects.filter(plan__in=plan_rows(viewer))).select_related("plan")


def assignment_list(viewer: Viewer, plan: Plan) -> QuerySet[PlanAssignment]:
    """Give who is on the plan: everybody's assignments, or those that put somebody within reach on it."""
    rows = PlanAssignment.objects.filter(plan=plan).select_related("title", "position", "participant")
    return rows.filter(_puts_within_reach(viewer)).order_by("-during", "pk")


def assignment_rows(viewer: Viewer) -> QuerySet[PlanAssignment]:
    """Give the assignments of plans within reach: for looking one up by its key."""
    return PlanAssignment.objects.filter(_puts_within_reach(viewer)).select_related("plan")


def _within_reach(viewer: Viewer, rows: QuerySet[Plan]) -> QuerySet[Plan]:
    if viewer.reach is Reach.ALL:
        return rows
    return rows.filter(pk__in=PlanAssignment.objects.filter(_puts_within_reach(viewer)).values("plan_id"))


def _puts_within_reach(viewer: Viewer) -> Q:
    if viewer.reach is Reach.ALL:
        return Q()
    held = PositionHolding.objects.filter(participant__in=viewer.participant_ids).values("position_id")
    titles = PositionTitle.objects.filter(position__in=held).values("title_id")
    return Q(participant__in=viewer.participant_ids) | Q(position__in=held) | Q(title__in=titles)


def version_view(version: PlanVersion) -> VersionView:
    """Compile a version for reading."""
    plan, findings = compile_plan(version.definition)
    if plan is None:
        return VersionView(version, (), (), tuple(findings))
    general = tuple(clause for clause in plan_clauses(plan) if not clause.where.startswith("components."))
    components = tuple(_component(plan, component) for component in plan.components)
    return VersionView(version, general, components, tuple(findings))


def _component(plan: CompiledPlan, component: Component) -> ComponentView:
    table = component.table
    return ComponentView(
        key=component.key,
        name=component.name,
        credit_kind=component.credit[0].kind if component.credit else CreditKind.DIRECT,
        quota=component.quota,
        mode=table.mode if table else TierMode.MARGINAL,
        rate=_scaled(component.rate),
        tiers=_tiers(plan, component),
        clauses=tuple(component_clauses(plan, component)),
        edges=edges_of(component),
        curve=curve_of(plan, component),
        notes=curve_notes(plan, component),
    )


def _tiers(plan: CompiledPlan, component: Component) -> tuple[TierRow, ...]:
    table = component.table
    if table is None:
        return ()
    measure = component.measure if table.on is None else plan.measure(table.on)
    return tuple(
        TierRow(
            number=number,
            low=_edge(plan, table, measure, tier.lower),
            high="" if tier.upper is None else _edge(plan, table, measure, tier.upper),
            pays=_pays(plan, tier),
        )
        for number, tier in enumerate(table.tiers, start=1)
    )


def _edge(plan: CompiledPlan, table: RateTable, measure: Measure, edge: Fraction) -> str:
    if table.unit != TierUnit.MEASURE:
        share = rate_text(_scaled(edge) or 0)
        return (
            _("%(edge)s of quota") % {"edge": share} if table.unit == TierUnit.ATTAINMENT and measure.quota else share
        )
    return (
        money_text(int(edge), plan.currency) if measure.is_money else EdgeText(table.unit, measure, plan.currency)(edge)
    )


def _pays(plan: CompiledPlan, tier: Tier) -> str:
    if tier.rate is not None:
        return rate_text(_scaled(tier.rate) or 0, digits=4)
    if tier.each is None:
        return money_text(int(tier.amount or 0), plan.currency)
    whole = tier.each.denominator == 1
    return _("%(amount)s each") % {
        "amount": money_text(int(tier.each), plan.currency) if whole else money(tier.each, plan.currency)
    }


def _scaled(value: Fraction | None) -> int | None:
    return None if value is None else round_half_away(value.numerator * RATE_SCALE, value.denominator)


def draft_of(plan_id: UUID) -> PlanVersion | None:
    """Give the plan's latest draft, or None."""
    return PlanVersion.objects.filter(plan_id=plan_id, state=PlanState.DRAFT).order_by("-number").first()


def version_before(viewer: Viewer, version: PlanVersion) -> PlanVersion | None:
    """Give the latest published version of the plan with a lower number: what the version takes the place of."""
    rows = version_list(viewer, version.plan).filter(state=PlanState.PUBLISHED, number__lt=version.number)
    return rows.first()


def version_preceding(version: PlanVersion) -> PlanVersion | None:
    """Give the same for whoever sees the version: for keeping, not for showing."""
    rows = PlanVersion.objects.filter(plan=version.plan, state=PlanState.PUBLISHED, number__lt=version.number)
    return rows.order_by("-number").first()


def live_version(viewer: Viewer, plan: Plan) -> PlanVersion | None:
    """Give the published version that pays on the viewer's day, else the latest published one, else None."""
    published = [one for one in version_list(viewer, plan) if one.state == PlanState.PUBLISHED]
    paying = (one for one in published if one.during.lower <= viewer.on < one.during.upper)
    return next(paying, published[0] if published else None)
