"""Without PostgreSQL the shop says so and can be asked again; with it back, at once it works."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdv.ops.hung_database import PATIENCE_S
from tests.ops.production import parent_of

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timed]

ON_TOP_S = 4  # to connect, and what a busy machine takes


@pytest.fixture
def without_postgres(house):
    for _ in range(8):  # so that every thread holds a connection that is about to die
        assert house.browse().status_code == 200
    house.stop_postgres()
    return house


def test_the_api_asks_to_try_again_and_tells_nothing_of_the_database(without_postgres):
    house = without_postgres

    for answer in (house.browse(), house.log_in(), house.order(), house.own_profile(house.token)):
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "1"
        assert answer.json()["code"] == "try_again"
        assert not any(word in answer.text for word in ("psycopg", "socket", "connection", "SQL"))


def test_the_back_office_shows_a_page_that_people_can_read(without_postgres):
    page = without_postgres.page("/admin/orders/order/")

    assert page.status_code == 503
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Retry-After"] == "1"
    assert "The shop is busy. Please try again." in page.text


def test_health_is_critical_readiness_says_why_and_the_process_is_alive(without_postgres):
    house = without_postgres

    status_code, said = house.health()
    ready = house.shop.ask("GET", "/health/ready")

    assert (status_code, said["status"]) == (503, "critical")
    assert said["checks"]["database"] == {"status": "critical"}
    assert (ready.status_code, ready.json()["reason"]) == (503, "database")
    assert house.shop.ask("GET", "/health/live").status_code == 200


def test_once_it_is_back_the_very_next_requests_succeed(without_postgres):
    house = without_postgres
    assert house.browse().status_code == 503

    house.start_postgres()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: house.browse().status_code, range(24)))

    assert answers == [200] * 24
    assert house.order().status_code == 201
    assert house.page().status_code == 200


def test_an_order_that_met_the_outage_is_placed_once_by_asking_again(without_postgres):
    house = without_postgres
    key = "the-same-key-before-and-after"
    assert house.order(key).status_code == 503

    house.start_postgres()
    placed, again = house.order(key), house.order(key)

    assert (placed.status_code, again.status_code) == (201, 201)
    assert placed.json()["number"] == again.json()["number"]
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_server_that_hangs_is_a_503_in_time_and_works_again_when_it_goes_on(house):
    for _ in range(8):  # so that every thread holds a connection
        assert house.browse().status_code == 200
    with frozen(house.postgres.process.pid):
        started = time.monotonic()
        with ThreadPoolExecutor(4) as people:
            answers = list(people.map(lambda ask: ask(), [house.browse, house.order] * 2))
        took = time.monotonic() - started
    again = [house.browse() for _ in range(8)]

    assert [answer.status_code for answer in answers] == [503] * 4
    assert took < PATIENCE_S + ON_TOP_S
    assert [answer.status_code for answer in again] == [200] * 8


@contextmanager
def frozen(postmaster):
    """Stop a PostgreSQL and all its processes where they are, as a hung disk or host does."""
    everybody = [postmaster] + [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and parent_of(int(entry.name)) == postmaster
    ]
    for process in everybody:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in everybody:
            os.kill(process, signal.SIGCONT)
