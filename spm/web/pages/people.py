"""Pages of people: who sits where, when, and changes to it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from spm.people import services
from spm.people.leaving import leaving_warnings
from spm.people.models import Participant, Position, Title, Unit
from spm.people.selectors import employed_from, last_day, participant_directory, participant_spans, seat_held
from spm.roles.policy import visible
from spm.web.downloads import table_download
from spm.web.views import PageMixin

DAY = forms.DateInput(attrs={"type": "date"})
LANES = ("Employed", "Position", "Title", "Unit", "Reports to", "Relations")
SORTS = {"name": "name", "unit": "unit_name", "title": "title_name", "manager": "boss_name"}


class ParticipantListPage(PageMixin, TemplateView):
    """The people within reach, as of a day."""

    template_name = "people/participant_list.html"
    actions = {"GET": "participant.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.day_asked()
        query = self.request.GET.get("q", "")
        page = Paginator(_people(self, on, query), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page, on=on, q=query, may_edit=self.viewer.can("participant.edit"), **kwargs
        )


def _people(page: PageMixin, on: Any, query: str) -> Any:
    people = visible(page.viewer, participant_directory(on), participant="pk")
    if query:
        people = people.filter(name__icontains=query)
    sort = page.request.GET.get("sort", "name")
    column = SORTS.get(sort.lstrip("-"), "name")
    return people.order_by(f"-{column}" if sort.startswith("-") else column, "pk")


class ParticipantExport(PageMixin, View):
    """The people within reach as a file that an import takes back unchanged: it says what holds on the day."""

    actions = {"GET": "participant.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        on = self.day_asked()
        people = _people(self, on, request.GET.get("q", ""))
        columns = ["Key", "Name", "Email", "Employee number", "Position", "Title", "Unit", "Manager", "Manager name"]
        of_seat = ("seat_name", "title_name", "unit_name", "boss_key", "boss_name")
        found = people.values_list("source_key", "name", "email", "employee_number", *of_seat)
        rows, columns = [(*row, on) for row in found], [*columns, "Starts on"]
        return table_download(rows, columns, name=f"people-{on.isoformat()}", form=form)


class ParticipantForm(forms.Form):
    """A person."""

    name = forms.CharField(max_length=200)
    email = forms.EmailField(required=False, label=gettext_lazy("Email"))
    employee_number = forms.CharField(max_length=50, required=False)
    employed_from = forms.DateField(
        widget=DAY,
        required=False,
        label=gettext_lazy("Employed since"),
        help_text=gettext_lazy("The first day. Plans that pay by months of employment count from it."),
    )
    last_day = forms.DateField(
        widget=DAY,
        required=False,
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Of who leaves: employment and positions end with it. Empty: the employment lasts."),
    )


class ParticipantFormPage(PageMixin, FormView):
    """Creates or changes a person."""

    template_name = "people/participant_form.html"
    form_class = ParticipantForm
    actions = {"GET": "participant.edit", "POST": "participant.edit"}

    def get_initial(self) -> dict[str, Any]:
        person = self._person()
        if person is None:
            return {}
        said = {"name": person.name, "email": person.email, "employee_number": person.employee_number}
        return said | {"employed_from": employed_from(person.pk), "last_day": last_day(person.pk)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(person=self._person(), **kwargs)

    def form_valid(self, form: ParticipantForm) -> HttpResponse:
        existing = self._person()
        last = form.cleaned_data.pop("last_day")
        try:
            with transaction.atomic():
                person = services.participant_save(
                    **form.cleaned_data, participant_id=existing.pk if existing else None, actor=self.viewer
                )
                is_moved = last != last_day(person.pk)
                if is_moved:
                    services.employment_end(participant_id=person.pk, last_day=last)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        for warning in leaving_warnings({person.pk: last}) if is_moved and last else ():
            messages.warning(self.request, warning.message)
        return redirect("people:participant_detail", person.pk)

    def _person(self) -> Participant | None:
        return Participant.objects.get(pk=self.kwargs["pk"]) if "pk" in self.kwargs else None


class MoveForm(forms.Form):
    """What changes on a day; what stays empty stays as it is."""

    start = forms.DateField(widget=DAY, label=gettext_lazy("From"))
    position = forms.ModelChoiceField(queryset=Position.objects.none(), required=False, label=gettext_lazy("Position"))
    title = forms.ModelChoiceField(
        queryset=Title.objects.none(), required=False, label=gettext_lazy("Title of the position")
    )
    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(), required=False, label=gettext_lazy("Unit of the position")
    )
    manager = forms.ModelChoiceField(
        queryset=Position.objects.none(), required=False, label=gettext_lazy("Reports to position")
    )

    related = forms.ModelChoiceField(
        queryset=Participant.objects.none(),
        required=False,
        label=gettext_lazy("Related person"),
        help_text=gettext_lazy("Somebody whom a plan credits for this person's deals."),
    )
    relation = forms.CharField(
        max_length=100, required=False, label=gettext_lazy("Relation"), help_text=gettext_lazy("As the plan names it.")
    )
    until = forms.DateField(
        widget=DAY,
        required=False,
        label=gettext_lazy("Relation until"),
        help_text=gettext_lazy("The first day after it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = (("position", Position), ("title", Title), ("unit", Unit), ("manager", Position))
        for name, model in (*choices, ("related", Participant)):
            self.fields[name].queryset = model._default_manager.order_by("name")  # type: ignore[attr-defined]
            self.fields[name].empty_label = _("As it is")  # type: ignore[attr-defined]


class ParticipantPage(PageMixin, FormView):
    """One person: the timeline of everything dated about them; POST changes what holds from a day on."""

    template_name = "people/participant_detail.html"
    form_class = MoveForm
    actions = {"GET": "participant.view", "POST": "participant.edit"}

    def get_initial(self) -> dict[str, Any]:
        return {"start": self.viewer.on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self._person()
        spans = participant_spans(person.pk)
        lanes = [
            {
                "label": lane,
                "spans": [
                    {"label": span.label, "start": span.start, "until": span.until}
                    for span in spans
                    if span.lane == lane
                ],
            }
            for lane in LANES
        ]
        starts = [span.start for span in spans]
        today = self.viewer.on
        return super().get_context_data(
            axis_start=max(min(starts, default=today), today.replace(day=1, year=today.year - 3)),
            axis_until=today.replace(day=1, year=today.year + 1),
            person=person,
            lanes=lanes,
            spans=spans,
            today=self.viewer.on,
            may_edit=self.viewer.can("participant.edit"),
            may_see_terms=self.viewer.can("target.view"),
            **kwargs,
        )

    def form_valid(self, form: MoveForm) -> HttpResponse:
        person = self._person()
        try:
            self._move(person, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("The timeline was changed."))
        return redirect("people:participant_detail", person.pk)

    def _move(self, person: Any, wanted: dict[str, Any]) -> None:
        start = wanted["start"]
        if wanted["position"]:
            services.position_hold(
                position_id=wanted["position"].pk, participant_id=person.pk, start=start, actor=self.viewer
            )
        seat_id = wanted["position"].pk if wanted["position"] else seat_held(person.pk, on=start)
        changes = [name for name in ("title", "unit", "manager") if wanted[name]]
        if changes and seat_id is None:
            raise ValidationError(_("On that day the person sits on no position. Choose a position first."))
        for name in changes:
            _CHANGES[name](seat_id, wanted[name].pk, start, self.viewer)
        if wanted["related"] or wanted["relation"]:
            if not wanted["related"]:
                raise ValidationError(_("Choose who stands in the relation."))
            services.relationship_set(
                participant_id=person.pk,
                related_id=wanted["related"].pk,
                name=wanted["relation"],
                start=start,
                until=wanted["until"],
                actor=self.viewer,
            )

    def _person(self) -> Any:
        return get_object_or_404(
            visible(self.viewer, participant_directory(self.viewer.on), participant="pk"), pk=self.kwargs["pk"]
        )


_CHANGES = {
    "title": lambda seat, value, start, actor: services.position_title_set(
        position_id=seat, title_id=value, start=start, actor=actor
    ),
    "unit": lambda seat, value, start, actor: services.position_unit_set(
        position_id=seat, unit_id=value, start=start, actor=actor
    ),
    "manager": lambda seat, value, start, actor: services.reporting_line_set(
        position_id=seat, manager_id=value, start=start, actor=actor
    ),
}


class PositionForm(forms.Form):
    """A new seat."""

    name = forms.CharField(max_length=200)


class PositionNewPage(PageMixin, FormView):
    """Creates a seat."""

    template_name = "people/position_form.html"
    form_class = PositionForm
    actions = {"GET": "participant.edit", "POST": "participant.edit"}

    def form_valid(self, form: PositionForm) -> HttpResponse:
        try:
            services.position_create(name=form.cleaned_data["name"], actor=self.viewer)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The position was created. Seat somebody on it from their page."))
        return redirect("people:participant_list")
