"""Tables as files: every export of a page goes through here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse

from spm.crm.exports import write_csv, write_xlsx

_WRITERS = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def table_download(rows: Iterable[Iterable[Any]], columns: Sequence[str], *, name: str, form: str) -> HttpResponse:
    """Give the rows as a download `name.form`; text is inert in spreadsheets. An unknown form is 404."""
    if form not in _WRITERS:
        raise Http404
    write, content_type = _WRITERS[form]
    response = HttpResponse(write(rows, columns), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


_CONTROLLED = {
    "csv": ("csv", _WRITERS["csv"][1]),
    "xlsx": ("xlsx", _WRITERS["xlsx"][1]),
    "sha256": ("csv.sha256", "text/plain; charset=utf-8"),
}
"""The forms of a file that another system takes over: how its name ends, and its content type."""


def controlled_download(
    thing: Any, form: str, *, name: str, writers: Mapping[str, Callable[[Any], Any]]
) -> HttpResponse:
    """Give a thing as CSV, sheet, or its control totals with the hash, by the writer of the form. An unknown form is 404."""
    if form not in _CONTROLLED:
        raise Http404
    ending, content_type = _CONTROLLED[form]
    response = HttpResponse(writers[form](thing), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
