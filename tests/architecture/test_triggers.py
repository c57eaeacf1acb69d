"""Triggers in the database: none can be led astray or switched off by a session."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

OURS = """
    SELECT DISTINCT proname, coalesce(proconfig::text, ''), prosrc
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND proname NOT LIKE 'procrastinate%'
"""


@pytest.fixture
def functions(db):
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        return cursor.fetchall()


def test_every_trigger_looks_for_tables_where_they_are_and_nowhere_else(functions):
    elsewhere = [
        name for name, config, _ in functions if "search_path=public, pg_temp" not in config
    ]

    assert len(functions) > 2
    assert elsewhere == []


def test_no_trigger_asks_a_session_whether_to_fire(functions):
    asking = [name for name, _, source in functions if "current_setting" in source]

    assert asking == ["audit_capture"]  # who is acting, not whether to write
    assert [name for name, _, source in functions if "pgtrigger.ignore" in source] == []


def test_every_trigger_is_on():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'")

        assert cursor.fetchall() == []
