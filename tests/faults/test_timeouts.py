"""What waits too long is given up: the client may try again, and nothing was changed."""

import time
from contextlib import contextmanager

import psycopg
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timed]

LOCK_S, STATEMENT_S = 2, 5  # lock_timeout and statement_timeout
ON_TOP_S = 2

SLOW = """
    CREATE FUNCTION sleeps() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(30); RETURN NEW; END';
    CREATE TRIGGER slow BEFORE INSERT ON orders_order FOR EACH ROW EXECUTE FUNCTION sleeps();
"""


@contextmanager
def stock_locked(house):
    with psycopg.connect(house.database) as session:
        session.execute("SELECT FROM stock_stockitem FOR UPDATE")
        yield


@contextmanager
def orders_slow(house):
    with psycopg.connect(house.database, autocommit=True) as session:
        session.execute(SLOW)
        try:
            yield
        finally:
            session.execute("DROP FUNCTION sleeps() CASCADE")


def books(house):
    return house.query(
        "SELECT (SELECT count(*) FROM orders_order), (SELECT count(*) FROM stock_stockmovement), "
        "(SELECT count(*) FROM idempotency_idempotencykey)"
    )


@pytest.mark.parametrize(
    ("trouble", "limit_s"), [(stock_locked, LOCK_S), (orders_slow, STATEMENT_S)]
)
def test_an_order_is_given_up_and_can_be_placed_afterwards(house, trouble, limit_s):
    key = f"given-up-by-{trouble.__name__}"
    before = books(house)

    with trouble(house):
        started = time.monotonic()
        refused = house.order(key)
        waited = time.monotonic() - started
    after = books(house)
    placed = house.order(key)

    assert (refused.status_code, refused.json()["code"]) == (503, "try_again")
    assert refused.headers["Retry-After"] == "1"
    assert limit_s <= waited < limit_s + ON_TOP_S
    assert after == before
    assert placed.status_code == 201
