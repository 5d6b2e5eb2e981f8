"""All building blocks of pages under one name: `{% load spm %}`. A template builtin in the settings.

The parts stand in the neighbour files; the gallery shows each in its states.
"""

from django import template

from spm.web.templatetags import blocks, fields, figures, graphics, shell, tables

register = template.Library()
for part in (figures, blocks, tables, fields, graphics, shell):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
