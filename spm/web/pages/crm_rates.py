"""Pages and API of currency rates: what holds, every entry that was made, enter one, take a file of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from spm.crm.models import CurrencyRate
from spm.crm.selectors.rates import rate_list
from spm.crm.services.rates import PLACES, RATES, TABLE, RateWish, rate_set
from spm.web.api import Input
from spm.web.row_pages import RowFileApi, RowFileDownload, RowFilePage
from spm.web.views import PageMixin

ON_PAGE = 100


class RateForm(forms.Form):
    """A rate of a pair from a day on."""

    from_currency = forms.CharField(
        label=gettext_lazy("1 of this currency"), min_length=3, max_length=3, help_text=gettext_lazy("Such as EUR.")
    )
    to_currency = forms.CharField(label=gettext_lazy("is worth, in this currency"), min_length=3, max_length=3)
    rate = forms.DecimalField(
        label=gettext_lazy("Rate"),
        max_digits=24,
        decimal_places=PLACES,
        required=False,
        help_text=gettext_lazy("Empty: the entry of that day was wrong and holds no longer."),
    )
    rate_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    table_name = forms.CharField(
        label=gettext_lazy("Table"), max_length=50, help_text=gettext_lazy("The list that it is taken from.")
    )

    def clean_from_currency(self) -> str:
        """Take small letters, too."""
        return str(self.cleaned_data["from_currency"]).upper()

    def clean_to_currency(self) -> str:
        """Take small letters, too."""
        return str(self.cleaned_data["to_currency"]).upper()


class RateListPage(PageMixin, FormView):
    """The rates that hold or every entry that was made; who may enters one."""

    template_name = "crm/rate_list.html"
    form_class = RateForm
    actions = {"GET": "rate.view", "POST": "rate.edit"}

    def get_initial(self) -> dict[str, Any]:
        company = self.viewer.organisation.currency
        return {"rate_on": self.viewer.on.isoformat(), "to_currency": company, "table_name": TABLE}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        currency = self.request.GET.get("currency", "").strip().upper()
        is_history = self.request.GET.get("show") == "history"
        rows = rate_list(self.viewer, currency=currency, is_history=is_history)
        page = Paginator(rows, ON_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            currency=currency,
            is_history=is_history,
            company=self.viewer.organisation.currency,
            may_edit=self.viewer.can("rate.edit"),
            **kwargs,
        )

    def form_valid(self, form: RateForm) -> HttpResponse:
        try:
            rate_set(wish=RateWish(**form.cleaned_data), actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("The rate is entered. The next run calculates with it."))
        return redirect("crm:rate_list")

    def form_invalid(self, form: RateForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RateFilePage(RowFilePage):
    """Takes a file of currency rates."""

    kind, route, back = RATES, "crm:rate_file", ("crm:rate_list", "Currency rates")


class RateFileDownload(RowFileDownload):
    """The rates that hold as such a file, and its template."""

    kind = RATES


class RateFileApi(RowFileApi):
    """Takes a file of currency rates, whole or not at all."""

    kind = RATES


class RateOut(serializers.ModelSerializer[CurrencyRate]):
    """From `rate_on` on, 1 of `from_currency` is worth `rate` of `to_currency`."""

    class Meta:
        model = CurrencyRate
        fields = ("id", "from_currency", "to_currency", "rate_on", "rate", "table_name", "number", "by_name", "at")


class RateIn(Input):
    """A rate to enter; null takes back the entry of the pair and day."""

    from_currency = serializers.CharField(min_length=3, max_length=3)
    to_currency = serializers.CharField(min_length=3, max_length=3)
    rate_on = serializers.DateField()
    rate = serializers.DecimalField(max_digits=24, decimal_places=PLACES, allow_null=True)
    table_name = serializers.CharField(max_length=50, default=TABLE)


class RateListApi(ListAPIView[CurrencyRate]):
    """The rates that hold, latest day first; POST enters one."""

    actions = {"GET": "rate.view", "POST": "rate.edit"}
    serializer_class = RateOut

    def get_queryset(self) -> QuerySet[CurrencyRate]:
        if getattr(self, "swagger_fake_view", False):
            return CurrencyRate.objects.none()
        return rate_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=RateIn, responses={201: RateOut})
    def post(self, request: Request) -> Response:
        given = RateIn(data=request.data)
        given.is_valid(raise_exception=True)
        wish = RateWish(**given.validated_data)
        rate_set(wish=wish, actor=request.viewer)  # type: ignore[attr-defined]
        entered = CurrencyRate.objects.filter(**wish.key).order_by("-number").first()
        return Response(RateOut(entered).data, status=status.HTTP_201_CREATED)
