"""Orders under real threads over real HTTP: nothing is sold, counted or paid twice."""

from decimal import Decimal
from itertools import chain

import pytest
from django.db import connections

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.ops.reconcile import check_invariants
from shop.carts.models import CartLine
from shop.orders import services
from shop.orders.models import Order
from shop.payments.models import Payment
from shop.pricing.models import Coupon, CouponRedemption
from shop.stock.models import StockItem, StockMovement
from tests.orders.ordering import (
    available,
    customer,
    deliver_everywhere,
    fill_cart,
    guest,
    make_coupon,
    order_of,
    order_of_cart,
    placed,
    sell,
    staff,
)
from tests.races.crowds import Client, at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

BACKLOG = 128
ROUNDS = 5


@pytest.fixture
def shop(live_server):
    deliver_everywhere("500.00")
    # Django's test server keeps ten clients waiting and turns the others away.
    live_server.thread.httpd.socket.listen(BACKLOG)
    return live_server


def assert_books_balance():
    assert [outcome for outcome in check_invariants() if not outcome.holds] == []


@pytest.mark.slow
def test_of_sixty_four_buyers_of_the_last_ten_units_exactly_ten_get_one(web):
    deliver_everywhere("500.00")
    sell("LAST", "1500.00", stock=10)
    body = order_of(("LAST", 1), total="2000.00")

    answers = at_once(*[lambda: Client(web).act("/orders", body) for _ in range(64)])

    assert outcomes(answers) == {"201": 10, "409 out_of_stock": 54}
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved, item.available) == (10, 10, 0)
    ledger = StockMovement.objects.order_by("seq")
    assert [move.reserved_after for move in ledger] == list(range(11))
    assert Order.objects.count() == 10
    assert_books_balance()


@pytest.mark.slow
def test_two_hundred_pairs_of_opposite_orders_never_block_each_other_for_good(web):
    deliver_everywhere("500.00")
    sell("LEFT", "10.00", stock=1000)
    sell("RIGHT", "20.00", stock=1000)
    there = order_of(("LEFT", 1), ("RIGHT", 1), total="530.00")
    back = order_of(("RIGHT", 1), ("LEFT", 1), total="530.00")

    def buy(body):
        return [Client(web).act("/orders", body) for _ in range(25)]

    answers = at_once(*[lambda body=body: buy(body) for body in [there, back] * 8])

    assert outcomes(chain.from_iterable(answers)) == {"201": 400}
    assert (available("LEFT"), available("RIGHT")) == (600, 600)
    assert_books_balance()


def test_one_key_sent_eight_times_at_once_is_one_order_and_eight_equal_answers(shop):
    sell("SHIRT", "1500.00", stock=10)
    body = order_of(("SHIRT", 1), total="2000.00")

    answers = at_once(
        *[
            lambda: Client(shop).act("/orders", body, key="one-key-for-all-of-us-here")
            for _ in range(8)
        ]
    )

    assert outcomes(answers) == {"201": 8}
    assert len({answer.body for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    replays = [answer for answer in answers if "Idempotent-Replayed" in answer.headers]
    assert len(replays) == 7
    assert Order.objects.count() == 1
    assert available("SHIRT") == 9


def test_a_coupon_for_five_is_used_five_times_by_twenty_buyers(shop):
    sell("SHIRT", "1000.00", stock=100)
    make_coupon("FIVE", "10.00", limit_total=5)

    answers = at_once(
        *[
            lambda number=number: Client(shop).act(
                "/orders",
                order_of(
                    ("SHIRT", 1), total="1400.00", coupon="FIVE", email=f"buyer{number}@example.com"
                ),
            )
            for number in range(20)
        ]
    )

    assert outcomes(answers) == {"201": 5, "409 coupon_exhausted": 15}
    assert Coupon.objects.get().used_count == 5
    assert CouponRedemption.objects.count() == 5
    assert available("SHIRT") == 95
    assert_books_balance()


def test_a_customer_who_clicks_on_two_devices_uses_their_coupon_once(shop):
    sell("SHIRT", "1000.00", stock=100)
    make_coupon("ONCE", "10.00", limit_per_customer=1)
    body = order_of(("SHIRT", 1), total="1400.00", coupon="ONCE")

    answers = at_once(*[lambda: Client(shop).act("/orders", body) for _ in range(8)])

    assert outcomes(answers) == {"201": 1, "409 coupon_exhausted": 7}


def test_one_cart_is_ordered_once(shop):
    sell("SHIRT", "1500.00", stock=10)
    token = fill_cart(guest(), ("SHIRT", 2))
    body = order_of_cart(token, total="3500.00")

    answers = at_once(*[lambda: Client(shop).act("/orders", body) for _ in range(8)])

    assert outcomes(answers) == {"201": 1, "404 not_found": 7}
    assert available("SHIRT") == 8


def test_units_put_into_one_cart_at_once_are_all_in_it(shop):
    sell("SHIRT", "1500.00")
    token = fill_cart(guest())
    line = {"sku": "SHIRT", "quantity": 1}

    answers = at_once(
        *[lambda: Client(shop).send("POST", f"/carts/{token}/lines", line) for _ in range(8)]
    )

    assert outcomes(answers) == {"200": 8}
    assert CartLine.objects.get().quantity == 8


def test_an_order_cancelled_eight_times_at_once_gives_its_stock_back_once(shop):
    sell("SHIRT", "1500.00", stock=10)
    make_coupon("TEN", "10.00")
    order = placed(guest(), ("SHIRT", 4), total="5900.00", coupon="TEN")
    mine = {"X-Order-Token": order["access_token"]}

    answers = at_once(
        *[lambda: Client(shop).act(f"/orders/{order['number']}/cancel", **mine) for _ in range(8)]
    )

    assert outcomes(answers) == {"200": 8}
    assert available("SHIRT") == 10
    assert StockMovement.objects.filter(kind="release").count() == 1
    assert Coupon.objects.get().used_count == 0
    assert_books_balance()


def test_an_order_that_is_paid_and_cancelled_at_once_is_one_of_the_two(shop):
    sell("SHIRT", "1500.00", stock=10)
    clerk, ada = staff(Role.OPERATIONS), customer()

    for number in range(ROUNDS):
        order = placed(ada, ("SHIRT", 1), total="2000.00")
        money = {"amount": "2000.00", "channel": "cash", "reference": f"TILL-{number}"}
        paid, cancelled = at_once(
            lambda order=order, money=money: Client(shop, clerk.token).act(
                f"/staff/orders/{order['number']}/payments", money
            ),
            lambda order=order: Client(shop, ada.token).act(f"/orders/{order['number']}/cancel"),
        )

        now = Order.objects.get(number=order["number"])
        assert (paid.outcome, cancelled.outcome, now.status, now.captured_total) in {
            ("201", "409 order_has_payments", "confirmed", Decimal("2000.00")),
            ("409 order_is_cancelled", "200", "cancelled", Decimal("0.00")),
        }
    assert_books_balance()


def test_a_payment_that_arrives_as_the_order_expires_is_never_lost(shop):
    sell("SHIRT", "1500.00", stock=10)
    clerk = staff(Role.OPERATIONS)

    def expire():
        try:
            return services.expire_orders(at=clock.now())
        finally:
            connections.close_all()

    for number in range(ROUNDS):
        order = placed(guest(), ("SHIRT", 1), total="2000.00")
        Order.objects.filter(number=order["number"]).update(
            payment_method="online", expires_at=clock.now()
        )
        money = {"amount": "2000.00", "channel": "card", "reference": f"CARD-{number}"}
        paid, expired = at_once(
            lambda order=order, money=money: Client(shop, clerk.token).act(
                f"/staff/orders/{order['number']}/payments", money
            ),
            expire,
        )

        now = Order.objects.get(number=order["number"])
        assert (paid.outcome, expired, now.status, now.captured_total) in {
            ("201", 0, "confirmed", Decimal("2000.00")),
            ("409 order_is_cancelled", 1, "cancelled", Decimal("0.00")),
        }
    assert_books_balance()


def test_one_transfer_that_two_people_book_at_once_is_booked_once(shop):
    sell("SHIRT", "1500.00", stock=10)
    clerk = staff(Role.OPERATIONS)
    money = {"amount": "2000.00", "channel": "bank_transfer", "reference": "GTB-1"}
    orders = [placed(guest(), ("SHIRT", 1), total="2000.00") for _ in range(4)]

    answers = at_once(
        *[
            lambda order=order: Client(shop, clerk.token).act(
                f"/staff/orders/{order['number']}/payments", money
            )
            for order in orders
        ]
    )

    assert outcomes(answers) == {"201": 1, "409 payment_reference_is_used_once": 3}
    assert Payment.objects.count() == 1
    assert Order.objects.filter(captured_total__gt=0).count() == 1


def test_selling_and_cancelling_at_once_keeps_the_ledger_in_one_piece(shop):
    sell("SHIRT", "1500.00", stock=20)
    orders = [placed(guest(), ("SHIRT", 1), total="2000.00") for _ in range(8)]
    body = order_of(("SHIRT", 1), total="2000.00")

    at_once(
        *[
            lambda order=order: Client(shop).act(
                f"/orders/{order['number']}/cancel", **{"X-Order-Token": order["access_token"]}
            )
            for order in orders
        ],
        *[lambda: Client(shop).act("/orders", body) for _ in range(8)],
    )

    assert available("SHIRT") == 12
    assert StockMovement.objects.count() == 1 + 8 + 8 + 8
    assert_books_balance()
