"""Jobs of carts."""

from mdv.jobs.app import job
from mdv.kernel import clock
from shop.carts import services


@job("carts.delete_idle", cron="17 3 * * *", retries=0)
def delete_idle() -> None:
    """Clear away carts that nobody came back for."""
    while services.delete_idle_carts(at=clock.now()):
        pass
