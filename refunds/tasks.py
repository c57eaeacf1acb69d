"""Jobs of returns and refunds."""

from mdv.jobs.app import job
from mdv.kernel import clock
from refunds import services
from refunds.letters import (
    write_approved,
    write_received,
    write_rejected,
    write_requested,
    write_succeeded,
)

__all__ = [  # what workers find
    "execute",
    "expire",
    "look_up",
    "write_approved",
    "write_received",
    "write_rejected",
    "write_requested",
    "write_succeeded",
]


@job("refunds.expire_returns", cron="17 * * * *", retries=0)
def expire() -> None:
    """Stop waiting for what was agreed to come back and did not come in time."""
    services.expire_returns(at=clock.now())


@job("refunds.execute_refunds", cron="* * * * *", retries=0)
def execute() -> None:
    """Ask providers for refunds that were agreed to and nobody asked for."""
    services.execute_waiting_refunds(at=clock.now())


@job("refunds.look_up_refunds", cron="* * * * *", retries=0)
def look_up() -> None:
    """Ask providers what became of refunds that they have told nothing of."""
    services.look_up_refunds(at=clock.now())
