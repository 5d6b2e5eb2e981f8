"""Tables: frame, sort links, filters, paging, ticked rows with their total, export links."""

from typing import Any

from django import template
from django.core.paginator import Page
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from spm.core.money import minor_digits
from spm.web.templatetags.figures import reader_locale

register = template.Library()


@register.simple_block_tag
def table(content: str, *, caption: str, cards: bool = False, id: str = "", show_caption: bool = False) -> SafeString:
    """Frame a table: it scrolls inside, its head sticks; `cards` turns rows into cards on a phone."""
    values = {"content": content, "caption": caption, "cards": cards, "id": id, "show_caption": show_caption}
    return SafeString(render_to_string("components/table.html", values))


def _query(context: template.Context, **changes: str | None) -> str:
    """The present query string with some parameters replaced or dropped."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_header(
    context: template.Context, label: str, name: str, *, num: bool = False, parameter: str = "sort"
) -> SafeString:
    """Head a column that can be sorted by `name`; a second click turns the order around."""
    present = context["request"].GET.get(parameter, "")
    ascending, descending = present == name, present == f"-{name}"
    values = {
        "label": label,
        "num": num,
        "order": "ascending" if ascending else "descending" if descending else "none",
        "icon": "sort-up" if ascending else "sort-down" if descending else "sort",
        "url": _query(context, **{parameter: f"-{name}" if ascending else name, "page": None}),
    }
    return SafeString(render_to_string("components/sort_header.html", values))


@register.simple_tag(takes_context=True)
def pagination(context: template.Context, page: Page[Any], *, parameter: str = "page") -> SafeString:
    """Say which rows are shown of how many, and link to the neighbouring pages."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [
        {"number": number, "url": _query(context, **{parameter: str(number)}) if isinstance(number, int) else ""}
        for number in numbers
    ]
    values = {
        "page": page,
        "links": links,
        "previous": _query(context, **{parameter: str(page.number - 1)}) if page.has_previous() else "",
        "next": _query(context, **{parameter: str(page.number + 1)}) if page.has_next() else "",
    }
    return SafeString(render_to_string("components/pagination.html", values))


@register.simple_block_tag(takes_context=True)
def filters(context: template.Context, content: str, *, label: str = "") -> SafeString:
    """Frame the fields of a filter: a GET form that keeps the order of the table."""
    request = context["request"]
    values = {
        "content": content,
        "label": label or gettext("Filter"),
        "sort": request.GET.get("sort", ""),
        "is_filtered": any(value for name, value in request.GET.items() if name not in ("sort", "page")),
        "path": request.path,
    }
    return SafeString(render_to_string("components/filters.html", values))


@register.simple_tag
def exports(*, csv: str = "", xlsx: str = "", all: str = "") -> SafeString:
    """Offer downloads of what is shown (CSV, XLSX) and of everything."""
    return SafeString(render_to_string("components/exports.html", {"csv": csv, "xlsx": xlsx, "all": all}))


@register.simple_block_tag(takes_context=True)
def bulk(context: template.Context, content: str, *, action: str, form_id: str, currency: str = "") -> SafeString:
    """Act on ticked rows: says how many are ticked and, with a currency, what they sum to."""
    values = {
        "content": content,
        "action": action,
        "form_id": form_id,
        "currency": currency,
        "digits": minor_digits(currency) if currency else 0,
        "language": str(reader_locale()).replace("_", "-"),
        "csrf_token": context.get("csrf_token"),
    }
    return SafeString(render_to_string("components/bulk.html", values))


@register.simple_tag
def bulk_check(
    value: object, *, label: str, form_id: str, amount: int | None = None, name: str = "selected"
) -> SafeString:
    """Tick one row; `amount` in minor units goes into the total."""
    return format_html(
        '<label class="bulk-tick"><input class="form-check-input" type="checkbox" form="{}" name="{}" value="{}" '
        'data-amount="{}"><span class="visually-hidden">{}</span></label>',
        form_id,
        name,
        value,
        "" if amount is None else amount,
        gettext("Select %(row)s") % {"row": label},
    )


@register.simple_tag
def bulk_all(*, form_id: str) -> SafeString:
    """Tick every row of the page."""
    return format_html(
        '<label class="bulk-tick"><input class="form-check-input" type="checkbox" data-bulk-all="{}">'
        '<span class="visually-hidden">{}</span></label>',
        form_id,
        gettext("Select all rows of this page"),
    )
