"""Jobs of orders."""

from mdv.jobs.app import job
from mdv.kernel import clock
from shop.orders import services


@job("orders.expire", cron="* * * * *", retries=0)
def expire() -> None:
    """Give back what unpaid online orders hold."""
    services.expire_orders(at=clock.now())
