"""/health/ready: no traffic for a process that cannot serve it rightly."""

import pytest
from django.db import connection

from mdv.ops.draining import draining

pytestmark = pytest.mark.django_db


def ready(client):
    response = client.get("/health/ready")
    return response.status_code, response.json()


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_migrated_database_with_its_triggers_is_ready(client):
    assert ready(client) == (200, {"status": "ready"})


def test_a_migration_that_is_not_applied_is_not(client):
    execute(
        "DELETE FROM django_migrations WHERE id = "
        "(SELECT max(id) FROM django_migrations WHERE app = 'orders')"
    )

    assert ready(client) == (503, {"status": "not_ready", "reason": "migrations"})


def test_migrations_of_a_newer_release_do_no_harm(client):
    execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('orders', '9999_next', now())"
    )

    assert ready(client) == (200, {"status": "ready"})


@pytest.mark.parametrize("how", ["DISABLE TRIGGER USER", "ENABLE REPLICA TRIGGER {trigger}"])
def test_books_without_their_triggers_are_not(client, how):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%its_last_movement%'")
        trigger = cursor.fetchone()[0]
    execute(f"ALTER TABLE stock_stockitem {how.format(trigger=trigger)}")

    assert ready(client) == (503, {"status": "not_ready", "reason": "triggers"})


def test_a_trigger_that_is_gone_is_missed(client):
    execute(
        """
        DO $$ DECLARE name text; BEGIN
            SELECT tgname INTO name FROM pg_trigger WHERE tgname LIKE '%order_totals_equal%';
            EXECUTE format('DROP TRIGGER %I ON orders_order', name);
        END $$
        """
    )

    assert ready(client) == (503, {"status": "not_ready", "reason": "triggers"})


def test_a_process_that_was_told_to_end_is_not(client, monkeypatch):
    monkeypatch.setattr(draining, "now", True)

    assert ready(client) == (503, {"status": "not_ready", "reason": "draining"})
