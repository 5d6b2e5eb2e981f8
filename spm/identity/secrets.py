"""Secrets that the product must be able to read again, encrypted at rest with a key made from SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

__all__ = ["ENCRYPTED", "InvalidToken", "decrypt", "encrypt"]
ENCRYPTED = "fernet:"


def encrypt(text: str, *, purpose: str) -> str:
    """Encrypt a secret; each purpose has a key of its own."""
    return ENCRYPTED + _keys(purpose).encrypt(text.encode()).decode()


def decrypt(encrypted: str, *, purpose: str) -> str:
    """Give a secret back, also where a key of SECRET_KEY_FALLBACKS encrypted it; raises InvalidToken where none did."""
    return _keys(purpose).decrypt(encrypted.removeprefix(ENCRYPTED)).decode()


def _keys(purpose: str) -> MultiFernet:
    return MultiFernet([_key(secret, purpose) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str, purpose: str) -> Fernet:
    digest = salted_hmac(purpose, b"", secret=secret, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(digest))
