"""How allauth speaks to the product."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Keeps allauth's own behaviour; the place for what differs."""
