"""How allauth speaks to the product."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ImproperlyConfigured

from spm.identity.secrets import ENCRYPTED, InvalidToken, decrypt, encrypt

PURPOSE = "spm.identity.second-factor"


class AccountAdapter(DefaultAccountAdapter):
    """Keeps allauth's own behaviour; the place for what differs."""


class MFAAdapter(DefaultMFAAdapter):
    """Keeps secrets of second factors encrypted, so that a copy of the database alone makes no code."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret with the key made from SECRET_KEY."""
        return encrypt(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Give the secret back, also where an earlier key of SECRET_KEY_FALLBACKS encrypted it or nothing did."""
        if not encrypted_text.startswith(ENCRYPTED):
            return encrypted_text
        try:
            return decrypt(encrypted_text, purpose=PURPOSE)
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A second factor was encrypted with another SECRET_KEY. Nobody who uses one can sign in. "
                "Put the earlier key into SECRET_KEY_FALLBACKS."
            ) from error
