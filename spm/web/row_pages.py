"""The page and the API of a file of rows: what its columns are, a template, what is known now, check it, take it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from spm.crm.row_files import RowFile, rows_take
from spm.web.api import ImportThrottle, Input
from spm.web.downloads import table_download
from spm.web.findings import FindingOut
from spm.web.views import PageMixin

LARGEST = 5 * 1024 * 1024
FORMS = ("csv", "xlsx")


class RowFileForm(forms.Form):
    """A file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), up to 5 MB and 10,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file has more than 5 MB. Split it into smaller ones."))
        return file


class OfFile:
    """A door of a kind of file: it asks for the right that the file names."""

    kind: ClassVar[RowFile]
    verbs: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "kind" in cls.__dict__:
            cls.actions = dict.fromkeys(cls.verbs, cls.kind.action)  # type: ignore[attr-defined]


class RowFilePage(OfFile, PageMixin, FormView):
    """Takes a file; `route` is the page's own name, `back` that of the list it belongs to."""

    template_name = "web/row_file.html"
    form_class = RowFileForm
    verbs = ("GET", "POST")
    route: ClassVar[str]
    back: ClassVar[tuple[str, str]]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = {
            (what, form): reverse(f"{self.route}_download", kwargs={"what": what, "form": form})
            for what in ("template", "rows")
            for form in FORMS
        }
        return super().get_context_data(
            kind=self.kind,
            title=_(self.kind.title),
            purpose=_(self.kind.purpose),
            back_url=reverse(self.back[0]),
            back_title=_(self.back[1]),
            links={f"{what}_{form}": url for (what, form), url in links.items()},
            **kwargs,
        )

    def form_valid(self, form: RowFileForm) -> HttpResponse:
        file = form.cleaned_data["file"]
        is_check = self.request.POST.get("do") == "check"
        taken = rows_take(self.kind, file.read(), file.name, actor=self.viewer, is_check=is_check)
        if not taken.findings and not is_check:
            messages.success(self.request, _("The file was taken."))
        refused = {"status": 422} if taken.findings else {}
        context = self.get_context_data(form=self.form_class(), taken=taken, is_check=is_check, file_name=file.name)
        return self.render_to_response(context, **refused)

    def form_invalid(self, form: RowFileForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RowFileDownload(OfFile, PageMixin, View):
    """The template of a file, or what is known now, in the shape that is taken."""

    verbs = ("GET",)

    def get(self, request: HttpRequest, what: str, form: str) -> HttpResponse:
        rows = {"template": lambda: self.kind.template, "rows": lambda: self.kind.rows(self.viewer)}.get(what)
        if rows is None:
            raise Http404
        name = self.kind.name if what == "rows" else f"{self.kind.name}-template"
        return table_download(rows(), self.kind.header, name=name, form=form)


class RowFileIn(Input):
    """A file of rows; with `check` it is read and nothing is written."""

    file = serializers.FileField()
    check = serializers.BooleanField(default=False)


class RowFileOut(serializers.Serializer[Any]):
    """How many entries were created, updated and left unchanged; with findings nothing was written, warnings keep nothing back."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    findings = FindingOut(many=True)
    warnings = FindingOut(many=True)


class RowFileApi(OfFile, APIView):
    """Takes a file of rows, whole or not at all."""

    verbs = ("POST",)
    parser_classes = [MultiPartParser]
    throttle_classes = [ImportThrottle]

    @extend_schema(request={"multipart/form-data": RowFileIn}, responses={200: RowFileOut, 422: RowFileOut})
    def post(self, request: Request) -> Response:
        given = RowFileIn(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        if file.size > LARGEST:
            raise serializers.ValidationError({"file": ["The file has more than 5 MB. Split it into smaller ones."]})
        viewer = request.viewer  # type: ignore[attr-defined]
        taken = rows_take(self.kind, file.read(), file.name, actor=viewer, is_check=given.validated_data["check"])
        body = {name: taken.counts.get(name, 0) for name in ("created", "updated", "unchanged")}
        answer = body | {"findings": taken.findings, "warnings": taken.warnings}
        code = status.HTTP_422_UNPROCESSABLE_ENTITY if taken.findings else status.HTTP_200_OK
        return Response(RowFileOut(answer).data, status=code)
