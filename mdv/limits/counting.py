"""Counting hits per window: in Redis, or where Redis is away, somewhere else and just as exact.

django-ratelimit counts in Redis: atomic across processes, and a window ends when it ends. It
reports an outage as a refusal of everybody, so an outage is caught here: log-ins are then counted
in PostgreSQL, everything else per process.
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import connection
from django_ratelimit.core import get_usage
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

PERIODS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
COUNTED_IN_POSTGRESQL = frozenset({"login", "login_account", "register", "password_reset"})
ERRORS_THAT_OPEN_THE_BREAKER = 3
BREAKER_OPEN_S = 5.0
MAX_KEYS_PER_PROCESS = 50_000

log = structlog.get_logger("mdv.limits")


@dataclass(frozen=True, kw_only=True)
class Usage:
    """How far one key is in its window. ``reset`` is in seconds from now."""

    scope: str
    limit: int
    count: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def refused(self) -> bool:
        return self.count > self.limit

    @property
    def first_refusal(self) -> bool:
        return self.count == self.limit + 1


def count(scope: str, key: str) -> Usage:
    """Count one hit of `key` in `scope` and return where that leaves it."""
    limit, seconds = parse_rate(settings.RATE_LIMITS[scope])
    if not settings.RATELIMIT_ENABLE:
        return Usage(scope=scope, limit=limit, count=0, reset=seconds)
    digest = hashlib.sha256(key.encode()).hexdigest()
    if not _breaker.is_open():
        found = _in_redis(scope, digest)
        if found is not None:
            return found
    if scope in COUNTED_IN_POSTGRESQL:
        return _in_postgresql(scope, digest, limit, seconds)
    return _in_process.count(scope, digest, limit, seconds)


def parse_rate(rate: str) -> tuple[int, int]:
    """Read `60/m` as (60 hits, 60 seconds)."""
    hits, period = rate.split("/")
    return int(hits), PERIODS_S[period]


class Breaker:
    """Stops asking Redis for a while after it failed a few times in a row."""

    def __init__(self) -> None:
        self.errors = 0
        self.closed_again_at = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.closed_again_at

    def succeeded(self) -> None:
        self.errors = 0

    def failed(self) -> None:
        self.errors += 1
        if self.errors >= ERRORS_THAT_OPEN_THE_BREAKER:
            self.closed_again_at = time.monotonic() + BREAKER_OPEN_S
            log.warning("redis_away", seconds=BREAKER_OPEN_S)


class ProcessCounts:
    """Counts of this process alone, for limits that may be a little too generous in an outage."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: dict[tuple[str, str, int], int] = {}

    def count(self, scope: str, digest: str, limit: int, seconds: int) -> Usage:
        ends = _window_end(seconds)
        with self.lock:
            if len(self.counts) > MAX_KEYS_PER_PROCESS:
                self.counts.clear()
            self.counts[scope, digest, ends] = self.counts.get((scope, digest, ends), 0) + 1
            seen = self.counts[scope, digest, ends]
        return Usage(scope=scope, limit=limit, count=seen, reset=_seconds_until(ends))


_breaker = Breaker()
_in_process = ProcessCounts()


def _in_redis(scope: str, digest: str) -> Usage | None:
    try:
        found = get_usage(
            None,
            group=scope,
            key=lambda _group, _request: digest,
            rate=settings.RATE_LIMITS[scope],
            increment=True,
        )
    except (RedisError, ConnectionInterrupted, OSError):
        found = None
    if found is None or not found["limit"]:
        _breaker.failed()
        return None
    _breaker.succeeded()
    # What is called the seconds left is counted to the beginning of the window's last second.
    reset = max(1, found["time_left"] + 1)
    return Usage(scope=scope, limit=found["limit"], count=found["count"], reset=reset)


def _in_postgresql(scope: str, digest: str, limit: int, seconds: int) -> Usage:
    ends = _window_end(seconds)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO limits_hit (scope, key, window_ends, count) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (scope, key, window_ends) DO UPDATE SET count = limits_hit.count + 1 "
            "RETURNING count",
            [scope, digest, datetime.fromtimestamp(ends, UTC)],
        )
        seen = cursor.fetchone()[0]
    return Usage(scope=scope, limit=limit, count=seen, reset=_seconds_until(ends))


def _window_end(seconds: int) -> int:
    now = int(time.time())
    return now - now % seconds + seconds


def _seconds_until(ends: int) -> int:
    return max(1, ends - int(time.time()))
