"""Jobs of limits."""

from mdv.jobs.app import job
from mdv.kernel import clock
from mdv.limits import services


@job("limits.forget_old_hits", cron="41 * * * *", retries=0)
def forget_old_hits() -> None:
    """Forget the counts of windows that are over."""
    services.forget_old_hits(at=clock.now())
