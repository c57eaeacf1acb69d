"""What the shop does for itself every night."""

from mdv.idempotency import services as idempotency
from mdv.jobs.app import job
from mdv.kernel import clock
from mdv.ops.reconcile import check_books


@job("idempotency.forget_old_keys", cron="23 3 * * *", retries=0)
def forget_old_keys() -> None:
    """Forget answers that nobody will ask for again."""
    while idempotency.forget_old_keys(at=clock.now()):
        pass


@job("ops.check_books", cron="47 3 * * *", retries=0)
def check_books_nightly() -> None:
    """Check the books; an unbalanced one degrades /health and is an error in the log."""
    check_books(at=clock.now())
