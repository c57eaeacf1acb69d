"""How the shop is, measured at the call. Nothing in it is a constant."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.cache import caches
from django.db import DatabaseError, InterfaceError, connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from mdv.jobs.services import worker_status
from mdv.ops.models import BooksCheck, BooksStatus

# What a check says of itself. `down` is what the shop can go on without.
OK, WARNING, CRITICAL = "ok", "warning", "critical"
DOWN, UNKNOWN, READ_ONLY = "down", "unknown", "read_only"
NOT_CHECKED, OVERDUE = "not_checked", "overdue"
# What they come to.
HEALTHY, DEGRADED = "healthy", "degraded"

WARNING_LATENCY_MS, CRITICAL_LATENCY_MS = 100, 500
WARNING_UTILIZATION, CRITICAL_UTILIZATION = 70, 90  # percent
LATE_JOB_S = 300
BOOKS_ARE_OVERDUE_AFTER = timedelta(days=2)  # they are checked every night
PROBE_KEPT_S = 60

log = structlog.get_logger("mdv.health")

Figures = dict[str, Any]


def measure(*, at: datetime) -> tuple[str, dict[str, Figures]]:
    """Return the overall status and the figures of each check.

    ``critical`` when there is no database or hardly a connection left; ``degraded`` when anything
    else is not well; otherwise ``healthy``.
    """
    checks = {"database": database_figures(), "redis": _redis()}
    if checks["database"]["status"] != CRITICAL:
        checks["connections"] = _asked(_connections)
        checks["worker"] = _asked(lambda: _worker(at))
        checks["books"] = _asked(lambda: _books(at))
    said = {figures["status"] for figures in checks.values()}
    if CRITICAL in said:
        return CRITICAL, checks
    return (HEALTHY if said <= {OK, NOT_CHECKED} else DEGRADED), checks


def database_figures() -> Figures:
    """Ask the database something that costs it nothing, and take the time."""
    started = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')")
            (only_reads,) = cursor.fetchone()
    except (DatabaseError, InterfaceError) as error:
        log.warning("database_away", error=type(error).__name__)
        return {"status": CRITICAL, "latency_ms": None}
    latency = (time.perf_counter() - started) * 1000
    status = _graded(latency, WARNING_LATENCY_MS, CRITICAL_LATENCY_MS)
    if only_reads == "on" and status != CRITICAL:
        status = READ_ONLY
    return {"status": status, "latency_ms": round(latency, 1)}


def _redis() -> Figures:
    try:
        # A write: one that only reads or is full answers questions as if nothing were wrong.
        caches["default"].set("health", 1, PROBE_KEPT_S)
    except (RedisError, ConnectionInterrupted, OSError):
        return {"status": DOWN}
    return {"status": OK}


def _connections() -> Figures:
    with connection.cursor() as cursor:
        # Of other roles' sessions PostgreSQL shows that they are there, not what they are.
        cursor.execute(
            "SELECT current_setting('max_connections')::int, count(*) FROM pg_stat_activity "
            "WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = "
            "'client backend'"
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
    status = DOWN if not found.alive else WARNING if is_late else OK
    oldest = None if waited is None else round(waited, 1)
    return {"status": status, "alive": found.alive, "oldest_job_s": oldest}


def books_status(last: BooksCheck | None, *, at: datetime) -> str:
    """Return in a word how the books were at the last check, or that it was too long ago."""
    if last is None:
        return NOT_CHECKED
    is_overdue = last.checked_at < at - BOOKS_ARE_OVERDUE_AFTER
    if is_overdue and last.status != BooksStatus.UNBALANCED:
        return OVERDUE
    return last.status


def _books(at: datetime) -> Figures:
    last = BooksCheck.objects.defer("outcomes").newest()
    checked_at = last.checked_at.isoformat() if last else None
    return {"status": books_status(last, at=at), "checked_at": checked_at}


def _asked(check: Callable[[], Figures]) -> Figures:
    """Return what a check says, also when its tables are not there or it is given up."""
    try:
        return check()
    except (DatabaseError, InterfaceError) as error:
        log.warning("health_unknown", error=type(error).__name__)
        return {"status": UNKNOWN}


def _graded(value: float, warning: float, critical: float) -> str:
    return CRITICAL if value >= critical else WARNING if value >= warning else OK
