"""Carries who is acting into the database, so that triggers can write it down.

Each writing statement is sent with ``set_config('mdv.context', …, true)`` in front of it, in the
same message: no extra round trip, and nothing to remember that a rolled back savepoint could
undo. The setting is local to the transaction, so a pooled connection never passes it on.

Not seen here: what a function called by a SELECT writes, and ``COPY … FROM STDIN``. Unless a
stamped statement came earlier in the transaction, the trail names the database's role for them.
"""

import re
from collections.abc import Callable
from typing import Any

import orjson
import psycopg
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql as pgsql

from mdv.kernel import context

# Atomic groups: a comment that was read is never given back in search of a later keyword.
BEFORE_THE_KEYWORD = r"(?>\s+|\(|--[^\n]*|/\*.*?\*/)*+"
# Many of these cannot stand behind another statement in one message.
WRITES_NO_ROW = re.compile(
    BEFORE_THE_KEYWORD + r"(SHOW|SAVEPOINT|RELEASE|ROLLBACK|ABORT|BEGIN|START|COMMIT|END|PREPARE"
    r"|DEALLOCATE|DISCARD|SET|RESET|DECLARE|FETCH|MOVE|CLOSE|CREATE|ALTER|DROP|COMMENT|TRUNCATE"
    r"|VACUUM|ANALYZE|CLUSTER|REINDEX|REFRESH|CHECKPOINT|LISTEN|UNLISTEN|NOTIFY|GRANT|REVOKE|LOCK"
    r"|SELECT(?!.*;))\b",
    re.IGNORECASE | re.DOTALL,
)

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


def install(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Put :func:`stamp` around every statement of a new connection."""
    if stamp not in connection.execute_wrappers:
        # In front: `connection.execute_wrapper()` ends by dropping the last one, whosever it is.
        connection.execute_wrappers.insert(0, stamp)


def stamp(execute: Execute, sql: Any, params: Any, many: bool, db: dict[str, Any]) -> Any:
    """Send the acting context along with a statement that writes."""
    connection, cursor = db["connection"], db["cursor"]
    text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
    # A server-side cursor declares its one statement, and PostgreSQL lets that only read.
    if WRITES_NO_ROW.match(text) or isinstance(cursor.cursor, psycopg.ServerCursor):
        return execute(sql, params, many, db)
    if many:
        with transaction.atomic(using=connection.alias, savepoint=False):
            with connection.cursor() as first:
                first.execute("SELECT set_config('mdv.context', %s, true)", [facts()])
            return execute(sql, params, many, db)
    literal = pgsql.quote(facts(), connection.connection)
    if params is not None:
        literal = literal.replace("%", "%%")
    result = execute(f"SELECT set_config('mdv.context', {literal}, true); {text}", params, many, db)
    cursor.nextset()
    return result


def facts() -> str:
    """Return the current context as the JSON that ``audit_capture`` reads."""
    now = context.current()
    return orjson.dumps(
        {
            "source": now.source,
            "actor_id": now.actor.id,
            "actor_kind": now.actor.kind,
            "actor_role": now.actor.role,
            "actor_label": now.actor.label,
            "request_id": now.request_id,
            "address": now.address,
            "user_agent": now.user_agent,
            "command": now.command,
            "reason": now.reason,
        }
    ).decode()
