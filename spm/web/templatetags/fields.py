"""Forms: a field with its label, help and error wired together, the summary of errors, the confirm dialog."""

from typing import Any

from django import template
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Widget,
)
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from spm.web.templatetags.blocks import icon as draw

register = template.Library()


def _widget_class(widget: Widget) -> str:
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return ""
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


def _kind(widget: Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return "group"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "file" if isinstance(widget, FileInput) else "plain"


def _attributes(bound: BoundField, described_by: str) -> dict[str, Any]:
    widget = bound.field.widget
    classes = " ".join(filter(None, (widget.attrs.get("class"), _widget_class(widget))))
    attributes: dict[str, Any] = {"class": f"{classes} is-invalid" if bound.errors else classes}
    if described_by:
        attributes["aria-describedby"] = described_by
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes


@register.simple_tag
def field(bound: BoundField, *, label: str = "", help: object = "", optional: bool = True) -> SafeString:
    """Show a form field with its label, help and inline error, all announced together; not `optional` where one of several is needed."""
    identity = bound.auto_id or bound.html_name
    help_text = help or bound.help_text
    described = [f"{identity}_help"] if help_text else []
    described += [f"{identity}_error"] if bound.errors else []
    kind = _kind(bound.field.widget)
    choices = list(bound) if kind == "group" else []
    for choice in choices:
        choice.data["attrs"]["class"] = "form-check-input"
    values = {
        "bound": bound,
        "identity": identity,
        "label": label or bound.label,
        "help": help_text,
        "kind": kind,
        "choices": choices,
        "optional": optional and not bound.field.required and kind != "check",
        "widget": bound.as_widget(attrs=_attributes(bound, " ".join(described))),
    }
    return SafeString(render_to_string("components/field.html", values))


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """Show all fields of a form, the hidden ones too."""
    return mark_safe("".join(field(bound) for bound in form))


@register.simple_tag
def form_errors(form: BaseForm) -> SafeString:
    """Sum up what is wrong in a form, with a link to each field; takes the focus. Empty when nothing is wrong."""
    if not form.errors:
        return SafeString("")
    rows = [{"id": "", "label": "", "text": text} for text in form.non_field_errors()]
    for bound in form:
        rows += [{"id": bound.auto_id, "label": bound.label, "text": text} for text in bound.errors]
    return SafeString(render_to_string("components/form_errors.html", {"rows": rows}))


@register.simple_block_tag
def form_actions(content: str) -> SafeString:
    """Frame the buttons at the end of a form, the main one first."""
    return format_html('<div class="form-actions">{}</div>', content)


@register.simple_block_tag(takes_context=True)
def confirm(
    context: template.Context,
    content: str,
    *,
    id: str,
    title: str,
    action: str,
    label: str,
    tone: str = "primary",
) -> SafeString:
    """Ask before something that touches much: a dialog that says what will happen and posts to `action`."""
    values = {"content": content, "id": id, "title": title, "action": action, "label": label, "tone": tone}
    return SafeString(render_to_string("components/confirm.html", values | {"csrf_token": context.get("csrf_token")}))


@register.simple_tag
def confirm_button(id: str, label: str, *, tone: str = "", icon: str = "") -> SafeString:
    """Open the confirm dialog with this id."""
    css = f"btn btn-{tone}" if tone else "btn"
    return format_html(
        '<button type="button" class="{}" data-dialog="{}">{}{}</button>', css, id, draw(icon) if icon else "", label
    )
