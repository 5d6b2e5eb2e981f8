"""What a page says of an approval that posts: the same for everything that is approved together with its journals."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest

from spm.core.findings import Finding


def approve_and_say(request: HttpRequest, approve: Callable[[str], Iterable[Finding]], said: str) -> None:
    """Approve with the reason that was sent, and leave a message: what was refused or found, else `said`."""
    try:
        findings = tuple(approve(request.POST.get("reason", "")))
    except (ValidationError, PermissionDenied) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
        return
    for finding in findings:
        messages.error(request, finding.message)
    if not findings:
        messages.success(request, said)
