"""How the shop is, measured at the call. Nothing in it is a constant."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import pgtrigger
import structlog
from django.core.cache import caches
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from mdv.jobs.services import worker_status
from mdv.ops.models import BooksCheck

OK, WARNING, CRITICAL = "ok", "warning", "critical"
WARNING_LATENCY_MS, CRITICAL_LATENCY_MS = 100, 500
WARNING_UTILIZATION, CRITICAL_UTILIZATION = 70, 90  # percent
LATE_JOB_S = 300

log = structlog.get_logger("mdv.health")

Figures = dict[str, Any]


@dataclass
class Draining:
    """Whether this process was told to stop; set by gunicorn's hook."""

    now: bool = field(default=False)


draining = Draining()


def measure(*, at: datetime) -> tuple[str, dict[str, Figures]]:
    """Return the overall status and the figures of each check.

    ``critical`` when the database or the books are; ``degraded`` when anything else is not well;
    otherwise ``healthy``.
    """
    database = _database()
    checks = {"database": database, "redis": _redis()}
    if database["status"] != CRITICAL:
        checks["connections"] = _connections()
        checks["worker"] = _worker(at)
        checks["books"] = _books()
    if any(checks.get(name, {}).get("status") == CRITICAL for name in ("database", "connections")):
        return CRITICAL, checks
    is_well = all(check["status"] in {OK, "not_checked"} for check in checks.values())
    return ("healthy" if is_well else "degraded"), checks


def is_ready() -> tuple[bool, str]:
    """Tell whether this process may get traffic, and if not, why."""
    if draining.now:
        return False, "draining"
    if _database()["status"] == CRITICAL:
        return False, "database"
    for name, holds in (("migrations", _is_migrated), ("triggers", _has_triggers)):
        if not holds():
            return False, name
    return True, ""


def _database() -> Figures:
    started = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        log.warning("database_away", error=type(error).__name__)
        return {"status": CRITICAL, "latency_ms": None}
    latency = (time.perf_counter() - started) * 1000
    status = _graded(latency, WARNING_LATENCY_MS, CRITICAL_LATENCY_MS)
    return {"status": status, "latency_ms": round(latency, 1)}


def _redis() -> Figures:
    try:
        caches["default"].get("health")
    except (RedisError, ConnectionInterrupted, OSError):
        return {"status": "down"}
    return {"status": OK}


def _connections() -> Figures:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int, count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend'"
        )
        size, in_use = cursor.fetchone()
    utilization = 100 * in_use / size
    return {
        "status": _graded(utilization, WARNING_UTILIZATION, CRITICAL_UTILIZATION),
        "size": size,
        "in_use": in_use,
        "utilization_percent": round(utilization, 1),
    }


def _worker(at: datetime) -> Figures:
    found = worker_status(at=at)
    waited = found.oldest_job_s
    is_late = waited is not None and waited > LATE_JOB_S
    status = "down" if not found.alive else WARNING if is_late else OK
    oldest = None if waited is None else round(waited, 1)
    return {"status": status, "alive": found.alive, "oldest_job_s": oldest}


def _books() -> Figures:
    last = BooksCheck.objects.order_by("-checked_at", "-id").first()
    if last is None:
        return {"status": "not_checked", "checked_at": None}
    status = OK if last.is_balanced else "unbalanced"
    return {"status": status, "checked_at": last.checked_at.isoformat()}


def _graded(value: float, warning: float, critical: float) -> str:
    return CRITICAL if value >= critical else WARNING if value >= warning else OK


@cache
def _expected_migrations() -> frozenset[tuple[str, str]]:
    """The newest migration of each app, as this release's files have it."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _is_migrated() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return _expected_migrations() <= set(cursor.fetchall())


@cache
def _expected_triggers() -> frozenset[str]:
    return frozenset(trigger.get_pgid(model) for model, trigger in pgtrigger.registered())


def _has_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
        return _expected_triggers() <= {name for (name,) in cursor.fetchall()}
