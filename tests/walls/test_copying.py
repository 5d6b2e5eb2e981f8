"""Rows from whole columns: what was given is what stands, whatever the text, and in the company of the open scope."""

import json

import pytest
from django.db import DataError, connection, transaction

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


DOCUMENTS = ['{"a":"\\u001e \\n"}', "[]", None, '{"b":"it\'s \\"quoted\\", \\\\ and ä"}', '""', "null"]


def test_documents_stand_as_they_were_given(in_acme):
    with connection.cursor() as cursor:
        cursor.execute("create temp table noted (id uuid, name text, content jsonb) on commit drop")
        insert_columns("noted", {"name": ("text", list("abcdef")), "content": ("jsonb", DOCUMENTS)})
        cursor.execute("select content::text from noted order by name")
        stands = [None if content is None else json.loads(content) for (content,) in cursor.fetchall()]
    assert stands == [None if each is None else json.loads(each) for each in DOCUMENTS]


def test_a_value_that_all_rows_share_stands_in_each(in_acme):
    shared = "it's %s, {\\}"
    codes = ["T-1", "T-2", "T-3"]
    insert_columns(Title._meta.db_table, {"name": ("text", [shared] * 3), "code": ("text", codes)})
    stands = Title.objects.filter(code__startswith="T-").order_by("pk").values_list("code", "name", "organisation_id")
    assert list(stands) == [(code, shared, in_acme.pk) for code in codes]
