"""The notices of the person who looks: page, bell, and whether they also come by mail."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from spm.notices.selectors import notice_list, notice_mail_wanted, notice_unread_count
from spm.notices.services import notice_choose, notice_read
from spm.web.views import PageMixin

LATEST = 5


class NoticeListPage(PageMixin, TemplateView):
    """The own notices, latest first; POST marks all as read."""

    template_name = "notices/notice_list.html"
    actions = {"GET": "home.view", "POST": "home.view"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(notice_list(self.viewer), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            unread=notice_unread_count(self.viewer),
            mail_wanted=notice_mail_wanted(self.viewer),
            is_member=self.viewer.membership_id is not None,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        notice_read(actor=self.viewer)
        return redirect("notices:notice_list")


class NoticeOpen(PageMixin, View):
    """Marks a notice as read and goes where it leads."""

    actions = {"POST": "home.view"}

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        notice = get_object_or_404(notice_list(self.viewer), pk=pk)
        notice_read(notice_id=notice.pk, actor=self.viewer)
        is_inside = bool(notice.url) and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
        return redirect(notice.url if is_inside else "notices:notice_list")


class NoticeChoicePage(PageMixin, View):
    """Switches mail on or off."""

    actions = {"POST": "home.view"}

    def post(self, request: HttpRequest) -> HttpResponse:
        wants_mail = request.POST.get("wants_mail") == "1"
        notice_choose(wants_mail=wants_mail, actor=self.viewer)
        messages.success(request, _("Notices also come by mail.") if wants_mail else _("No more mail."))
        return redirect("notices:notice_list")


class NoticeBell(PageMixin, View):
    """The bell of the top bar with its latest notices; asked for by htmx."""

    actions = {"GET": "home.view"}

    def get(self, request: HttpRequest) -> HttpResponse:
        unread = notice_unread_count(self.viewer)
        return render(request, "notices/_bell.html", {"unread": unread, "notices": notice_list(self.viewer)[:LATEST]})
