"""The page of a person's pay: the lanes of plan, target, ramp and leave, and what sets them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from incentives.forms.terms import EndForm, HolderTargetForm, LeaveForm, PayCurrencyForm, RampForm, TargetForm
from incentives.selectors.terms import (
    entry_get,
    leave_list,
    pay_currency_list,
    person_lanes,
    person_ramps,
    target_list,
    target_rows,
    target_views,
    terms_people,
    terms_seats,
)
from incentives.services.pay_currencies import pay_currency_set, term_end, term_remove
from incentives.services.terms import Holder, leave_set, ramp_set, schedule_save, target_set
from spm.people.models import Participant
from spm.roles.policy import Viewer, can_for, require_for
from spm.web.views import PageMixin

SHOWN = 500
LANES = ("Plan", "Target", "Ramp", "Paid in", "Leave")
FORMS: dict[str, type[forms.Form]] = {
    "target": TargetForm,
    "ramp": RampForm,
    "currency": PayCurrencyForm,
    "leave": LeaveForm,
}


class TargetListPage(PageMixin, FormView):
    """Target pay within reach, of people and of positions; who may lets one hold from a day on."""

    template_name = "incentives/target_list.html"
    form_class = HolderTargetForm
    actions = {"GET": "target.view", "POST": "target.edit"}

    def get_form_kwargs(self) -> dict[str, Any]:
        people = terms_people(self.viewer, "target.edit").order_by("name")
        return {**super().get_form_kwargs(), "people": people, "seats": terms_seats(self.viewer).order_by("name")}

    def get_initial(self) -> dict[str, Any]:
        return {"start": self.viewer.on, "currency": self.viewer.organisation.currency}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("q", "").strip()
        targets = target_rows(target_list(self.viewer, query=asked)[:SHOWN])
        return super().get_context_data(
            targets=targets, asked=asked, shown=SHOWN, may_edit=self.viewer.can("target.edit"), **kwargs
        )

    def form_valid(self, form: HolderTargetForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        who, where = values.pop("participant"), values.pop("position")
        try:
            holder = Holder(who.pk if who else None, where.pk if where else None)
            _target_set(holder, values, self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("It holds from that day on. The next run posts the difference."))
        return redirect("incentives:target_list")

    def form_invalid(self, form: HolderTargetForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def _target_set(holder: Holder, values: dict[str, Any], actor: Viewer) -> None:
    target_set(
        holder=holder,
        name=values["name"],
        target_minor=values["target_minor"],
        base_minor=values["base_minor"],
        currency=values["currency"].upper(),
        per=values["per"],
        start=values["start"],
        until=values["until"],
        actor=actor,
    )


class PersonTermsPage(PageMixin, TemplateView):
    """What a person's pay depends on, dated; POST sets target pay, a ramp, a currency or leave from a day on."""

    template_name = "incentives/person_terms.html"
    actions = {"GET": "target.view", "POST": "target.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, today = self._person(), self.viewer.on
        found = person_lanes(person.pk)
        lanes = [
            {
                "label": lane,
                "spans": [
                    {"label": one.label, "start": one.start, "until": one.until} for one in found if one.lane == lane
                ],
            }
            for lane in LANES
        ]
        given = kwargs.pop("given", {})
        currency = person.currency or self.viewer.organisation.currency
        initial = {"start": today, "currency": currency}
        return super().get_context_data(
            person=person,
            lanes=lanes,
            has_lanes=bool(found),
            axis_start=today.replace(day=1, year=today.year - 1),
            axis_until=today.replace(day=1, year=today.year + 1),
            today=today,
            targets=target_views(self.viewer, person.pk),
            ramps=person_ramps(self.viewer, person.pk),
            currencies=pay_currency_list(self.viewer).filter(participant=person),
            leaves=leave_list(self.viewer).filter(participant=person),
            may_edit=can_for(self.viewer, "target.edit", person.pk),
            sections=[
                (name, title, given.get(name) or self._form(name, initial=initial))
                for name, title in (
                    ("target", _("Set target pay")),
                    ("ramp", _("Set a ramp")),
                    ("currency", _("Set the currency of pay")),
                    ("leave", _("Enter leave")),
                )
            ],
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        what, person = request.POST.get("do", ""), self._person()
        require_for(self.viewer, "target.edit", person.pk)
        if what not in FORMS:
            messages.error(request, _("Nothing was set: choose target pay, a ramp, a currency or leave."))
            return redirect("incentives:person_terms", person.pk)
        form = self._form(what, data=request.POST)
        if form.is_valid():
            try:
                _SET[what](self, form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error.messages)
        if form.errors:
            return self.render_to_response(self.get_context_data(given={what: form}), status=422)
        messages.success(request, _("It holds from that day on. The next run posts the difference."))
        return redirect("incentives:person_terms", person.pk)

    def set_target(self, values: dict[str, Any]) -> None:
        """Set the target pay that was written."""
        _target_set(Holder(participant_id=self._person().pk), values, self.viewer)

    def set_ramp(self, values: dict[str, Any]) -> None:
        """Set the ramp that was chosen, made first where it is new."""
        schedule = values["schedule"] or schedule_save(
            code=values["code"], name=values["name"], shares=values["read"], actor=self.viewer
        )
        holder = Holder(participant_id=self._person().pk)
        ramp_set(holder=holder, schedule_id=schedule.pk, start=values["start"], actor=self.viewer)

    def set_currency(self, values: dict[str, Any]) -> None:
        """Set the currency that was written."""
        pay_currency_set(participant_id=self._person().pk, actor=self.viewer, **values)

    def set_leave(self, values: dict[str, Any]) -> None:
        """Note the leave that was written."""
        leave_set(participant_id=self._person().pk, actor=self.viewer, **values)

    def _form(self, name: str, **given: Any) -> forms.Form:
        form = FORMS[name](prefix=name, **given)
        if isinstance(form, RampForm) and not can_for(self.viewer, "target.edit", None):
            form.choose_only()
        return form

    def _person(self) -> Participant:
        return get_object_or_404(terms_people(self.viewer), pk=self.kwargs["pk"])


_SET = {
    "target": PersonTermsPage.set_target,
    "ramp": PersonTermsPage.set_ramp,
    "currency": PersonTermsPage.set_currency,
    "leave": PersonTermsPage.set_leave,
}


class PersonTermChange(PageMixin, View):
    """Ends an entry of a person's terms on another day, or removes it."""

    actions = {"POST": "target.edit"}

    def post(self, request: HttpRequest, pk: UUID, what: str, entry: UUID) -> HttpResponse:
        person = get_object_or_404(terms_people(self.viewer), pk=pk)
        require_for(self.viewer, "target.edit", person.pk)
        found = entry_get(self.viewer, what, entry)
        if found is None:
            raise Http404
        form = EndForm(request.POST)
        try:
            if request.POST.get("do") == "remove":
                term_remove(found, actor=self.viewer)
            elif form.is_valid():
                term_end(found, until=form.cleaned_data["until"], actor=self.viewer)
            else:
                raise ValidationError(_("Choose the first day that no longer counts."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("It was changed. The next run posts the difference."))
        return redirect("incentives:person_terms", person.pk)
