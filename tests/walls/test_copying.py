"""Rows from whole columns: what was given is what stands, whatever the text, and in the company of the open scope."""

import pytest
from django.db import DataError, transaction

from spm.people.models import Title
from spm.tenancy.copying import insert_columns, insert_rows
from spm.tenancy.keys import uuid7

pytestmark = pytest.mark.django_db

TEXTS = [
    "",
    "NULL",
    "null",
    "{a,b}",
    'a"b',
    "a\\b",
    '\\"',
    "it's",
    "two\nlines",
    "\ttab ",
    "ä — €",
    "%s %(x)s",
    "a,b",
    " ",
    "$$",
]


def test_texts_that_mean_something_to_an_array_stand_as_they_were_given(in_acme):
    names = [f"{number}" for number in range(len(TEXTS))]
    insert_columns(Title._meta.db_table, {"code": ("text", [f"T-{name}" for name in names]), "name": ("text", TEXTS)})
    stands = dict(Title.objects.filter(code__startswith="T-").values_list("code", "name"))
    assert stands == {f"T-{name}": text for name, text in zip(names, TEXTS, strict=True)}


def test_rows_keep_the_key_that_they_are_given_and_belong_to_the_company(in_acme):
    key = uuid7()
    insert_rows(Title._meta.db_table, {"id": "uuid", "code": "text", "name": "text"}, [(key, "T-1", "One")])
    title = Title.objects.get(pk=key)
    assert (title.code, title.name, title.organisation_id) == ("T-1", "One", in_acme.pk)


def test_no_rows_are_no_statement(in_acme, django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_rows(Title._meta.db_table, {"code": "text"}, [])


def test_a_text_that_is_too_long_is_refused_and_never_cut(in_acme):
    with pytest.raises(DataError, match="too long"), transaction.atomic():
        insert_columns(Title._meta.db_table, {"code": ("text", ["T-1"]), "name": ("text", ["x" * 500])})
