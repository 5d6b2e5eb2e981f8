"""How allauth speaks to the product."""

import base64

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

ENCRYPTED = "fernet:"


class AccountAdapter(DefaultAccountAdapter):
    """Keeps allauth's own behaviour; the place for what differs."""


class MFAAdapter(DefaultMFAAdapter):
    """Keeps secrets of second factors encrypted, so that a copy of the database alone makes no code."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret with the key made from SECRET_KEY."""
        return ENCRYPTED + _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Give the secret back, also where an earlier key of SECRET_KEY_FALLBACKS encrypted it or nothing did."""
        if not encrypted_text.startswith(ENCRYPTED):
            return encrypted_text
        try:
            return _keys().decrypt(encrypted_text.removeprefix(ENCRYPTED)).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A second factor was encrypted with another SECRET_KEY. Nobody who uses one can sign in. "
                "Put the earlier key into SECRET_KEY_FALLBACKS."
            ) from error


def _keys() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    digest = salted_hmac("spm.identity.second-factor", b"", secret=secret, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(digest))
