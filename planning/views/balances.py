"""Pages that even out territories: ask for a proposal, look at it beside today, edit it, commit it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from planning.forms.balances import BalanceFilterForm, BalanceForm
from planning.models import BalanceAccount, BalanceProposal, BalanceState, ScoreKind, Territory
from planning.selectors.balances import (
    Comparison,
    PatchLine,
    balance_accounts,
    balance_compared,
    balance_job,
    balance_list,
    balance_moves,
    lacks_of,
)
from planning.services.balances import balance_ask, balance_commit, balance_discard, balance_move
from spm.core.money import RATE_SCALE, to_major
from spm.jobs.selectors import job_progress
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin, id_posted

COLUMNS = (
    "Account",
    "Name",
    "Region",
    "Sales",
    "Currency",
    "Potential",
    "Unit",
    "Index %",
    "Fixed",
    "Before",
    "After",
    "Lacks",
)


class BalanceListPage(PageMixin, FormView):
    """The proposals, and a form that asks for another."""

    template_name = "planning/balance_list.html"
    form_class = BalanceForm
    actions = {"GET": "balance.view", "POST": "balance.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.viewer.on}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "currency": self.viewer.organisation.currency}

    def form_valid(self, form: BalanceForm) -> HttpResponse:
        settings = form.settings()
        parent, starts_on = settings.pop("parent"), settings.pop("starts_on")
        try:
            asked = balance_ask(
                parent_id=parent.pk if parent else None, starts_on=starts_on, settings=settings, actor=self.viewer
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect("planning:balance_detail", asked.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(balance_list(), 20).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, may_edit=self.viewer.can("balance.edit"), **kwargs)


class BalancePage(PageMixin, TemplateView):
    """One proposal beside today: how even, what moves, what it is worth; edited and committed here."""

    template_name = "planning/balance_detail.html"
    actions = {"GET": "balance.view", "POST": "balance.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposal = get_object_or_404(balance_list(), pk=self.kwargs["pk"])
        form = BalanceFilterForm(self.request.GET)
        form.is_valid()
        compared = balance_compared(proposal)
        job = balance_job(proposal)
        page = Paginator(_rows(proposal, form), 50).get_page(self.request.GET.get("page"))
        lacks = lacks_of(proposal, page.object_list)
        return super().get_context_data(
            proposal=proposal,
            compared=compared,
            figures=_figures(compared) if compared else [],
            lines=[_line(each) for each in compared.lines] if compared else [],
            together=_together(compared.lines) if compared else None,
            settings=_settings(proposal),
            objective=_points(proposal, "objective"),
            bound=_points(proposal, "bound"),
            gap=_rate(float(proposal.solved["gap"])) if proposal.solved.get("gap") else None,
            moved=[_rate(compared.moved_index), _rate(compared.moved_sales)] if compared else [],
            page=page,
            rows=[(row, lacks[row.pk]) for row in page.object_list],
            form=form,
            territories=[line.territory for line in compared.lines] if compared else [],
            job=job,
            progress=job_progress(job, now=timezone.now()) if job else None,
            may_see_jobs=self.viewer.can("job.view"),
            may_edit=proposal.state == BalanceState.READY and self.viewer.can("balance.edit"),
            may_discard=proposal.state != BalanceState.COMMITTED and self.viewer.can("balance.edit"),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Move accounts, commit the proposal, or throw it away."""
        get_object_or_404(balance_list(), pk=pk)
        try:
            return self._done(request, pk)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)

    def _done(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        asked = request.POST.get("do", "")
        if asked == "discard":
            balance_discard(proposal_id=pk, actor=self.viewer)
            messages.success(request, _("The proposal was thrown away."))
            return redirect("planning:balance_list")
        if asked == "commit":
            changed = balance_commit(proposal_id=pk, actor=self.viewer).changed
            said = ngettext("%(n)s account moves.", "%(n)s accounts move.", changed)
            messages.success(request, said % {"n": changed})
            return redirect("planning:balance_detail", pk)
        if asked != "move":
            raise BadRequest(_("Say what to do: move, commit or discard."))
        territory = get_object_or_404(Territory, pk=_key(request.POST.get("territory", "")))
        rows = [_key(each) for each in request.POST.getlist("row")]
        changed = balance_move(proposal_id=pk, rows=rows, territory_id=territory.pk, actor=self.viewer)
        said = ngettext("%(n)s account was moved.", "%(n)s accounts were moved.", changed)
        messages.success(request, said % {"n": changed})
        return redirect(request.get_full_path())


class BalanceExport(PageMixin, View):
    """All accounts of a proposal as a file."""

    actions = {"GET": "balance.view"}

    def get(self, request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
        require(self.viewer, "export")
        proposal = get_object_or_404(balance_list(), pk=pk)
        currency = proposal.solved["currency"] if proposal.solved else ""
        by_score = ScoreKind.POTENTIAL in proposal.solved.get("scores", ())
        found = list(balance_accounts(proposal))
        lacks = lacks_of(proposal, found)
        rows = [(*_cells(each, currency, by_score), "; ".join(lacks[each.pk])) for each in found]
        return table_download(rows, COLUMNS, name=f"balance-{proposal.starts_on}", form=form)


def _cells(row: BalanceAccount, currency: str, by_score: bool) -> tuple[Any, ...]:
    potential = Decimal(row.potential).scaleb(-2) if by_score else to_major(row.potential, currency)
    money = (to_major(row.sales_minor, currency), currency, potential, _("points") if by_score else currency)
    places = (row.before.name if row.before else "", row.after.name if row.after else "")
    return (
        row.account.source_key,
        row.name,
        row.region,
        *money,
        Decimal(row.load_rate).scaleb(-6),
        "yes" if row.is_fixed else "",
        *places,
    )


def _rows(proposal: BalanceProposal, form: BalanceFilterForm) -> QuerySet[BalanceAccount]:
    rows = balance_accounts(proposal) if form.cleaned_data.get("everything") else balance_moves(proposal)
    asked = form.cleaned_data.get("q")
    return rows.filter(name__icontains=asked) if asked else rows


def _line(line: PatchLine) -> dict[str, Any]:
    return {**vars(line), "capacity": _rate(line.capacity), "before": _rate(line.before), "after": _rate(line.after)}


def _together(lines: Sequence[PatchLine]) -> dict[str, Any]:
    counts = {name: sum(getattr(each, name) for each in lines) for name in ("accounts_before", "accounts_after")}
    return {"capacity": _rate(sum(each.capacity for each in lines)), **counts}


def _figures(found: Comparison) -> list[tuple[str, int | None, int | None, bool]]:
    """What is compared with today: its name, both ratios at RATE_SCALE, and whether it is said as so many times."""
    pairs = (found.before, found.after)
    is_asked = found.lacking_before is not None or found.lacking_after is not None
    measures: tuple[tuple[str, list[float | None], bool], ...] = (
        (_("Farthest from the fair load"), [each.largest_off for each in pairs], False),
        (_("Variation of loads (CV)"), [each.even.variation for each in pairs], False),
        (_("Gini of loads"), [each.even.gini for each in pairs], False),
        (_("Largest load to smallest"), [each.even.largest_to_smallest for each in pairs], True),
        (_("Index outside the main territory of its region"), [each.outside_region for each in pairs], False),
        *([(_("Index whose skills lack"), [found.lacking_before, found.lacking_after], False)] if is_asked else []),
    )
    return [(name, _rate(both[0]), _rate(both[1]), is_times) for name, both, is_times in measures]


def _points(proposal: BalanceProposal, name: str) -> Decimal | None:
    found = proposal.solved.get(name)
    return None if found is None else Decimal(found)


def _rate(value: float | None) -> int | None:
    return None if value is None else round(value * RATE_SCALE)


def _settings(proposal: BalanceProposal) -> list[tuple[str, str]]:
    kept = proposal.settings
    names = {
        "workload": _("Workload"), "potential": _("Potential"), "sales": _("Sales"),
        "moves": _("Cost of moving"), "regions": _("Cost of splitting regions"),
        "travel": _("Cost of travel"), "skills": _("Cost of lacking skills"),
    }  # fmt: skip
    return [*((label, kept.get(name, "0")) for name, label in names.items()), (_("Band"), f"{kept['band_percent']} %")]


def _key(text: str) -> UUID:
    return id_posted(text, _("This is no key of a row or a territory."))
