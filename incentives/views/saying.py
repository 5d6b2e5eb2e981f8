"""What a page says in a sentence after a save, where the page itself names the rest."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spm.core.findings import Finding


def examples_told(request: HttpRequest, findings: Sequence[Finding], url: str) -> list[Finding]:
    """Say how many examples don't come out, with the way to them on the page `url`; gives the other findings.

    What differs stands beside each example, so that the sentence doesn't repeat it.
    """
    failed = sum(finding.code == "EXAMPLE_FAILED" for finding in findings)
    if failed:
        words = ngettext("%(number)s example doesn't come out.", "%(number)s examples don't come out.", failed)
        link = format_html('<a href="{}#worked-examples">{}</a>', url, _("See what differs"))
        messages.warning(request, format_html("{} {}", words % {"number": failed}, link))
    return [finding for finding in findings if finding.code != "EXAMPLE_FAILED"]


def warnings_told(request: HttpRequest, findings: Sequence[Finding]) -> None:
    """Say what one warning says, or of several how many the page names."""
    said = list(dict.fromkeys(finding.message for finding in findings))
    if len(said) > 1:
        messages.warning(request, _("%(number)s things to decide are named on this page.") % {"number": len(said)})
    elif said:
        messages.warning(request, said[0])
