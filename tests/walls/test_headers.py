"""What every answer carries, that reading writes nothing, that production is clean. Source: OWASP ASVS 3.3–3.5, 14.3."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from spm.tenancy.models import Organisation
from spm.tenancy.scope import organisation_scope
from tests.cast import DIRECTOR, PASSWORD
from tests.walls.permission_rows import FACTORIES, ROWS
from tests.walls.permissions import PLAIN, PUBLIC

ROOT = Path(__file__).resolve().parents[2]
POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}
WRITES = re.compile(r"^\s*(insert|update|delete|copy|truncate)\b", re.IGNORECASE)
TECHNICAL = ("django_session", "usersessions_usersession")
PRODUCTION = {
    "SECRET_KEY": "production-like-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
    "SPM_EMBEDDED": "0",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "spm.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://spm.example.com",
}


def addresses() -> list[Any]:
    """Give each address that can be asked without an object; a part may ask for something in force in the company."""
    plain = [row for row in ROWS if row.verb == "GET" and not set(row.at.values()) - PLAIN]
    with organisation_scope(Organisation.objects.get(slug="acme").pk, actor=DIRECTOR):
        urls = [
            reverse(row.route, kwargs={part: FACTORIES[name]("") for part, name in row.at.items()}) for row in plain
        ]
    return [pytest.param(url, row.kind == PUBLIC, id=row.route) for url, row in zip(urls, plain, strict=True)]


@pytest.fixture
def sol(sign_in: Callable[[str], Client]) -> Client:
    """Give somebody who may see most pages."""
    return sign_in("sol")


@pytest.mark.django_db
def test_every_answer_is_guarded(sol: Client) -> None:
    wrong: dict[str, list[str]] = {}
    for param in addresses():
        url = param.values[0]
        for client in (Client(), sol):
            missing = [name for name, holds in guards(client.get(url)).items() if not holds]
            if missing:
                wrong.setdefault(url, []).extend(missing)
    assert wrong == {}


@pytest.mark.parametrize("url", ["/livez", "/readyz?role=web", "/readyz?role=nobody", "/metrics"])
@pytest.mark.django_db
def test_health_answers_are_guarded_too(url: str) -> None:
    answer = Client().get(url)

    assert [name for name, holds in guards(answer).items() if not holds and name not in ("policy", "type", "id")] == []
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def guards(response: Any) -> dict[str, bool]:
    """Say of each header whether it is as it should be."""
    header = response.headers
    policy = {part.strip() for part in header.get("Content-Security-Policy", "").split(";")}
    cache = header.get("Cache-Control", "")
    return {
        "policy": policy >= POLICY and "unsafe" not in str(policy),
        "nosniff": header.get("X-Content-Type-Options") == "nosniff",
        "referrer": header.get("Referrer-Policy") == "same-origin",
        "frame": header.get("X-Frame-Options") == "DENY",
        "opener": header.get("Cross-Origin-Opener-Policy") == "same-origin",
        "permissions": "camera=()" in header.get("Permissions-Policy", ""),
        "not stored": "no-store" in cache and "public" not in cache,
        "type": response.status_code in (302, 301)
        or "charset" in header["Content-Type"]
        or "json" in header["Content-Type"]
        or "openapi" in header["Content-Type"]
        or "attachment" in header.get("Content-Disposition", ""),
        "id": bool(header.get("X-Request-ID")),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["sol", "ada", "rex"])
def test_reading_writes_nothing(sign_in: Callable[[str], Client], name: str) -> None:
    client, written = sign_in(name), []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(sql) and not any(table in sql for table in TECHNICAL):
            written.append(sql[:120])
        return execute(sql, params, many, context)

    for param in addresses():
        with connection.execute_wrapper(watch):
            client.get(param.values[0])
    assert written == []


@pytest.mark.django_db
def test_forms_need_their_token(sign_in: Callable[[str], Client]) -> None:
    user = sign_in("ada")
    client = Client(enforce_csrf_checks=True)
    client.cookies = user.cookies

    for name in ("identity:member_invite", "identity:company_switch", "account_logout"):
        assert client.post(reverse(name)).status_code == 403
    assert client.post(reverse("api_people_participants"), "{}", content_type="application/json").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_other_origins_are_not_answered(client: Client, origin: str) -> None:
    response = client.get(reverse("api_company_me"), headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_sign_in_leads_nowhere_else(client: Client, target: str) -> None:
    response = client.post(
        reverse("account_login"), {"login": "rex@acme.example", "password": PASSWORD, "next": target}
    )

    assert response.status_code == 302
    assert "evil" not in response.url
    assert "javascript" not in response.url


@pytest.mark.django_db
def test_an_unknown_host_is_refused(client: Client) -> None:
    assert client.get(reverse("account_login"), headers={"Host": "evil.example"}).status_code == 400
    spoofed = client.get(reverse("account_login"), headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in spoofed.content.decode()


@pytest.mark.django_db
def test_a_fault_shows_an_id_and_nothing_else(
    sign_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("spm.web.pages.identity.members.member_list", fault)
    monkeypatch.setattr("spm.web.endpoints.identity.member_list", fault)
    ada = sign_in("ada")
    ada.raise_request_exception = False

    page, api = ada.get(reverse("identity:member_list")), ada.get(reverse("api_company_members"))

    assert (page.status_code, api.status_code) == (500, 500)
    assert "secret detail" not in page.content.decode() + api.content.decode()
    assert "Traceback" not in page.content.decode()
    assert set(api.json()) == {"code", "message", "fix", "where"}
    assert api["X-Request-ID"] in api.json()["message"]


def production(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | PRODUCTION | changes
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_production_settings_are_clean() -> None:
    done = production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_cookies_and_transport() -> None:
    asked = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE "
    asked += "SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE SECURE_SSL_REDIRECT DEBUG"
    script = f"from django.conf import settings as s; print([getattr(s, n) for n in '{asked}'.split()], s.SECURE_HSTS_SECONDS >= 31536000)"
    done = production("-c", f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'spm.settings'; {script}")

    assert done.stdout.strip() == "['__Host-session', '__Host-csrf', True, True, True, 'Lax', True, False] True", (
        done.stderr
    )


def test_production_answers_carry_transport_security() -> None:
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    script = (
        f"from django.conf import settings; settings.STORAGES = settings.STORAGES | {plain}; "
        "import django; django.setup(); from django.test import Client; "
        "r = Client(headers={'Host': 'spm.example.com'}).get('/account/login/', secure=True); "
        "c = r.cookies['__Host-csrf']; "
        "print(r.status_code, r['Strict-Transport-Security'], c['secure'], c['path'], c['domain'] == ''); "
        "p = Client(headers={'Host': 'spm.example.com'}).get('/account/login/'); print(p.status_code, p['Location'])"
    )
    done = production("-c", script, DJANGO_SETTINGS_MODULE="spm.settings")

    lines = [line for line in done.stdout.splitlines() if not line.startswith("{")]
    assert lines == [
        "200 max-age=31536000; includeSubDomains; preload True / True",
        "301 https://spm.example.com/account/login/",
    ], done.stderr


@pytest.mark.parametrize("key", ["", "short"])
def test_production_needs_a_key(key: str) -> None:
    done = production("manage.py", "check", "--deploy", "--fail-level", "WARNING", SECRET_KEY=key)

    assert done.returncode != 0
