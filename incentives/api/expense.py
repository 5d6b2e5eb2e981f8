"""The API of commission expense: books, policies, the roll-forward, costs of contracts, the reconciliation, journals."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incentives.engine.expense.words import Basis, Convention
from incentives.models import ExpenseBook, ExpenseEntry, ExpensePolicy
from incentives.selectors.expense.assets import asset_list, month_entries, schedule_of
from incentives.selectors.expense.books import book_list, month_read, policy_list
from incentives.selectors.expense.company import months_in_company
from incentives.selectors.expense.figures import book_currencies, book_reconciled, months_rolled
from incentives.services.expense.books import PolicyValues, book_create, policy_set
from spm.core.money import RATE_SCALE
from spm.web.api import Input, input_read
from spm.web.listing import ListOf


class BookOut(serializers.ModelSerializer[ExpenseBook]):
    """A book: one set of accounts, from a month on."""

    class Meta:
        model = ExpenseBook
        fields = (
            "id", "code", "name", "starts_on", "close_after_days",
            "asset_account", "expense_account", "amortisation_account", "impairment_account",
        )  # fmt: skip


class ComponentIn(Input):
    """What is decided for one component of a plan."""

    plan = serializers.UUIDField()
    component = serializers.CharField(max_length=100)
    incremental = serializers.BooleanField()


class PolicyIn(Input):
    """A policy from an open month on; rates are at scale 10⁸."""

    start = serializers.DateField(help_text="The first day of an open month.")
    reason = serializers.CharField(max_length=500)
    capitalises = serializers.BooleanField(default=True)
    uses_expedient = serializers.BooleanField(default=False)
    basis = serializers.ChoiceField(choices=[each.value for each in Basis], default=Basis.TERM.value)
    benefit_months = serializers.IntegerField(min_value=1, max_value=600, default=60)
    convention = serializers.ChoiceField(choices=[each.value for each in Convention], default=Convention.DAYS.value)
    new_rate = serializers.IntegerField(min_value=0, max_value=10 * RATE_SCALE, default=0)
    renewal_rate = serializers.IntegerField(min_value=0, max_value=10 * RATE_SCALE, default=0)
    includes_overrides = serializers.BooleanField(default=True)
    capitalises_without_contract = serializers.BooleanField(default=False)
    lapse_months = serializers.IntegerField(min_value=0, max_value=60, allow_null=True, default=None)
    direct_cost_rate = serializers.IntegerField(min_value=0, max_value=RATE_SCALE, allow_null=True, default=None)
    components = ComponentIn(many=True, default=list)


class BookIn(PolicyIn):
    """A book to open with its first policy, which holds from the first month."""

    name = serializers.CharField(max_length=200)
    close_after_days = serializers.IntegerField(min_value=0, max_value=60, default=5)


class PolicyOut(serializers.ModelSerializer[ExpensePolicy]):
    """A policy and the days on which it holds; `until` is the first day after, null while it lasts."""

    start = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)
    components = ComponentIn(many=True)

    class Meta:
        model = ExpensePolicy
        fields = (
            "id", "start", "until", "reason", "capitalises", "uses_expedient", "basis", "benefit_months", "convention", "new_rate",
            "renewal_rate", "includes_overrides", "capitalises_without_contract", "lapse_months", "direct_cost_rate", "components",
        )  # fmt: skip


class RollOut(serializers.Serializer[Any]):
    """A part of the balance over a month, minor units."""

    opening = serializers.IntegerField()
    added = serializers.IntegerField()
    clawed_back = serializers.IntegerField()
    amortised = serializers.IntegerField()
    impaired = serializers.IntegerField()
    written_off = serializers.IntegerField()
    reclassified = serializers.IntegerField()
    closing = serializers.IntegerField()


class CompanyMonthOut(serializers.Serializer[Any]):
    """A month in the currency of the company; `roll` and the amounts are null where a rate is missing, and `missing` names it."""

    currency = serializers.CharField()
    roll = RollOut(allow_null=True)
    expensed_at_once = serializers.IntegerField(allow_null=True)
    cost = serializers.IntegerField(allow_null=True)
    rates = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())


class MonthOut(serializers.Serializer[Any]):
    """A month of a book in one currency; an open one is expensed when it is closed."""

    month = serializers.DateField()
    currency = serializers.CharField()
    is_closed = serializers.BooleanField()
    current = RollOut(source="forward.current")
    non_current = RollOut(source="forward.non_current")
    total = RollOut()
    expensed_at_once = serializers.IntegerField()
    cost = serializers.IntegerField()
    company = CompanyMonthOut()


class CostOut(serializers.Serializer[Any]):
    """What was paid for a contract; `contract` is null for a deal that has none."""

    id = serializers.UUIDField()
    deal = serializers.CharField(source="opportunity.source_key")
    contract = serializers.CharField(source="contract.source_key", allow_null=True, default=None)
    reason = serializers.CharField()
    currency = serializers.CharField()
    cost_minor = serializers.IntegerField()
    left_minor = serializers.IntegerField()
    start = serializers.DateField(source="start_on", allow_null=True)
    until = serializers.DateField(source="until_on", allow_null=True)


class ScheduleMonthOut(serializers.Serializer[Any]):
    """A month of a cost: what moved it, in minor units of the cost's currency; `is_planned` until the month is closed."""

    month = serializers.DateField()
    is_planned = serializers.BooleanField()
    opening = serializers.IntegerField(source="moved.opening")
    added = serializers.IntegerField(source="moved.added")
    clawed_back = serializers.IntegerField(source="moved.clawed_back")
    amortised = serializers.IntegerField(source="moved.amortised")
    impaired = serializers.IntegerField(source="moved.impaired")
    written_off = serializers.IntegerField(source="moved.written_off")
    closing = serializers.IntegerField(source="moved.closing")


class ExpenseEntryOut(serializers.ModelSerializer[ExpenseEntry]):
    """What moved the balance: `period` and `component` where it came from the ledger, null and empty where it was expensed."""

    deal = serializers.CharField(source="asset.opportunity.source_key")
    contract = serializers.CharField(source="asset.contract.source_key", allow_null=True, default=None)

    class Meta:
        model = ExpenseEntry
        fields = ("id", "asset", "deal", "contract", "month", "kind", "period", "component", "amount_minor", "currency")


class ReconciledOut(serializers.Serializer[Any]):
    """A pay period beside the ledger; `at_once` is what was expensed at once by reason. A difference is not taken yet."""

    period = serializers.UUIDField(source="period_id")
    period_key = serializers.CharField()
    currency = serializers.CharField()
    ledger_minor = serializers.IntegerField()
    capitalised_minor = serializers.IntegerField()
    expensed_minor = serializers.IntegerField()
    difference_minor = serializers.IntegerField()
    at_once = serializers.DictField(child=serializers.IntegerField())
    is_stale = serializers.BooleanField()


class BookListApi(ListAPIView[ExpenseBook]):
    """The company's books; POST opens one."""

    actions = {"GET": "expense.view", "POST": "expense.edit"}
    serializer_class = BookOut

    def get_queryset(self) -> QuerySet[ExpenseBook]:
        fake = getattr(self, "swagger_fake_view", False)
        return ExpenseBook.objects.none() if fake else book_list(self.request.viewer)  # type: ignore[attr-defined]

    @extend_schema(request=BookIn, responses={201: BookOut})
    def post(self, request: Request) -> Response:
        given = input_read(request, BookIn)
        names = ("name", "close_after_days", "reason")
        own = {name: given[name] for name in names}
        viewer = request.viewer  # type: ignore[attr-defined]
        book = book_create(starts_on=given["start"], policy=_policy(given), actor=viewer, **own)
        return Response(BookOut(book).data, status=status.HTTP_201_CREATED)


class _OfBook(ListOf):
    """What belongs to the book of the address."""

    actions = {"GET": "expense.view"}
    queryset = ExpenseBook.objects.none()

    def book(self, request: Request, pk: UUID) -> ExpenseBook:
        """Give the book, or 404."""
        return get_object_or_404(book_list(request.viewer), pk=pk)  # type: ignore[attr-defined]

    def paged(self, rows: Any) -> Response:
        """Give a page of rows in the endpoint's own shape."""
        return self.pages(rows)


class PolicyListApi(_OfBook):
    """The policies of a book, latest first; POST lets one hold from an open month on."""

    actions = {"GET": "expense.view", "POST": "expense.edit"}
    serializer_class = PolicyOut

    @extend_schema(responses=PolicyOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.paged(policy_list(request.viewer, self.book(request, pk)))  # type: ignore[attr-defined]

    @extend_schema(request=PolicyIn, responses={201: PolicyOut})
    def post(self, request: Request, pk: UUID) -> Response:
        given = input_read(request, PolicyIn)
        viewer = request.viewer  # type: ignore[attr-defined]
        row = policy_set(
            book_id=self.book(request, pk).pk,
            policy=_policy(given),
            start=given["start"],
            reason=given["reason"],
            actor=viewer,
        )
        return Response(PolicyOut(row).data, status=status.HTTP_201_CREATED)


class RollForwardApi(_OfBook):
    """The roll-forward of a book, every month and currency."""

    serializer_class = MonthOut

    @extend_schema(responses=MonthOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        book, viewer = self.book(request, pk), request.viewer  # type: ignore[attr-defined]
        rows = [
            {"currency": currency}
            | {name: getattr(row, name) for name in MonthOut._declared_fields if hasattr(row, name)}
            | {"forward": row.forward, "company": one if one.roll is not None else vars(one) | _UNKNOWN}
            for currency in book_currencies(viewer, book)
            for rolled in [months_rolled(viewer, book, currency)]
            for row, one in zip(rolled, months_in_company(viewer, book, currency, rolled), strict=True)
        ]
        return self.paged(rows)


class CostListApi(_OfBook):
    """The costs of contracts of a book, largest first."""

    serializer_class = CostOut

    @extend_schema(responses=CostOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.paged(asset_list(request.viewer, self.book(request, pk)))  # type: ignore[attr-defined]


class ScheduleApi(_OfBook):
    """The schedule of one cost: the months in which anything moved, those that are closed as they were, the others as the terms say now."""

    serializer_class = ScheduleMonthOut

    @extend_schema(responses=ScheduleMonthOut(many=True))
    def get(self, request: Request, pk: UUID, asset: UUID) -> Response:
        costs = asset_list(request.viewer, self.book(request, pk)).select_related("book")  # type: ignore[attr-defined]
        return self.paged(schedule_of(get_object_or_404(costs, pk=asset)))


class EntryListApi(_OfBook):
    """What moved the balance of a book in a month (`month`, such as 2026-07)."""

    serializer_class = ExpenseEntryOut

    query_names = ("month",)

    @extend_schema(responses=ExpenseEntryOut(many=True), parameters=[OpenApiParameter("month", str, required=True)])
    def get(self, request: Request, pk: UUID) -> Response:
        book, month = self.book(request, pk), month_read(request.query_params.get("month", ""))
        if month is None:
            raise ValidationError({"month": ["Name the month, such as 2026-07."]})
        return self.paged(month_entries(request.viewer, book, month))  # type: ignore[attr-defined]


class ReconciliationApi(_OfBook):
    """Every posted pay period since the book began beside the ledger, latest first."""

    serializer_class = ReconciledOut

    @extend_schema(responses=ReconciledOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        return self.paged(book_reconciled(request.viewer, self.book(request, pk)))  # type: ignore[attr-defined]


_UNKNOWN: dict[str, Any] = {"expensed_at_once": None, "cost": None}


def _policy(given: dict[str, Any]) -> PolicyValues:
    names = [name for name in PolicyValues.__dataclass_fields__ if name != "components"]
    chosen = [(str(each["plan"]), each["component"], each["incremental"]) for each in given["components"]]
    return PolicyValues(**{name: given[name] for name in names}, components=chosen)
