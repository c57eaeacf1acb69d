"""How the workers are doing, and what they do for themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status

from mdv.jobs.app import in_this_transaction
from mdv.kernel.errors import Conflict

# Workers say every 10 s that they are alive.
ALIVE_FOR = timedelta(seconds=30)
MAX_STALLS = 5
KEEP_SUCCEEDED = timedelta(days=2)
KEEP_FAILED = timedelta(days=30)
DELETE_AT_ONCE = 5_000

log = structlog.get_logger("mdv.jobs")


class JobHasNotFailed(Conflict):
    code = "job_has_not_failed"
    detail = "This job is not among those that failed."


@dataclass(frozen=True, kw_only=True)
class WorkerStatus:
    """`oldest_job_s` is for how long the oldest job that is due has waited, in seconds."""

    alive: int
    oldest_job_s: float | None


def worker_status(*, at: datetime) -> WorkerStatus:
    """Count the workers that are alive and measure how far behind they are."""
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=at - ALIVE_FOR).count()
    due = ProcrastinateJob.objects.filter(
        Q(scheduled_at=None) | Q(scheduled_at__lte=at),
        status=Status.TODO.value,
        procrastinateevent__type="deferred",
    )
    oldest = due.aggregate(since=Min(Coalesce("scheduled_at", "procrastinateevent__at")))["since"]
    waited = None if oldest is None else max(0.0, (at - oldest).total_seconds())
    return WorkerStatus(alive=alive, oldest_job_s=waited)


def retry_stalled_jobs() -> int:
    """Put jobs whose worker died back into the queue; return how many.

    A job that was stalled too often is given up: it may be what kills the workers.
    """
    find = async_to_sync(in_this_transaction.get_stalled_jobs)
    stalled = list(find(seconds_since_heartbeat=ALIVE_FOR.total_seconds()))
    return sum(_retry(job) for job in stalled)


def retry_failed_job(*, job_id: int, at: datetime) -> None:
    """Put a job that failed for good back into the queue.

    Raises:
        JobHasNotFailed: 409, it is not there, still being tried, or was put back already.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'failed' FOR UPDATE",
            [job_id],
        )
        if cursor.fetchone() is None:
            raise JobHasNotFailed
    async_to_sync(in_this_transaction.retry_job_by_id_async)(job_id=job_id, retry_at=at)


def delete_finished_jobs(*, at: datetime) -> int:
    """Delete jobs that ended a while ago, a bounded number at once; return how many."""
    deleted = 0
    for status, keep in (("succeeded", KEEP_SUCCEEDED), ("failed", KEEP_FAILED)):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE id IN ("
                " SELECT job.id FROM procrastinate_jobs AS job"
                " JOIN procrastinate_events AS event ON event.job_id = job.id"
                " WHERE job.status = %(status)s::procrastinate_job_status"
                " AND event.type = %(status)s::procrastinate_job_event_type"
                " AND event.at < %(before)s LIMIT %(limit)s)",
                {"status": status, "before": at - keep, "limit": DELETE_AT_ONCE},
            )
            deleted += cursor.rowcount
    return deleted


def _retry(job: QueuedJob) -> bool:
    log.warning("job_stalled", job=job.task_name, job_id=job.id, attempts=job.attempts)
    try:
        if job.attempts >= MAX_STALLS:
            _give_up(job)
            return False
        with transaction.atomic():
            async_to_sync(in_this_transaction.retry_job)(job)
    except UniqueViolation:
        # It is on schedule, and its successor is in the queue already: it waits for this one's end,
        # and would for ever.
        _give_up(job)
        return False
    except ConnectorException:
        # It ended meanwhile: its worker was slow, not dead.
        return False
    return True


def _give_up(job: QueuedJob) -> None:
    async_to_sync(in_this_transaction.finish_job)(job, Status.FAILED, delete_job=False)
