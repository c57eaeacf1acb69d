"""The queue's own upkeep, done by the workers on schedule."""

from mdv.jobs import services
from mdv.jobs.app import job
from mdv.kernel import clock


@job("jobs.retry_stalled", cron="* * * * *", retries=0)
def retry_stalled() -> None:
    """Bring back jobs whose worker died."""
    services.retry_stalled_jobs()


@job("jobs.delete_finished", cron="*/10 * * * *", retries=0)
def delete_finished() -> None:
    """Keep the queue's tables small."""
    services.delete_finished_jobs(at=clock.now())
