"""Webhooks: addresses of other systems, their secrets, what was sent to them and what became of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from spm.hooks.models import KINDS, Endpoint
from spm.hooks.selectors import attempt_list, delivery_list, endpoint_list
from spm.hooks.services.deliveries import delivery_replay
from spm.hooks.services.endpoints import (
    endpoint_change,
    endpoint_create,
    endpoint_delete,
    endpoint_switch,
    secret_rotate,
)
from spm.hooks.services.events import event_test
from spm.web.views import PageMixin

PAGE = 25


class HookForm(forms.Form):
    """Where to, and what of."""

    url = forms.CharField(
        max_length=500,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("It begins with https:// and can be reached from the internet."),
        widget=forms.URLInput,
    )
    kinds = forms.MultipleChoiceField(
        choices=[(kind, f"{kind}: {sentence}") for kind, sentence in KINDS.items()],
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Tell it of"),
    )
    note = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("What listens there, and whom to ask."),
    )


class HookListPage(PageMixin, TemplateView):
    """The company's endpoints."""

    template_name = "hooks/hook_list.html"
    actions = {"GET": "hook.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        values = {"endpoints": endpoint_list(self.viewer), "may_edit": self.viewer.can("hook.edit")}
        return super().get_context_data(**values, **kwargs)


class HookNewPage(PageMixin, FormView):
    """Makes an endpoint; its secret is shown once, in the answer that made it."""

    template_name = "hooks/hook_new.html"
    form_class = HookForm
    actions = {"GET": "hook.edit", "POST": "hook.edit"}

    def form_valid(self, form: HookForm) -> HttpResponse:
        try:
            endpoint, secret = endpoint_create(actor=self.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        return self.render_to_response({"endpoint": endpoint, "secret": secret, "view": self})


class HookEditPage(PageMixin, FormView):
    """Changes where an endpoint is, and what it wants."""

    template_name = "hooks/hook_edit.html"
    form_class = HookForm
    actions = {"GET": "hook.edit", "POST": "hook.edit"}

    def get_initial(self) -> dict[str, Any]:
        endpoint = self._endpoint()
        return {"url": endpoint.url, "kinds": endpoint.kinds, "note": endpoint.note}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(endpoint=self._endpoint(), **kwargs)

    def form_valid(self, form: HookForm) -> HttpResponse:
        try:
            endpoint_change(endpoint_id=self.kwargs["pk"], actor=self.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The webhook was changed."))
        return redirect("hooks:hook_detail", self.kwargs["pk"])

    def _endpoint(self) -> Endpoint:
        return endpoint_list(self.viewer).get(pk=self.kwargs["pk"], deleted_at=None)


class HookPage(PageMixin, TemplateView):
    """One endpoint: its deliveries and attempts."""

    template_name = "hooks/hook_detail.html"
    actions = {"GET": "hook.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        endpoint = endpoint_list(self.viewer).get(pk=kwargs["pk"])
        deliveries = Paginator(delivery_list(self.viewer, endpoint.pk), PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            endpoint=endpoint,
            kinds=[(kind, KINDS[kind]) for kind in endpoint.kinds if kind in KINDS],
            deliveries=deliveries,
            attempts=attempt_list(self.viewer, endpoint.pk)[:PAGE],
            may_edit=endpoint.deleted_at is None and self.viewer.can("hook.edit"),
            **kwargs,
        )


class HookSecret(PageMixin, View):
    """Gives an endpoint another secret, shown once."""

    actions = {"POST": "hook.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            endpoint, secret = secret_rotate(endpoint_id=pk, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("hooks:hook_detail", pk)
        page = HookNewPage()
        page.setup(request)
        return page.render_to_response({"endpoint": endpoint, "secret": secret, "is_changed": True, "view": page})


class HookSwitch(PageMixin, View):
    """Switches an endpoint on or off."""

    actions = {"POST": "hook.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        is_active = request.POST.get("is_active") == "yes"
        try:
            endpoint_switch(endpoint_id=pk, is_active=is_active, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("hooks:hook_detail", pk)
        messages.success(request, _("It is told again.") if is_active else _("Nothing more is sent there."))
        return redirect("hooks:hook_detail", pk)


class HookTest(PageMixin, View):
    """Sends an endpoint an event that tells of nothing but itself."""

    actions = {"POST": "hook.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            event_test(endpoint_id=pk, path=reverse("api_hook", args=[pk]), actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("A test is sent within seconds. What became of it stands below."))
        return redirect("hooks:hook_detail", pk)


class HookDelete(PageMixin, View):
    """Deletes an endpoint; what was sent to it stays."""

    actions = {"POST": "hook.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            endpoint_delete(endpoint_id=pk, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The webhook was deleted. What was sent to it can still be read."))
        return redirect("hooks:hook_list")


class DeliveryReplay(PageMixin, View):
    """Sends an event again."""

    actions = {"POST": "hook.edit"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            delivery = delivery_replay(delivery_id=pk, actor=self.viewer)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("hooks:hook_list")
        messages.success(request, _("It is sent again within seconds, with the same id."))
        return redirect("hooks:hook_detail", delivery.endpoint_id)
