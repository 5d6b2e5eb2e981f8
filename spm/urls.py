"""Addresses of the installation."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path
from django.utils.module_loading import import_string

_PAGES = {
    "people/": "spm.web.routes.people",
    "import/": "spm.web.routes.crm",
    "jobs/": "spm.web.routes.jobs",
    "company/": "spm.web.routes.identity",
    "audit/": "spm.web.routes.audit",
    "notices/": "spm.web.routes.notices",
    "approvals/": "spm.web.routes.approvals",
    "hooks/": "spm.web.routes.hooks",
    "planning/": "planning.urls",
    "incentives/": "incentives.urls",
    "insights/": "insights.urls",
}
_API = {
    "people/": "spm.web.endpoints.people_urls",
    "crm/": "spm.web.endpoints.crm_urls",
    "jobs/": "spm.web.endpoints.jobs_urls",
    "company/": "spm.web.endpoints.identity_urls",
    "audit/": "spm.web.endpoints.audit_urls",
    "approvals/": "spm.web.endpoints.approvals_urls",
    "hooks/": "spm.web.endpoints.hooks_urls",
    "planning/": "planning.api_urls",
    "incentives/": "incentives.api_urls",
    "insights/": "insights.api_urls",
}


def _there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns = [
    path("", import_string("insights.views.overview.HomePage").as_view(), name="home"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    *[path(prefix, include(module)) for prefix, module in _PAGES.items() if _there(module)],
    *[path(f"api/v1/{prefix}", include(module)) for prefix, module in _API.items() if _there(module)],
    *([path("", include("spm.web.routes.web"))] if _there("spm.web.routes.web") else []),
]
handler400 = "spm.web.errors.bad_request"
