"""A web process killed in the middle of its work loses no order and doubles none."""

import os
import re
import signal
import threading
import time
import uuid

import httpx
import psycopg
import pytest

from tests.ops.shops import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timed]

CUSTOMERS, ORDERS_EACH = 4, 12
TRIES = 20
PAUSE_S = 0.3
RESTART_S = 60
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


class Customer(threading.Thread):
    """Orders several times; after a lost connection asks again with the same key."""

    def __init__(self, house, *, keys=None, tries=TRIES):
        super().__init__()
        self.house = house
        self.tries = tries
        self.keys = keys or [uuid.uuid4().hex for _ in range(ORDERS_EACH)]
        self.numbers = {}
        self.lost = 0

    def run(self):
        address = self.house.shop.client.base_url
        for key in self.keys:
            for _ in range(self.tries):
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


def kill_workers(shop):
    """Kill every worker; return once gunicorn has started others and they answer."""
    killed = shop.workers()
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(set(shop.workers()) - set(killed)) == len(killed), RESTART_S)
    wait_until(shop.is_alive, RESTART_S)


def order_in_background(house, key):
    """Order, and do not live to see the answer."""
    customer = Customer(house, keys=[key], tries=1)
    customer.start()
    return customer


def count(house, table):
    return house.query(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 (our own name)


def test_killed_before_the_commit_nothing_has_happened_and_asking_again_orders(house):
    key, before = uuid.uuid4().hex, count(house, "orders_order")
    with psycopg.connect(house.database) as session:
        session.execute("SELECT FROM stock_stockitem FOR UPDATE")
        customer = order_in_background(house, key)
        wait_until(lambda: house.query(WAITING)[0][0] == 1, RESTART_S)
        kill_workers(house.shop)
    customer.join()
    after_the_kill = count(house, "orders_order")

    placed = house.order(key)

    assert (customer.lost, after_the_kill) == (1, before)
    assert (placed.status_code, placed.headers.get("Idempotent-Replayed")) == (201, None)
    assert count(house, "orders_order") == before + 1


def test_killed_after_the_commit_asking_again_tells_of_the_same_order(house):
    key, before = uuid.uuid4().hex, count(house, "orders_order")
    customer = order_in_background(house, key)
    wait_until(lambda: count(house, "orders_order") == before + 1, RESTART_S)
    kill_workers(house.shop)
    customer.join()

    again = house.order(key)

    (number,) = house.query("SELECT number FROM orders_order ORDER BY id DESC LIMIT 1")[0]
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json()["number"] == number
    assert count(house, "orders_order") == before + 1


def test_every_key_is_one_order_and_the_books_balance(house):
    shop = house.shop
    before = count(house, "orders_order")
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
    placed = count(house, "orders_order") - before
    assert killed
    assert numbers.keys() == wanted
    assert len(set(numbers.values())) == placed == CUSTOMERS * ORDERS_EACH
    said = shop.manage("reconcile")
    assert re.search(r"^The books balance: \d+ invariants hold\.$", said, re.MULTILINE)
