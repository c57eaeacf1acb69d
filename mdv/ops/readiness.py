"""Whether this process may get traffic."""

from collections.abc import Callable
from functools import cache

import pgtrigger
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader

from mdv.ops.draining import draining
from mdv.ops.health import CRITICAL, database_figures


def reason_not_ready() -> str:
    """Return why this process should get no traffic, or nothing if it may."""
    if draining.now:
        return "draining"
    if database_figures()["status"] == CRITICAL:
        return "database"
    for reason, holds in (("migrations", _is_migrated), ("triggers", _has_triggers)):
        if not _asked(holds):
            return reason
    return ""


def _asked(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except (DatabaseError, InterfaceError):
        return False


@cache
def _newest_migrations() -> frozenset[tuple[str, str]]:
    """The newest migration of each app, as this release's files have it."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _is_migrated() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return _newest_migrations() <= set(cursor.fetchall())


@cache
def _expected_triggers() -> frozenset[tuple[str, str]]:
    return frozenset(
        (model._meta.db_table, trigger.get_pgid(model)) for model, trigger in pgtrigger.registered()
    )


def _has_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
        return _expected_triggers() <= set(cursor.fetchall())
