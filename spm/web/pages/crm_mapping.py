"""The mapping page: which column means what, with samples; what no column says is chosen once for all rows."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from spm.core.findings import Finding, FindingError
from spm.crm.feeds.attributes import KIND as ATTRIBUTED
from spm.crm.feeds.attributes import Attribute, AttributeType, attribute_name
from spm.crm.feeds.mapping import EVERYTHING_ELSE, Mapping
from spm.crm.feeds.schemas import KINDS, Field, ValueType
from spm.crm.feeds.sheets import Sheet
from spm.crm.feeds.values import Format
from spm.crm.intake.absent import FullList
from spm.crm.intake.reading import upload_open
from spm.crm.models import Upload
from spm.crm.services.findings import MappingError
from spm.crm.services.uploads import mapping_guess, mapping_save
from spm.web.crm_starts import preview_start
from spm.web.pages.crm_full_list import FullListForm
from spm.web.views import PageMixin

SAMPLE = 200
SHOWN = 3
CHOICES_LIMIT = 30
NONE = ("", gettext_lazy("– none –"))


@dataclass(frozen=True)
class FieldRow:
    """One line of the page: a field, its two inputs, what its column holds, and its list of values."""

    field: Field
    column: Any
    constant: Any
    samples: list[str]
    values: list[Any]
    is_needed: bool


@dataclass(frozen=True)
class AttributeRow:
    """A column that no field uses, with the inputs that make it an attribute, and what it holds."""

    column: str
    name: Any
    type: Any
    samples: list[str]


ATTRIBUTE_TYPES = [
    ("TEXT", gettext_lazy("Text")),
    ("NUMBER", gettext_lazy("Number")),
    ("DATE", gettext_lazy("Date")),
    ("YES_NO", gettext_lazy("Yes or no")),
    ("MONEY", gettext_lazy("Money")),
    ("PERCENT", gettext_lazy("Percentage")),
]


class MappingForm(FullListForm):
    """The choices for one sheet and one kind. Fields are made from the schema: `column_…`, `constant_…`, `value_…_<n>`."""

    date_order = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Order of dates such as 03/04/2026"),
        choices=[
            ("", gettext_lazy("Only dates with one reading")),
            ("DMY", gettext_lazy("Day, month, year")),
            ("MDY", gettext_lazy("Month, day, year")),
            ("YMD", gettext_lazy("Year, month, day")),
        ],
    )
    decimal_mark = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Decimal mark"),
        choices=[("", gettext_lazy("Only numbers with one reading")), (".", "1,234.50"), (",", "1.234,50")],
    )
    percent = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Percentages"),
        choices=[
            ("", gettext_lazy("Only with a % sign")),
            ("PERCENT", gettext_lazy("10 is 10 %")),
            ("FRACTION", gettext_lazy("0.1 is 10 %")),
        ],
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        header: list[str],
        sample: list[dict[str, str]],
        mapping: Mapping,
        full_list: FullList | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self._header, self._sample, self._mapping = KINDS[kind], header, sample, mapping
        self._received: dict[str, list[str]] = {}
        for name in ("date_order", "decimal_mark", "percent"):
            self.initial[name] = getattr(mapping.format, name) or ""
        for field in self.kind.fields:
            self._add(field)
        self._add_attributes()
        self.set_full_list(kind, full_list)
        for name, each in self.fields.items():
            if name.startswith(("attribute_", "column_", "constant_", "value_")):
                kind = "form-select" if isinstance(each, forms.ChoiceField) else "form-control"
                each.widget.attrs |= {"class": kind, "aria-label": each.label}

    def _add(self, field: Field) -> None:
        mapping = self._mapping
        self.fields[f"column_{field.name}"] = forms.ChoiceField(
            required=False,
            label=_("Column for %(field)s") % {"field": field.label},
            choices=[NONE, *((name, name) for name in self._header)],
            initial=mapping.columns.get(field.name, ""),
        )
        if field.name != "key":
            self.fields[f"constant_{field.name}"] = _constant(field, mapping.constants.get(field.name, ""))
        if field.type is ValueType.CHOICE:
            self._add_values(field)

    def _add_values(self, field: Field) -> None:
        column = self.data.get(f"column_{field.name}") if self.is_bound else self._mapping.columns.get(field.name)
        received = list(dict.fromkeys(row[column] for row in self._sample if column in row and row[column]))[
            :CHOICES_LIMIT
        ]
        self._received[field.name] = received
        known = self._mapping.values.get(field.name, {})
        for place, value in enumerate([*received, EVERYTHING_ELSE] if received else []):
            label = _("Every other value") if value == EVERYTHING_ELSE else value
            self.fields[f"value_{field.name}_{place}"] = forms.ChoiceField(
                required=False,
                label=label,
                choices=[("", _("as it is")), *((choice, choice) for choice in field.choices)],
                initial=known.get(value, known.get(EVERYTHING_ELSE, "")),
            )

    def _add_attributes(self) -> None:
        """A name and a type for each column, where the kind takes attributes of the company's own."""
        if self.kind.name != ATTRIBUTED:
            return
        known = {each.column: (name, each.type) for name, each in self._mapping.attributes.items()}
        for place, column in enumerate(self._header):
            name, kind = known.get(column, ("", ""))
            self.fields[f"attribute_name_{place}"] = forms.CharField(
                required=False,
                max_length=60,
                initial=name,
                label=_("Name in plans for %(column)s") % {"column": column},
            )
            self.fields[f"attribute_type_{place}"] = forms.ChoiceField(
                required=False,
                initial=kind,
                choices=ATTRIBUTE_TYPES,
                label=_("Type of %(column)s") % {"column": column},
            )

    def attribute_rows(self) -> list[AttributeRow]:
        """Give the columns that no field uses, for a name and a type of their own."""
        if self.kind.name != ATTRIBUTED:
            return []
        used = {self[f"column_{field.name}"].value() for field in self.kind.fields}
        return [
            AttributeRow(
                column,
                self[f"attribute_name_{place}"],
                self[f"attribute_type_{place}"],
                list(dict.fromkeys(row[column] for row in self._sample if row.get(column)))[:SHOWN],
            )
            for place, column in enumerate(self._header)
            if column not in used or self[f"attribute_name_{place}"].value()
        ]

    def _attributes(self) -> dict[str, Attribute]:
        found = {}
        for place, column in enumerate(self._header):
            name = self.cleaned_data.get(f"attribute_name_{place}", "")
            kind = self.cleaned_data.get(f"attribute_type_{place}") or AttributeType.TEXT
            if name:
                found[attribute_name(name, kind)] = Attribute(column, kind)
        return found

    def rows(self) -> list[FieldRow]:
        """Give the lines of the page, what is mapped or needed first."""
        return sorted(
            (self._row(field) for field in self.kind.fields), key=lambda row: not (row.is_needed or row.samples)
        )

    def _row(self, field: Field) -> FieldRow:
        column = self[f"column_{field.name}"].value() or ""
        samples = list(dict.fromkeys(row[column] for row in self._sample if row.get(column)))[:SHOWN]
        values = [self[name] for name in self.fields if name.startswith(f"value_{field.name}_")]
        constant = self[f"constant_{field.name}"] if field.name != "key" else None
        day = self.kind.name == "participant" and field.name == "starts_on"
        return FieldRow(
            field,
            self[f"column_{field.name}"],
            constant,
            samples,
            values,
            field.required or day or field.type is ValueType.CURRENCY,
        )

    def mapping(self) -> Mapping:
        """Give the chosen mapping."""
        chosen = self.cleaned_data
        columns = {
            field.name: chosen[f"column_{field.name}"] for field in self.kind.fields if chosen[f"column_{field.name}"]
        }
        constants = {
            field.name: str(text) for field in self.kind.fields if (text := chosen.get(f"constant_{field.name}"))
        }
        values = {field.name: pairs for field in self.kind.fields if (pairs := self._values(field))}
        format = Format(chosen["date_order"] or None, chosen["decimal_mark"] or None, chosen["percent"] or None)
        return Mapping(self.kind.name, columns, constants, values, format, self._attributes())

    def _values(self, field: Field) -> dict[str, str]:
        known = (
            dict(self._mapping.values.get(field.name, {}))
            if self._mapping.columns.get(field.name) == self.cleaned_data[f"column_{field.name}"]
            else {}
        )
        for place, value in enumerate([*self._received.get(field.name, []), EVERYTHING_ELSE]):
            wanted = self.cleaned_data.get(f"value_{field.name}_{place}")
            if wanted:
                known[value] = wanted
        return known


def _constant(field: Field, initial: str) -> forms.Field:
    label = _("%(field)s for all rows") % {"field": field.label}
    if field.type is ValueType.DATE:
        return forms.DateField(
            required=False, label=label, initial=initial, widget=forms.DateInput(attrs={"type": "date"})
        )
    if field.type is ValueType.CHOICE:
        return forms.ChoiceField(
            required=False, label=label, initial=initial, choices=[NONE, *((each, each) for each in field.choices)]
        )
    return forms.CharField(required=False, label=label, initial=initial, max_length=field.max_length)


class MappingPage(PageMixin, TemplateView):
    """Maps an upload; another kind or sheet is chosen by address, and guessed anew."""

    template_name = "crm/upload_mapping.html"
    actions = {"GET": "fact.import", "POST": "fact.import"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._render(self._form(None), ())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self._form(request.POST)
        if form is None or not form.is_valid():
            return self._render(form, ())
        try:
            upload = mapping_save(
                upload_id=self.kwargs["pk"],
                mapping=form.mapping(),
                sheet=self._sheet_name,
                full_list=form.full_list(),
                actor=self.viewer,
            )
            preview_start(upload, self.viewer)
        except MappingError as error:
            return self._render(form, error.findings)
        except FindingError as error:
            return self._render(form, (error.finding,))
        return redirect("crm:upload_detail", upload.pk)

    def _form(self, data: Any) -> MappingForm | None:
        self._upload = get_object_or_404(Upload, pk=self.kwargs["pk"])
        chosen = self.request.GET
        self._sheet_name = chosen.get("sheet", self._upload.sheet)
        self._kind = chosen.get("kind") or self._upload.kind
        if self._kind not in KINDS:
            return None
        self._upload.sheet = self._sheet_name
        with upload_open(self._upload) as sheet:
            sample = [
                dict(zip(sheet.header, (value or "" for value in row.values), strict=False))
                for row in islice(sheet.rows, SAMPLE)
            ]
            mapping = self._mapping(sheet)
            return MappingForm(
                data,
                kind=self._kind,
                header=sheet.header,
                sample=sample,
                mapping=mapping,
                full_list=FullList.of(self._upload),
            )

    def _mapping(self, sheet: Sheet) -> Mapping:
        stored = self._upload.mapping
        if stored and stored["kind"] == self._kind and "sheet" not in self.request.GET:
            return Mapping.from_dict(stored)
        return mapping_guess(sheet, self._kind, self.viewer.organisation.currency)

    def _label(self, name: str) -> str:
        """Call a field what the page calls it; a column or file keeps its own name."""
        fields = KINDS[self._kind].fields if self._kind in KINDS else ()
        return next((field.label for field in fields if field.name == name), name)

    def _render(self, form: MappingForm | None, findings: tuple[Finding, ...]) -> HttpResponse:
        context = self.get_context_data(
            upload=self._upload,
            form=form,
            rows=form.rows() if form else [],
            attribute_rows=form.attribute_rows() if form else [],
            findings=[finding.as_dict() | {"where": self._label(finding.where)} for finding in findings],
            kinds=KINDS.values(),
            kind=KINDS.get(self._kind),
            sheet=self._sheet_name,
        )
        return self.render_to_response(context, status=422 if findings else 200)
