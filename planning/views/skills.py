"""The page of skills: what accounts ask for, who has it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from planning.forms.skills import NeedForm, SkillForm
from planning.selectors.rule_sets import FIELD_NAMES
from planning.selectors.skills import need_list, skill_lines, skill_list
from planning.services.skills import NEEDS, SKILLS, need_remove, need_set, skill_end, skill_give
from spm.web.row_pages import RowFileDownload, RowFilePage
from spm.web.views import PageMixin, id_posted


class SkillPage(PageMixin, TemplateView):
    """Which skills accounts ask for, who has them, and what is said of each; said, ended and removed here."""

    template_name = "planning/skills.html"
    actions = {"GET": "balance.view", "POST": "balance.edit"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = self.viewer.on
        given = {
            "skill_form": SkillForm(prefix="skill", initial={"start": on}),
            "need_form": NeedForm(prefix="need"),
            **kwargs,
        }
        return super().get_context_data(
            on=on,
            lines=skill_lines(on),
            needs=[(need, FIELD_NAMES[need.field]) for need in need_list()],
            page=Paginator(_lasting(skill_list(), on), 50).get_page(self.request.GET.get("page")),
            may_edit=self.viewer.can("balance.edit"),
            **given,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Say, end or remove one."""
        asked = request.POST.get("do", "")
        if asked == "give":
            return self._said("skill_form", SkillForm(request.POST, prefix="skill"))
        if asked == "ask":
            return self._said("need_form", NeedForm(request.POST, prefix="need"))
        if asked == "end":
            skill = get_object_or_404(skill_list(), pk=_key(request))
            skill_end(skill_id=skill.pk, actor=self.viewer)
            messages.success(request, _("It has ended."))
        elif asked == "remove":
            need = get_object_or_404(need_list(), pk=_key(request))
            need_remove(need_id=need.pk, actor=self.viewer)
            messages.success(request, _("Accounts ask for it no more."))
        else:
            raise BadRequest(_("Say what to do: give, ask, end or remove."))
        return redirect(request.get_full_path())

    def _said(self, which: str, form: Form) -> HttpResponse:
        if form.is_valid():
            wanted = dict(form.cleaned_data)
            try:
                if which == "skill_form":
                    skill_give(participant_id=wanted.pop("participant").pk, **wanted, actor=self.viewer)
                else:
                    need_set(**wanted, actor=self.viewer)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(self.request, _("Saved. The next proposal counts it."))
                return redirect(self.request.get_full_path())
        return self.render_to_response(self.get_context_data(**{which: form}), status=422)


class SkillFilePage(RowFilePage):
    """Takes a file of skills."""

    kind, route, back = SKILLS, "planning:skill_file", ("planning:skills", "Skills")


class SkillFileDownload(RowFileDownload):
    """The skills as such a file, and its template."""

    kind = SKILLS


class NeedFilePage(RowFilePage):
    """Takes a file of what accounts ask for."""

    kind, route, back = NEEDS, "planning:need_file", ("planning:skills", "Skills")


class NeedFileDownload(RowFileDownload):
    """What accounts ask for as such a file, and its template."""

    kind = NEEDS


def _lasting(rows: QuerySet[Any], on: date) -> QuerySet[Any]:
    """Those that have not ended."""
    return rows.filter(Q(during__endswith=None) | Q(during__endswith__gt=on))


def _key(request: HttpRequest) -> UUID:
    return id_posted(request.POST.get("row", ""), _("This is no key of a row."))
