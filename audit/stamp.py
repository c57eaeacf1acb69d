"""Carries who is acting into the database, so that triggers can write it down.

Each writing statement is sent with ``set_config('mdv.context', …, true)`` in front of it, in the
same message: no extra round trip, and nothing to remember that a rolled back savepoint could
undo. The setting is local to the transaction, so a pooled connection never passes it on.
"""

import re
from collections.abc import Callable
from typing import Any

import orjson
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql as pgsql

from mdv.kernel import context

READS_ONLY = re.compile(
    r"\s*(SELECT|SHOW|EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET|DECLARE|FETCH|CLOSE"
    r"|CREATE|ALTER|DROP|COMMENT|VACUUM|ANALYZE|COPY|LISTEN|NOTIFY|GRANT|REVOKE|LOCK|TRUNCATE"
    r"|CLUSTER|REINDEX)\b",
    re.IGNORECASE,
)

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


def install(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Put :func:`stamp` around every statement of a new connection."""
    if stamp not in connection.execute_wrappers:
        connection.execute_wrappers.append(stamp)


def stamp(execute: Execute, sql: Any, params: Any, many: bool, db: dict[str, Any]) -> Any:
    """Send the acting context along with a statement that writes."""
    connection = db["connection"]
    text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
    if READS_ONLY.match(text):
        return execute(sql, params, many, db)
    literal = pgsql.quote(facts(), connection.connection)
    if many:
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('mdv.context', %s, true)", [facts()])
            return execute(sql, params, many, db)
    if params is not None:
        literal = literal.replace("%", "%%")
    result = execute(f"SELECT set_config('mdv.context', {literal}, true); {text}", params, many, db)
    db["cursor"].nextset()
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
