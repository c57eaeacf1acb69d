"""Jobs of returns."""

from mdv.jobs.app import job
from mdv.kernel import clock
from refunds import services
from refunds.letters import (
    write_approved,
    write_cancelled,
    write_expired,
    write_received,
    write_rejected,
    write_requested,
)

__all__ = [  # what workers find
    "expire",
    "write_approved",
    "write_cancelled",
    "write_expired",
    "write_received",
    "write_rejected",
    "write_requested",
]


@job("refunds.expire_returns", cron="17 * * * *", retries=0)
def expire() -> None:
    """Stop waiting for what was agreed to come back and did not come in time."""
    services.expire_returns(at=clock.now())
