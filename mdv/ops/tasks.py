"""What the shop does for itself every night, and what takes too long for a page."""

from mdv.accounts.models import User
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


@job("ops.check_books_for", retries=0)
def check_books_for(*, user_id: int) -> None:
    """Check the books for somebody who asked, where it takes longer than a page may."""
    check_books(at=clock.now(), asked_by=User.objects.get(pk=user_id).email)
