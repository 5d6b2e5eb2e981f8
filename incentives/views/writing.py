"""The designer: pages on which a plan is written, as cards or as text.

Every post brings the whole document. `do` says what is asked: a step that changes its structure, a check, a preview, the text, or to save
it. Nothing but saving is kept. A draft may be saved with errors: it is never approved and calculates nobody.

The page saves by itself, too (`keep`); its script asks for JSON and shows what came of it. `base` is the digest of the draft that the form
began with, so that two people never save over each other unseen.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from incentives.engine.placing import findings_placed
from incentives.forms.designer.cards import cards_of
from incentives.forms.designer.reading import FormUnreadable, document_posted, example_read, with_computed, with_example
from incentives.forms.designer.starts import empty_document
from incentives.forms.designer.steps import focus_of, stepped
from incentives.forms.plans import PlanTextForm
from incentives.models import Plan, PlanVersion, Standing
from incentives.selectors.designs import clauses_compared, design_of, formula_proposals, texts_compared
from incentives.selectors.gallery import template_document
from incentives.selectors.lifecycle import examples_run
from incentives.selectors.plans import draft_of, live_version, plan_rows, version_list, version_rows
from incentives.selectors.searching import search_all
from incentives.services.documents import (
    PlanRefused,
    document_completed,
    document_read,
    document_review_here,
    document_text,
)
from incentives.services.plans import DraftConflict, plan_create, plan_version_save
from incentives.views.beside import review_of
from incentives.views.previewing import preview_asked, preview_choices
from incentives.views.saying import examples_told, warnings_told
from incentives.views.searching import part_asked, part_context
from spm.core.findings import Finding, errors
from spm.crm.deal_columns import COLUMNS as DEAL_COLUMNS
from spm.web.views import PageMixin

COLUMNS = (
    "amount",
    "cost",
    "list",
    "discount",
    "margin",
    "margin_rate",
    *sorted(each.removesuffix("_key") for each in DEAL_COLUMNS),
)
"""Columns of deals that are offered for conditions; any other may be typed."""

TYPED = ("", "save", "keep", "check", "complete", "preview", "show", "text", "form", "export", "search")
"""What `do` may ask for beside the steps of the form."""


class PlanWritePage(PageMixin, TemplateView):
    """Writes a draft. Subclasses say which document it begins with and how it is saved."""

    template_name = "incentives/plan_design.html"
    actions = {"GET": "plan.edit", "POST": "plan.edit"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        document = dict(self.document() or {})
        if request.GET.get("as") == "text":
            return self._text(document_text(document))
        return self._cards(document)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        do = request.POST.get("do", "")
        try:
            document = document_read(request.POST["text"]) if "text" in request.POST else document_posted(request.POST)
        except PlanRefused as refusal:
            return self._text(request.POST["text"], findings=refusal.findings, status=422)
        except FormUnreadable as error:
            return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
        if do.startswith("case "):
            return self._case(document, do.removeprefix("case "))
        if do.startswith("expect "):
            return self._expect(document, do.removeprefix("expect "))
        if do not in TYPED:
            step = f"{do} {request.POST.get(do.replace(' ', ':'), '')}" if do.startswith("way ") else do
            changed = stepped(document, step)
            return self._cards(changed, focus=focus_of(step, changed))
        answers = {
            "check": self._check,
            "complete": self._complete,
            "preview": self._preview,
            "show": self._cards,
            "form": self._cards,
            "export": self._export,
            "search": self._search,
        }
        answer = answers.get(do)
        if answer is not None:
            return answer(document)
        if do == "text":
            return self._text(document_text(document))
        return self._save(document)

    def opened(self, document: dict[str, Any]) -> HttpResponse:
        """The designer with a document that comes from elsewhere."""
        return self._cards(document)

    def _cards(
        self, document: dict[str, Any], *, status: int = 200, focus: tuple[str, str] | None = None, **context: Any
    ) -> HttpResponse:
        """The document as cards: the whole page, or for htmx what stands in it."""
        cards = cards_of(document, is_new=self.plan() is None)
        context |= {"cards": cards, "focus": focus, **self._reviewed(document, cards)}
        context |= {"document_json": json.dumps(document, ensure_ascii=False), "columns": COLUMNS}
        context |= {
            "is_unsaved": self.request.method == "POST",
            **preview_choices(self.viewer, document, self.request.POST, self.plan()),
        }
        context |= {"base": self.request.POST.get("base") or self.digest, "keeps": self.keeps}
        is_part = self.request.htmx and not self.request.htmx.boosted  # type: ignore[attr-defined]
        return self._page(
            "incentives/_design_parts.html" if is_part else self.template_name,
            status=200 if is_part else status,
            **context,
        )

    def _check(self, document: dict[str, Any]) -> HttpResponse:
        """What is said about the document, without what the page shows already."""
        cards = cards_of(document, is_new=self.plan() is None)
        context = self._reviewed(document, cards)
        seen = {path: self.request.POST.get(f"seen:{path}") for path in context["review"].besides}
        fresh = [each for path, each in context["review"].besides.items() if each.digest != seen[path]]
        context |= preview_choices(self.viewer, document, self.request.POST, self.plan())
        return self._page("incentives/_design_review.html", fresh=fresh, **context)

    def _preview(self, document: dict[str, Any]) -> HttpResponse:
        """What real people would get in a period; without htmx the whole page with it."""
        preview = preview_asked(self.viewer, document_completed(document), self.request.POST)
        if self.request.htmx:  # type: ignore[attr-defined]
            return self._page("incentives/_design_preview.html", preview=preview)
        return self._cards(document, preview=preview)

    def _search(self, document: dict[str, Any]) -> HttpResponse:
        """One part of the search for gaming; without htmx the whole page with all of it."""
        completed = document_completed(document)
        if self.request.htmx:  # type: ignore[attr-defined]
            return self._page(
                "incentives/_search.html", form="#designer", **part_context(part_asked(self.request, completed))
            )
        return self._cards(document, **part_context(search_all(completed)))

    def _case(self, document: dict[str, Any], text: str) -> HttpResponse:
        """The document with the example of a finding among its own."""
        try:
            changed = with_example(document, example_read(text))
        except FormUnreadable as error:
            return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
        return self._cards(changed, focus=(f"examples.{len(changed['examples']) - 1}", "add"))

    def _expect(self, document: dict[str, Any], which: str) -> HttpResponse:
        """The document whose examples expect what is computed now; it is saved and approved like any other change."""
        changed = with_computed(document, examples_run(document_completed(document)), which)
        return self._cards(changed, focus=(f"examples.{which}", "expect") if which.isdecimal() else None)

    def _complete(self, document: dict[str, Any]) -> HttpResponse:
        """What may be written next in the formula that has the focus."""
        at, position = self.request.POST.get("at", ""), self.request.POST.get("position", "")
        place = int(position) if position.isdecimal() else 0
        proposals = formula_proposals(document_completed(document), at, self.request.POST.get(at, ""), place)
        return self._page("incentives/_design_proposals.html", proposals=proposals)

    def _reviewed(self, document: dict[str, Any], cards: Any) -> dict[str, Any]:
        completed = document_completed(document)
        live = self.live
        design = design_of(completed, live=live.definition if live else None)
        review = review_of(cards, design, document_review_here(self.viewer, completed), completed)
        return {"review": review, "live": live, **self._compared(completed)}

    def _compared(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """How the document differs from the live version, clause by clause and line by line."""
        if self.live is None:
            return {}
        before = self.live.definition
        lines = texts_compared(document_text(before), document_text(document))
        return {"changes": clauses_compared(before, document), "lines": lines}

    def _text(self, text: str, *, status: int = 200, findings: Any = ()) -> HttpResponse:
        return self._page(
            self.template_name, text_form=PlanTextForm(initial={"text": text}), findings=findings, status=status
        )

    def _export(self, document: dict[str, Any]) -> HttpResponse:
        return plan_file(str(document.get("plan") or "plan"), document_text(document_completed(document)))

    def _save(self, document: dict[str, Any]) -> HttpResponse:
        posted, conflict = self.request.POST, None
        expected = posted.get("base") if posted.get("over") != "yes" else None
        try:
            version, findings = self.save(document_completed(document), expected or None)
        except PlanRefused as refusal:
            refused = refusal.findings
        except DraftConflict as changed:
            conflict, refused = changed, [Finding("DRAFT_CHANGED", "", str(changed))]
        except ValidationError as error:
            where = getattr(error, "message_dict", {})
            names = ", ".join(name for name in where if name != "__all__")
            refused = [Finding("REFUSED", names, " ".join(error.messages))]
        else:
            return self._saved(version, findings, document)
        status = 409 if conflict else 422
        if self._is_script:
            told = {"conflict": conflict is not None, "words": " ".join(each.what for each in refused)}
            return JsonResponse(told, status=status)
        if "text" in posted:
            return self._text(posted["text"], findings=refused, status=status)
        return self._cards(document, status=status, refused=refused, conflict=conflict)

    def _saved(self, version: PlanVersion, findings: list[Finding], document: Mapping[str, Any]) -> HttpResponse:
        wrong = len(errors(findings))
        if self.request.POST.get("do") == "keep":
            return JsonResponse(
                {"digest": version.digest, "at": date_format(localtime(), "TIME_FORMAT"), "errors": wrong}
            )
        if wrong:
            said = ngettext(
                "The draft was saved with %(number)s error. It can't be approved and calculates nobody until it is mended.",
                "The draft was saved with %(number)s errors. It can't be approved and calculates nobody until they are mended.",
                wrong,
            )
            messages.warning(self.request, said % {"number": wrong})
            url = reverse("incentives:plan_edit", args=[version.pk])
        else:
            url = f"{reverse('incentives:plan_detail', args=[version.plan_id])}?version={version.number}"
            others = examples_told(self.request, findings, url)
            warnings_told(self.request, findings_placed(others, document))
            messages.success(self.request, _("The draft was saved. It pays nothing until it is published."))
        return JsonResponse({"url": url}) if self._is_script else redirect(url)

    @property
    def _is_script(self) -> bool:
        """Whether the page's own script asks, which takes the answer as data."""
        return self.request.headers.get("Accept", "") == "application/json"

    @property
    def digest(self) -> str:
        """What the draft says that the form began with; empty for a new one."""
        version = self.version()
        return version.digest if version is not None else ""

    @property
    def keeps(self) -> bool:
        """Whether the page may save by itself: a draft only, since any edit takes a version back from review."""
        version = self.version()
        return version is not None and getattr(version, "standing", "") == Standing.DRAFT

    def _page(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        shown = self.get_context_data(plan=self.plan(), version=self.version(), address=self.address(), **context)
        return self.response_class(self.request, [template], shown, status=status, using=self.template_engine)

    @cached_property
    def live(self) -> PlanVersion | None:
        """The version that the draft is held against."""
        plan = self.plan()
        return live_version(self.viewer, plan) if plan is not None else None

    def address(self) -> str:
        """Give the address that the form posts to."""
        return self.request.path

    def document(self) -> Mapping[str, Any] | None:
        """Give the document to begin with: a template that was chosen, else one open component."""
        year = self.viewer.on.year
        chosen = template_document(self.request.GET.get("template", ""), year=year)
        return chosen or empty_document(currency=self.viewer.organisation.currency, year=year)

    def plan(self) -> Plan | None:
        """Give the plan that is written, None for a new one."""
        return None

    def version(self) -> PlanVersion | None:
        """Give the draft that is changed, None where a new one is made."""
        return None

    def save(self, document: Mapping[str, Any], expected: str | None) -> tuple[PlanVersion, list[Finding]]:
        """Save what was written over what is `expected` there."""
        return plan_create(document=document, actor=self.viewer, with_errors=True)


def plan_file(name: str, text: str) -> HttpResponse:
    """Give a plan as a file to keep."""
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response


class PlanEditPage(PlanWritePage):
    """Changes a draft."""

    def document(self) -> Mapping[str, Any]:
        return self.version().definition

    def plan(self) -> Plan:
        return self.version().plan

    def version(self) -> PlanVersion:
        return self._version

    @cached_property
    def _version(self) -> PlanVersion:
        return get_object_or_404(version_rows(self.viewer), pk=self.kwargs["pk"])

    def save(self, document: Mapping[str, Any], expected: str | None) -> tuple[PlanVersion, list[Finding]]:
        version = self.version()
        return plan_version_save(
            plan_id=version.plan_id,
            version_id=version.id,
            document=document,
            actor=self.viewer,
            with_errors=True,
            expected=expected,
        )


class PlanVersionNewPage(PlanWritePage):
    """Writes a further version of a plan, beginning with its latest."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = draft_of(self.plan().id)
        if draft is not None:
            return redirect("incentives:plan_edit", draft.pk)
        return super().get(request, *args, **kwargs)

    def document(self) -> Mapping[str, Any] | None:
        latest = version_list(self.viewer, self.plan()).first()
        return latest.definition if latest else super().document()

    def plan(self) -> Plan:
        return self._plan

    @cached_property
    def _plan(self) -> Plan:
        return get_object_or_404(plan_rows(self.viewer), pk=self.kwargs["pk"])

    def save(self, document: Mapping[str, Any], expected: str | None) -> tuple[PlanVersion, list[Finding]]:
        return plan_version_save(plan_id=self.plan().id, document=document, actor=self.viewer, with_errors=True)
