"""Bodies that are made to cost much are refused for little."""

import time

import pytest

from shop.orders.models import Order
from tests.orders.ordering import guest, order_of, place

pytestmark = pytest.mark.django_db

QUICK_S = 1.0  # one of them took 22 s

BODIES = {
    "many empty lines": lambda: order_of(total="1.00", lines=[{}] * 300_000),
    "many wrong lines": lambda: order_of(total="1.00", lines=[{}] * 100),
    "lines full of unknown keys": lambda: order_of(
        total="1.00", lines=[dict.fromkeys(map(str, range(900)), 1)] * 100
    ),
    "many unknown keys": lambda: order_of(("A", 1), total="1.00") | dict.fromkeys("abc" * 300),
    "lines inside lines": lambda: order_of(total="1.00", lines=[[{}] * 900] * 100),
}


@pytest.mark.parametrize("make", BODIES.values(), ids=BODIES)
def test_a_body_made_to_cost_much_is_refused_for_little(make):
    body = make()
    started = time.perf_counter()
    answer = place(guest(), body)

    assert time.perf_counter() - started < QUICK_S
    assert answer.status_code == 400
    assert len(answer.content) < 10_000
    assert not Order.objects.exists()


def test_of_a_hundred_wrong_lines_twenty_mistakes_are_named():
    answer = place(guest(), order_of(total="1.00", lines=[{}] * 100))

    told = answer.json()["errors"]
    assert len(told) == 21
    assert told[-1] == {"field": "", "code": "more_problems", "message": "And 180 more."}
