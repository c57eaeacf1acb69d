"""Two roles in PostgreSQL: one that owns the tables and migrates, and one that the shop works as.

Who owns a table can switch its triggers off and truncate it. So where MIGRATE_DATABASE_URL names
an owner, `migrate` connects as it, and gives the role of DATABASE_URL what the work takes and no
more: of facts, such as the trail, that is reading and adding.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from mdv.kernel.triggers import AppendOnly

WHERE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
TO_WORK = "SELECT, INSERT, UPDATE, DELETE"
TO_ADD = "SELECT, INSERT"
TO_READ = "SELECT"
ONLY_READ = frozenset({"django_migrations"})

OWNED_TABLES = """
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND pg_has_role(%s, tableowner, 'USAGE') ORDER BY tablename
"""
IS_ALMIGHTY = """
    SELECT EXISTS (
        SELECT FROM pg_tables
        WHERE schemaname = 'public' AND pg_has_role(rolname, tableowner, 'USAGE')
    ) OR rolsuper
    FROM pg_roles WHERE rolname = coalesce(nullif(%s, ''), current_user)
"""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A role and its password, as an address of PostgreSQL names them."""

    role: str
    password: str


@contextmanager
def connected_as_owner(connection: BaseDatabaseWrapper) -> Iterator[Login | None]:
    """Connect as the role of MIGRATE_DATABASE_URL; give the application's, if it is another."""
    owner: Mapping[str, Any] = settings.MIGRATE_DATABASE
    if not owner:
        yield None
        return
    before = connection.settings_dict  # the very dict of the settings: not to be changed
    options = {**before["OPTIONS"], **owner.get("OPTIONS", {})}
    connection.close()
    connection.settings_dict = {**before, **{key: owner[key] for key in WHERE}, "OPTIONS": options}
    try:
        same = before["USER"] == owner["USER"]
        yield None if same else Login(role=before["USER"], password=before["PASSWORD"])
    finally:
        connection.close()
        connection.settings_dict = before


def refuse_wrong_owner(connection: BaseDatabaseWrapper, application: Login) -> None:
    """Refuse to migrate what the application's role owns.

    Raises:
        CommandError: with the statement that hands the tables over.
    """
    if not _role_exists(connection, application.role):
        return
    owned = _column(connection, OWNED_TABLES, [application.role])
    if owned:
        owner = settings.MIGRATE_DATABASE["USER"]
        raise CommandError(
            f"The tables belong to {application.role}, the role of DATABASE_URL. Hand them over "
            f"once, as a superuser: REASSIGN OWNED BY {application.role} TO {owner};"
        )


def let_work(connection: BaseDatabaseWrapper, application: Login) -> None:
    """Give the application's role what its work takes and take the rest; make it if need be."""
    quote = connection.ops.quote_name
    role = quote(application.role)
    own = _column(connection, OWNED_TABLES, [settings.MIGRATE_DATABASE["USER"]])
    facts = {model._meta.db_table for model, kind in pgtrigger.registered() if _is_of_facts(kind)}
    rights = {table: _rights(table, facts) for table in own}
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if not _role_exists(connection, application.role):
            cursor.execute(
                f"CREATE ROLE {role} LOGIN PASSWORD '{_hashed(connection, application)}'"
            )
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        for right in (TO_WORK, TO_ADD, TO_READ):
            names = ", ".join(quote(table) for table in own if rights[table] == right)
            if names:
                cursor.execute(f"REVOKE ALL ON {names} FROM {role}, PUBLIC")
                cursor.execute(f"GRANT {right} ON {names} TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")


def is_almighty(connection: BaseDatabaseWrapper, role: str) -> bool:
    """Tell whether `role`, or none for the current one, could switch the triggers off."""
    return _column(connection, IS_ALMIGHTY, [role]) == [True]


def _is_of_facts(trigger: pgtrigger.Trigger) -> bool:
    return isinstance(trigger, AppendOnly)


def _rights(table: str, facts: Iterable[str]) -> str:
    if table in ONLY_READ:
        return TO_READ
    return TO_ADD if table in facts else TO_WORK


def _role_exists(connection: BaseDatabaseWrapper, role: str) -> bool:
    return bool(_column(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", [role]))


def _hashed(connection: BaseDatabaseWrapper, login: Login) -> str:
    """Return the password as PostgreSQL keeps it, so that no log of statements shows it."""
    connection.ensure_connection()
    session = connection.connection.pgconn
    encrypted: bytes = session.encrypt_password(
        login.password.encode(), login.role.encode(), b"scram-sha-256"
    )
    return encrypted.decode()


def _column(connection: BaseDatabaseWrapper, question: str, values: list[str]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return [row[0] for row in cursor.fetchall()]
