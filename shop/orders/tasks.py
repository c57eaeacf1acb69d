"""Jobs of orders."""

from mdv.jobs.app import job
from mdv.kernel import clock
from shop.orders import services
from shop.orders.letters import write_placed

__all__ = ["expire", "write_placed"]  # what workers find


@job("orders.expire", cron="* * * * *", retries=0)
def expire() -> None:
    """Give back what unpaid online orders hold."""
    services.expire_orders(at=clock.now())
