"""How the people of the demo company do what they do: through the API, signed in as themselves."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from spm.demo.company import email_of
from spm.identity.models import User


class Refused(Exception):
    """The product refused a step of the demo."""


class Person:
    """Somebody of the demo company at the API."""

    def __init__(self, name: str) -> None:
        self._client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
        self._client.force_login(
            User.objects.get(email=email_of(name)), "allauth.account.auth_backends.AuthenticationBackend"
        )

    def get(self, door: str, *key: str, **asked: str) -> Any:
        """Read what a door gives."""
        return self._answer(self._client.get(reverse(door, args=key), asked))

    def post(self, door: str, *key: str, **given: Any) -> Any:
        """Do what a door does."""
        return self._answer(self._client.post(reverse(door, args=key), given, content_type="application/json"))

    def put(self, door: str, *key: str, **given: Any) -> Any:
        """Set what a door gives."""
        return self._answer(self._client.put(reverse(door, args=key), given, content_type="application/json"))

    def send(self, door: str, name: str, text: str) -> Any:
        """Send a file."""
        file = SimpleUploadedFile(name, text.encode(), content_type="text/csv")
        return self._answer(self._client.post(reverse(door), {"file": file}))

    def patch(self, door: str, *key: str, **given: Any) -> Any:
        """Change what a door gives."""
        return self._answer(self._client.patch(reverse(door, args=key), given, content_type="application/json"))

    @staticmethod
    def _answer(answer: Any) -> Any:
        if answer.status_code >= 300:
            raise Refused(
                f"{answer.request['PATH_INFO']} answered {answer.status_code}: {answer.content.decode()[:500]}"
            )
        return answer.json()
