"""Jobs of payments."""

from mdv.jobs.app import job
from mdv.kernel import clock
from shop.payments import services


@job("payments.apply_waiting_events", cron="* * * * *", retries=0)
def apply_waiting_events() -> None:
    """Apply what providers told and nobody has applied: a process died in between, say."""
    services.apply_waiting_events(at=clock.now())


@job("payments.look_up", cron="* * * * *", retries=0)
def look_up() -> None:
    """Ask providers about payments that they have told nothing of."""
    services.look_up_payments(at=clock.now())
