"""The trail cannot be changed, emptied, switched off or led elsewhere."""

import pgtrigger
import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import AuditEntry
from mdv.accounts.models import User
from tests.audit.forgeries import AN_ENTRY_ABOUT_A_ROW

pytestmark = pytest.mark.django_db


def refused_by(constraint, statement):
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
    ):
        cursor.execute(statement)
    return refusal.value.__cause__.diag.constraint_name == constraint


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET reason = 'it was not me'",
        "DELETE FROM audit_auditentry",
        "UPDATE audit_auditentry SET id = id",
    ],
)
def test_an_entry_is_never_changed_or_deleted(statement, customer):
    before = list(AuditEntry.objects.order_by("id").values())

    assert refused_by("audit_auditentry_is_append_only", statement)

    assert list(AuditEntry.objects.order_by("id").values()) == before


def test_an_entry_is_not_deleted_through_the_orm_either(customer, entries):
    User.objects.filter(pk=customer.pk).update(name="x")

    with pytest.raises(IntegrityError), transaction.atomic():
        entries.only().delete()

    assert entries.only().changes == {"name": ["Eve", "x"]}


def test_an_entry_about_a_row_is_not_written_by_hand(customer, entries):
    assert refused_by("audit_changes_are_written_by_triggers", AN_ENTRY_ABOUT_A_ROW)

    assert entries.none()


def test_django_pgtriggers_own_switch_does_not_switch_our_triggers_off(customer, entries):
    with pgtrigger.ignore():
        User.objects.filter(pk=customer.pk).update(name="By switch")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{accounts_user:all}', true)")
        cursor.execute("UPDATE accounts_user SET name = 'By hand'")
        assert refused_by("audit_auditentry_is_append_only", "DELETE FROM audit_auditentry")

    assert entries.changes() == [{"name": ["Eve", "By switch"]}, {"name": ["By switch", "By hand"]}]


@pytest.mark.parametrize("table", ["audit_auditentry", "django_content_type"])
def test_a_temporary_table_does_not_stand_in_for_a_real_one(table, customer, entries):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table}) ON COMMIT DROP")
        cursor.execute("UPDATE accounts_user SET name = 'Hidden'")
        cursor.execute(f"TABLE pg_temp.{table}")
        assert cursor.fetchall() == []
        cursor.execute(f"DROP TABLE pg_temp.{table}")

    assert entries.only().changes == {"name": ["Eve", "Hidden"]}
    assert entries.only().content_type.model_class() is User


@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_not_write_the_trail_still_leaves_its_traces(customer, outside, entries):
    outside.execute("CREATE ROLE clerk; GRANT UPDATE, SELECT ON accounts_user TO clerk")
    try:
        outside.execute("SET ROLE clerk")
        outside.execute("UPDATE accounts_user SET name = 'By the clerk'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            outside.execute("INSERT INTO audit_auditentry (event) VALUES ('forged')")
    finally:
        outside.execute("RESET ROLE")
        outside.execute("DROP OWNED BY clerk; DROP ROLE clerk")

    assert entries.only().changes == {"name": ["Eve", "By the clerk"]}
