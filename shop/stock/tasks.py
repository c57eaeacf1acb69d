"""Jobs of stock."""

from mdv.jobs.app import job
from mdv.kernel import clock
from shop.stock import services


@job("stock.warn_of_low", cron="0 5 * * *")
def warn_of_low() -> None:
    """Tell people each morning what has run low since the last one."""
    services.warn_of_low_stock(at=clock.now())


@job("stock.forget_previews", cron="23 3 * * *", retries=0)
def forget_previews() -> None:
    """Clear away each night what was compared long ago and never applied."""
    services.forget_previews(at=clock.now())
