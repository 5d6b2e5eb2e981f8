"""Addresses of the pages of notices."""

from django.urls import path

from spm.web.pages import notices

app_name = "notices"
urlpatterns = [
    path("", notices.NoticeListPage.as_view(), name="notice_list"),
    path("bell/", notices.NoticeBell.as_view(), name="notice_bell"),
    path("choice/", notices.NoticeChoicePage.as_view(), name="notice_choice"),
    path("<uuid:pk>/open/", notices.NoticeOpen.as_view(), name="notice_open"),
]
