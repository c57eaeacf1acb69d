"""Jobs of events: numbering them, delivering them, forgetting them."""

from mdv.events import services
from mdv.jobs.app import job
from mdv.kernel import clock


@job("events.deliver", retries=0)
def deliver(*, target_id: int) -> None:
    """Tell one webhook what it has not heard yet. What fails is due again by itself."""
    services.deliver_to(target_id=target_id)


# Every five seconds (the sixth field). Deferring a job with each event instead would cost every
# order a statement, whether anybody listens or not.
@job("events.number", cron="* * * * * */5", retries=0)
def number() -> None:
    """Number what was committed, and have it delivered."""
    services.number_events()
    for target_id in services.due_targets(at=clock.now()):
        deliver.defer(target_id=target_id)


@job("events.forget", cron="41 3 * * *", retries=0)
def forget() -> None:
    """Delete what is old."""
    services.forget_events(at=clock.now())
