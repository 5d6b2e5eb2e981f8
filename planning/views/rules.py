"""Pages of territory rules, and of the accounts that they give to territories."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from planning.forms import (
    AccountFilterForm,
    AssignmentEndForm,
    ConditionForm,
    ConditionSet,
    NamedAccountForm,
    RuleForm,
    RuleSetForm,
)
from planning.forms.accounts import ParentForm
from planning.models import NamedAccount, RulePurpose, RuleSet, RuleSetState, TerritoryRule
from planning.selectors.rule_sets import condition_text, rule_set_list, rule_set_on
from planning.selectors.rules import account_rows, account_story, account_territories, rule_lines, rule_set_preview
from planning.selectors.scores import scores_explained
from planning.services.rules import (
    account_name,
    account_name_end,
    accounts_route,
    rule_place,
    rule_remove,
    rule_save,
    rule_set_discard,
    rule_set_draft,
    rule_set_start,
)
from spm.crm.selectors.lists import account_list
from spm.roles.policy import require
from spm.web.downloads import table_download
from spm.web.views import PageMixin


class RuleListPage(PageMixin, FormView):
    """The rules of a purpose in force on a day and what they take; begins a draft."""

    purpose = RulePurpose.TERRITORY

    template_name = "planning/rule_list.html"
    form_class = RuleSetForm
    actions = {"GET": "territory.view", "POST": "territory.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.viewer.on}

    def form_valid(self, form: RuleSetForm) -> HttpResponse:
        draft = rule_set_draft(
            purpose=self.purpose,
            starts_on=form.cleaned_data["starts_on"],
            note=form.cleaned_data["note"],
            actor=self.viewer,
        )
        return redirect("planning:rule_set", draft.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.day_asked()
        current = rule_set_on(on, self.purpose)
        return super().get_context_data(
            on=on,
            query=self.request.GET.urlencode(),
            current=current,
            lines=rule_lines(current, on),
            sets=rule_set_list(self.purpose),
            is_segments=self.purpose == RulePurpose.SEGMENT,
            may_edit=self.viewer.can("territory.edit"),
            **kwargs,
        )


class RuleExport(PageMixin, View):
    """The rules of a purpose in force on a day as a file."""

    purpose = RulePurpose.TERRITORY

    actions = {"GET": "territory.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        on = self.day_asked()
        rows = [
            (
                line.rule.place,
                line.rule.name,
                line.rule.territory.name if line.rule.territory else line.rule.segment,
                line.text,
                line.won,
            )
            for line in rule_lines(rule_set_on(on, self.purpose), on)
        ]
        target = RulePurpose(self.purpose).name.capitalize()
        return table_download(
            rows,
            ("Place", "Rule", target, "Conditions", "Accounts"),
            name=f"{target.lower()}-rules",
            form=form,
        )


class AccountsRoute(PageMixin, View):
    """Looks at every account as it is known now."""

    actions = {"POST": "territory.edit"}

    def post(self, request: HttpRequest) -> HttpResponse:
        changed = accounts_route(on=self.viewer.on, actor=self.viewer).changed
        said = ngettext("%(n)s account changed its territory.", "%(n)s accounts changed their territory.", changed)
        messages.success(request, said % {"n": changed} if changed else _("Every account is where its rule says."))
        return redirect("planning:account_list")


class RuleSetPage(PageMixin, TemplateView):
    """One set of rules: a draft to be ordered, looked at and put in force, or what is in force."""

    template_name = "planning/rule_set.html"
    actions = {"GET": "territory.view", "POST": "territory.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = RuleSet.objects.get(pk=self.kwargs["pk"])
        may_edit = self.viewer.can("territory.edit") and found.state == RuleSetState.DRAFT
        preview = rule_set_preview(found)
        return super().get_context_data(
            rule_set=found,
            preview=preview,
            may_edit=may_edit,
            is_segments=found.purpose == RulePurpose.SEGMENT,
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Put the draft in force, throw it away, or move a rule."""
        try:
            return self._done(request, pk)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(errors=error.messages), status=409)

    def _done(self, request: HttpRequest, pk: Any) -> HttpResponse:
        found = RuleSet.objects.get(pk=pk)
        asked = request.POST.get("do", "")
        if asked == "start":
            changed = rule_set_start(rule_set_id=pk, actor=self.viewer).changed
            said = ngettext(
                "The rules are in force. %(n)s account moves.", "The rules are in force. %(n)s accounts move.", changed
            )
            messages.success(request, said % {"n": changed})
            return redirect("planning:rule_set", pk)
        if asked == "discard":
            rule_set_discard(rule_set_id=pk, actor=self.viewer)
            messages.success(request, _("The draft was thrown away."))
            return redirect("planning:segment_list" if found.purpose == RulePurpose.SEGMENT else "planning:rule_list")
        if asked not in ("up", "down", "remove"):
            raise BadRequest(_("Say what to do: start, discard, up, down or remove."))
        rule = get_object_or_404(TerritoryRule, pk=request.POST.get("rule") or None, rule_set=pk)
        if asked == "remove":
            rule_remove(rule_set_id=pk, rule_id=rule.pk, actor=self.viewer)
        else:
            place = rule.place + {"up": -1, "down": 1}[asked]
            rule_place(rule_set_id=pk, rule_id=rule.pk, place=place, actor=self.viewer)
        return redirect("planning:rule_set", pk)


class RuleFormPage(PageMixin, FormView):
    """Adds a rule to a draft, or changes one."""

    template_name = "planning/rule_form.html"
    form_class = RuleForm
    actions = {"GET": "territory.edit", "POST": "territory.edit"}

    def get_initial(self) -> dict[str, Any]:
        rule = self._rule()
        return {} if rule is None else {"name": rule.name, "territory": rule.territory_id, "segment": rule.segment}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_segments": self._rule_set().purpose == RulePurpose.SEGMENT}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, conditions = self.get_form(), self._conditions(request.POST)
        if not (form.is_valid() & conditions.is_valid()):
            return self.render_to_response(self.get_context_data(form=form, conditions=conditions))
        rule = self._rule()
        try:
            rule_save(
                rule_set_id=self.kwargs["pk"],
                rule_id=rule.pk if rule else None,
                name=form.cleaned_data["name"],
                territory_id=form.cleaned_data["territory"].pk if "territory" in form.cleaned_data else None,
                segment=form.cleaned_data.get("segment", ""),
                conditions=[found for each in conditions if (found := each.condition())],
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.render_to_response(self.get_context_data(form=form, conditions=conditions))
        return redirect("planning:rule_set", self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self._rule_set()
        kwargs.setdefault("conditions", self._conditions())
        return super().get_context_data(
            rule_set=found, rule=self._rule(), is_segments=found.purpose == RulePurpose.SEGMENT, **kwargs
        )

    def _rule_set(self) -> RuleSet:
        return RuleSet.objects.get(pk=self.kwargs["pk"])

    def _conditions(self, given: Any = None) -> Any:
        currency, rule = self.viewer.organisation.currency, self._rule()
        initial = [ConditionForm.initial_of(each, currency) for each in rule.conditions] if rule else []
        return ConditionSet(given, initial=initial, form_kwargs={"currency": currency})

    def _rule(self) -> TerritoryRule | None:
        if "rule" not in self.kwargs:
            return None
        return TerritoryRule.objects.get(pk=self.kwargs["rule"], rule_set=self.kwargs["pk"])


class AccountListPage(PageMixin, TemplateView):
    """Accounts within reach, their territory and owner on a day."""

    template_name = "planning/account_list.html"
    actions = {"GET": "territory.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, on = AccountFilterForm(self.request.GET), self.day_asked()
        form.is_valid()
        rows = _asked(account_list(self.viewer.acting("fact.view")), form, on)
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        page.object_list = account_rows(page.object_list, on)
        return super().get_context_data(
            page=page,
            form=form,
            on=on,
            query=self.request.GET.urlencode(),
            may_edit=self.viewer.can("territory.edit"),
            **kwargs,
        )


class AccountExport(PageMixin, View):
    """The same as a file, for the CRM system to take over."""

    actions = {"GET": "territory.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        require(self.viewer, "export")
        asked, on = AccountFilterForm(request.GET), self.day_asked()
        asked.is_valid()
        accounts = list(_asked(account_list(self.viewer.acting("fact.view")), asked, on))
        rows = [
            (one.version.fact.source_key, one.version.name, one.territory, one.rule, one.owner, one.segment)
            for one in account_rows(accounts, on)
        ]
        return table_download(
            rows, ("Key", "Account", "Territory", "Rule", "Owner", "Segment"), name="account-territories", form=form
        )


class AccountPage(PageMixin, FormView):
    """An account's owner and how it came about; names it apart."""

    template_name = "planning/account_detail.html"
    form_class = NamedAccountForm
    actions = {"GET": "territory.view", "POST": "territory.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"start": self.viewer.on}

    def form_valid(self, form: NamedAccountForm) -> HttpResponse:
        values = form.cleaned_data
        try:
            account_name(
                account_id=self.kwargs["pk"],
                territory_id=values["territory"].pk,
                start=values["start"],
                until=values["until"],
                reason=values["reason"],
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("The account is named apart."))
        return redirect("planning:account_detail", self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.day_asked()
        current = account_list(self.viewer.acting("fact.view")).get(fact=self.kwargs["pk"])
        story = account_story(self.viewer, current, on=on)
        lost = [(rule, [condition_text(each) for each in rule.conditions]) for rule in story.lost]
        currency = self.viewer.organisation.currency
        above = current.parent.source_key if current.parent_id else ""
        parent_form = ParentForm(initial={"parent": above}) if self.viewer.can("fact.import") else None
        return super().get_context_data(
            parent_form=parent_form,
            scores=scores_explained(self.viewer, current.fact_id, on=on),
            currency=currency,
            account=current,
            story=story,
            lost=lost,
            on=on,
            may_edit=self.viewer.can("territory.edit"),
            **kwargs,
        )


class AccountNameEnd(PageMixin, View):
    """Lets the rules hold again for an account."""

    actions = {"POST": "territory.edit"}

    def post(self, request: HttpRequest, pk: Any, named: Any) -> HttpResponse:
        held, form = NamedAccount.objects.get(pk=named, account=pk), AssignmentEndForm(request.POST)
        if form.is_valid():
            account_name_end(named_id=held.pk, until=form.cleaned_data["until"], actor=self.viewer)
            messages.success(request, _("The rules hold again from that day."))
        else:
            messages.error(request, _("Give the first day on which the rules hold again."))
        return redirect("planning:account_detail", pk)


def _asked(rows: Any, form: AccountFilterForm, on: Any) -> Any:
    """The accounts that the filter asks for, by name."""
    values = form.cleaned_data
    if values.get("q"):
        rows = rows.filter(name__icontains=values["q"])
    held = account_territories(on)
    if values.get("nobody"):
        rows = rows.exclude(fact__in=held.values("account"))
    elif values.get("territory"):
        rows = rows.filter(fact__in=held.filter(territory=values["territory"]).values("account"))
    return rows.order_by("name", "fact")
