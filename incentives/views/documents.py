"""Pages of plan documents: the list with what became of each, one document with its answer, sending, reminding, the policy."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from incentives.forms.documents import AnswerForm, PolicyForm, SendForm
from incentives.models import PlanDocument, PlanState
from incentives.selectors.papers.acceptance import (
    STATES,
    answer_of,
    document_before,
    document_counts,
    document_events,
    document_list,
    policy_get,
    state_of,
)
from incentives.selectors.papers.plan_document import changes_said, receipt_paper
from incentives.selectors.papers.typesetting import paper_set
from incentives.selectors.plans import version_rows
from incentives.services.plan_documents import (
    document_answer,
    document_read,
    documents_remind,
    documents_send,
    policy_choose,
)
from incentives.views.papers import pdf_response
from spm.roles.catalogue import Reach
from spm.roles.policy import Viewer, visible
from spm.web.downloads import table_download
from spm.web.views import PageMixin

COLUMNS = ("Person", "Plan", "Version", "Document", "State", "Sent", "Read", "Answered", "Reason", "Due", "Hash")


def _filtered(request: HttpRequest, viewer: Viewer) -> Any:
    return document_list(viewer, state=request.GET.get("state", ""), query=request.GET.get("q", "").strip())


class DocumentListPage(PageMixin, TemplateView):
    """The documents within reach, by where they stand."""

    template_name = "incentives/document_list.html"
    actions = {"GET": "document.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(_filtered(self.request, self.viewer), 50).get_page(self.request.GET.get("page"))
        may_send = self.viewer.can("document.send")
        return super().get_context_data(
            page=page,
            table=[(one, state_of(one)) for one in page],
            counts=document_counts(self.viewer).items(),
            states=STATES,
            state=self.request.GET.get("state", ""),
            is_own=self.viewer.reach is Reach.SELF,
            may_send=may_send,
            policy_form=PolicyForm(initial={"policy": policy_get()}) if may_send else None,
            **kwargs,
        )


class DocumentExport(PageMixin, View):
    """The list as a file, as filtered."""

    actions = {"GET": "document.view"}

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        rows = [
            (
                one.participant.name,
                one.plan.name,
                one.plan_version.number,
                one.number,
                state_of(one),
                one.sent_at,
                one.read_at,
                one.answered_at,
                one.reason or "",
                one.due_on,
                one.hash,
            )
            for one in _filtered(request, self.viewer)
        ]
        return table_download(rows, COLUMNS, name="plan-documents", form=form)


class DocumentPage(PageMixin, FormView):
    """One document to read; POST answers it."""

    template_name = "incentives/document_detail.html"
    form_class = AnswerForm
    actions = {"GET": "document.view", "POST": "document.answer"}

    def get_initial(self) -> dict[str, Any]:
        return {"hash": self._document().hash}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        document = self._document()
        listed = document_list(self.viewer).get(pk=document.pk)
        before = document_before(document)
        gone, come = changes_said(before.blocks, document.blocks) if before else ([], [])
        is_own = self.viewer.participant is not None and self.viewer.participant.pk == document.participant_id
        return super().get_context_data(
            document=document,
            state=state_of(listed),
            before=before,
            gone=gone,
            come=come,
            events=document_events(document),
            answer=answer_of(document),
            may_answer=is_own
            and listed.answer is None
            and not listed.is_replaced
            and self.viewer.can("document.answer"),
            may_send=self.viewer.can("document.send"),
            **kwargs,
        )

    def form_valid(self, form: AnswerForm) -> HttpResponse:
        document, given = self._document(), form.cleaned_data
        try:
            document_answer(
                document_id=document.pk,
                is_accepted=given["is_accepted"],
                shown_hash=given["hash"],
                reason=given["reason"],
                actor=self.viewer,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _("Your answer is kept. The receipt is below."))
        return redirect("incentives:document_detail", document.pk)

    def _document(self) -> PlanDocument:
        rows = visible(self.viewer, PlanDocument.objects.select_related("participant", "plan", "plan_version"))
        found: PlanDocument = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found


class DocumentRead(PageMixin, View):
    """Keeps that the person opened the document; the page says so by itself once it is shown."""

    actions = {"POST": "document.answer"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        document_read(
            document=get_object_or_404(visible(self.viewer, PlanDocument.objects.all()), pk=pk), actor=self.viewer
        )
        return HttpResponse(status=204)


class DocumentFile(PageMixin, View):
    """The exact file that was sent, or the receipt of its answer."""

    actions = {"GET": "document.view"}

    def get(self, request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
        rows = visible(self.viewer, PlanDocument.objects.select_related("participant", "plan", "plan_version"))
        document = get_object_or_404(rows, pk=pk)
        name = f"{what}-{document.plan.code}-{document.participant.source_key}-{document.number}.pdf"
        if what == "document":
            return pdf_response(bytes(document.content), name)
        answer = answer_of(document)
        if what != "receipt" or answer is None:
            raise Http404
        return pdf_response(paper_set(receipt_paper(document, answer)), name)


class DocumentSendPage(PageMixin, FormView):
    """Sends the document of a published plan to everybody on it, by a job."""

    template_name = "incentives/document_send.html"
    form_class = SendForm
    actions = {"GET": "document.send", "POST": "document.send"}

    def get_form_kwargs(self) -> dict[str, Any]:
        published = version_rows(self.viewer).filter(state=PlanState.PUBLISHED).select_related("plan")
        return super().get_form_kwargs() | {"versions": published.order_by("plan__name", "number")}

    def form_valid(self, form: SendForm) -> HttpResponse:
        given = form.cleaned_data
        job = documents_send(version_id=UUID(given["version"]), due_on=given["due_on"], actor=self.viewer)
        messages.success(self.request, _("The documents are being sent. The job shows how far it is."))
        return (
            redirect("jobs:job_detail", job.pk) if self.viewer.can("job.view") else redirect("incentives:document_list")
        )


class DocumentRemind(PageMixin, View):
    """Reminds all who have not answered for a week, or the one that is named."""

    actions = {"POST": "document.send"}

    def post(self, request: HttpRequest) -> HttpResponse:
        named = request.POST.get("document", "")
        rows = document_list(self.viewer).filter(pk=named) if named else []
        count = documents_remind(actor=self.viewer, only=[one.pk for one in rows]) if rows or not named else 0
        messages.success(
            request, ngettext("%(n)s person was reminded.", "%(n)s people were reminded.", count) % {"n": count}
        )
        return redirect("incentives:document_list")


class DocumentPolicyChoose(PageMixin, View):
    """Chooses what pay makes of a document that is not accepted."""

    actions = {"POST": "document.send"}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PolicyForm(request.POST)
        if form.is_valid():
            policy_choose(policy=form.cleaned_data["policy"], actor=self.viewer)
            messages.success(request, _("The choice holds from now on."))
        else:
            messages.error(request, _("Choose one of the three ways."))
        return redirect("incentives:document_list")
