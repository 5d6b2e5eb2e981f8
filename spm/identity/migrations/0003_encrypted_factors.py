from typing import Any

from django.db import migrations

from spm.identity.adapter import ENCRYPTED, MFAAdapter


def encrypt(apps: Any, schema_editor: Any) -> None:
    """Encrypt the secrets of second factors that were kept before secrets were encrypted."""
    adapter = MFAAdapter()
    factors = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    for factor in factors.filter(type__in=("totp", "recovery_codes")):
        open_ones = {
            name: adapter.encrypt(value)
            for name, value in factor.data.items()
            if name in ("secret", "seed") and not value.startswith(ENCRYPTED)
        }
        if open_ones:
            factor.data = factor.data | open_ones
            factor.save(update_fields=["data"])


class Migration(migrations.Migration):
    """Encrypt what is kept of second factors; the way back needs nothing, because both forms are read."""

    dependencies = [
        ("identity", "0002_rights"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
