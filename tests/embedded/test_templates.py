"""Databases that tests copy: a template is there when the server has it whole, whatever the folder remembers."""

import os

import psycopg2
import pytest

from spm.embedded.urls import with_database
from tests.conftest import template_missing

pytestmark = pytest.mark.usefixtures("django_db_setup")
NAME = "template_of_a_test"


def test_a_template_of_a_server_made_anew_is_missing_again() -> None:
    _execute(f"drop database if exists {NAME}")
    with template_missing(NAME) as missing:
        assert missing
        _execute(f"create database {NAME}")
    with template_missing(NAME) as missing:
        assert not missing

    _execute(f"drop database {NAME}")
    with template_missing(NAME) as missing:
        assert missing
        _execute(f"create database {NAME}")
    _execute(f"drop database {NAME}")


def test_a_template_that_broke_off_is_made_again() -> None:
    _execute(f"drop database if exists {NAME}")
    try:
        with template_missing(NAME):
            _execute(f"create database {NAME}")
            raise RuntimeError
    except RuntimeError:
        pass

    with template_missing(NAME) as missing:
        assert missing
    _execute(f"drop database {NAME}")


def _execute(statement: str) -> None:
    connection = psycopg2.connect(with_database(os.environ["SPM_TEST_SUPERUSER_URL"], "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
