"""Checking the books while somebody waits."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import psycopg
from django.db import OperationalError

from mdv.accounts.models import User
from mdv.ops.reconcile import check_again, check_books
from mdv.ops.tasks import check_books_for

# With one invariant: below what a page may take and what the web process waits for PostgreSQL.
PAGE_PATIENCE_MS = 4_000


class Check(StrEnum):
    """What became of somebody's wish that the books are checked."""

    DONE = "done"
    QUEUED = "queued"
    QUEUED_BEFORE = "queued_before"


def check_now(*, user: User, at: datetime, numbers: Collection[int] = ()) -> Check:
    """Check the books, or the invariants of `numbers`, for somebody who waits for it.

    Where it takes too long the worker checks them all, soon, and once for all who asked.
    """
    try:
        if numbers:
            check_again(numbers=numbers, at=at, asked_by=user.email, patience_ms=PAGE_PATIENCE_MS)
        else:
            check_books(at=at, asked_by=user.email, patience_ms=PAGE_PATIENCE_MS)
    except OperationalError as problem:
        if not isinstance(problem.__cause__, psycopg.errors.QueryCanceled):
            raise
        return Check.QUEUED if check_books_for.defer_once(user_id=user.pk) else Check.QUEUED_BEFORE
    return Check.DONE
