"""Upkeep of what has no room above it to keep it."""

from mdv.idempotency import services as idempotency
from mdv.jobs.app import job
from mdv.kernel import clock


@job("idempotency.forget_old_keys", cron="23 3 * * *", retries=0)
def forget_old_keys() -> None:
    """Forget answers that nobody will ask for again."""
    while idempotency.forget_old_keys(at=clock.now()):
        pass
