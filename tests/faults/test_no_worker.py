"""Without a worker orders go on; staff see that mails and jobs wait, and that they no longer do."""

import pytest

from tests.faults.house import end_process
from tests.ops.shops import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timed]

BANNER = "No worker is running"
STARTING_S = 90


def worker_status(house):
    return house.health()[1]["checks"]["worker"]["status"]


def test_orders_go_on_and_staff_are_told_until_a_worker_is_back(house):
    placed = house.order()
    home, health = house.page(), house.health()
    worker = house.start_worker()
    try:
        wait_until(lambda: worker_status(house) == "ok", STARTING_S)
        home_again = house.page()
    finally:
        code = end_process(worker)

    assert placed.status_code == 201
    assert (home.status_code, BANNER in home.text) == (200, True)
    assert (health[0], health[1]["status"]) == (200, "degraded")
    assert health[1]["checks"]["worker"] == {"status": "down"}
    assert (home_again.status_code, BANNER in home_again.text) == (200, False)
    assert code == 0
