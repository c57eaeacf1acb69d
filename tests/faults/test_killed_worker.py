"""A web process killed in the middle of its work loses no order and doubles none."""

import os
import re
import signal
import threading
import time
import uuid

import httpx
import pytest

from tests.ops.shops import wait_until

pytestmark = pytest.mark.slow

CUSTOMERS, ORDERS_EACH = 4, 12
TRIES = 20
PAUSE_S = 0.3
RESTART_S = 60


class Customer(threading.Thread):
    """Orders several times; after a lost connection asks again with the same key."""

    def __init__(self, house):
        super().__init__()
        self.house = house
        self.keys = [uuid.uuid4().hex for _ in range(ORDERS_EACH)]
        self.numbers = {}
        self.lost = 0

    def run(self):
        address = self.house.shop.client.base_url
        for key in self.keys:
            for _ in range(TRIES):
                try:
                    with httpx.Client(base_url=address, timeout=30) as client:
                        answer = self.house.order(key, client=client)
                except httpx.TransportError:
                    self.lost += 1
                else:
                    if answer.status_code == 201:
                        self.numbers[key] = answer.json()["number"]
                        break
                time.sleep(PAUSE_S)


def test_every_key_is_one_order_and_the_books_balance(house):
    shop = house.shop
    before = house.query("SELECT count(*) FROM orders_order")[0][0]
    customers = [Customer(house) for _ in range(CUSTOMERS)]
    for customer in customers:
        customer.start()

    killed = []
    while any(customer.is_alive() for customer in customers) and len(killed) < 3:
        time.sleep(1)
        worker = shop.workers()[0]
        os.kill(worker, signal.SIGKILL)
        killed.append(worker)
        wait_until(lambda: len(set(shop.workers()) - set(killed)) == 2, RESTART_S)
    for customer in customers:
        customer.join()

    wanted = {key for customer in customers for key in customer.keys}
    numbers = {key: number for c in customers for key, number in c.numbers.items()}
    placed = house.query("SELECT count(*) FROM orders_order")[0][0] - before
    assert killed
    assert numbers.keys() == wanted
    assert len(set(numbers.values())) == placed == CUSTOMERS * ORDERS_EACH
    said = shop.manage("reconcile")
    assert re.search(r"^The books balance: \d+ invariants hold\.$", said, re.MULTILINE)
