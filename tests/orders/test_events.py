"""What others learn of orders: each step once, in order, without a word about the customer."""

import json
from decimal import Decimal

import pytest

from mdv.events.services import read_events
from mdv.kernel import clock
from shop.orders.models import Order
from shop.orders.services import cancel_order, confirm_pay_on_delivery, expire_orders
from shop.orders.states import CancelReason
from shop.payments.services import record_payment
from shop.payments.states import Channel
from tests.orders.ordering import (
    LAGOS,
    deliver_everywhere,
    guest,
    make_coupon,
    order_of,
    place,
    placed,
    sell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop():
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")


def order(**changes):
    return placed(guest(), ("SHIRT", 2), total="3500.00", **changes)["number"]


def pay(number, amount, reference="R1"):
    record_payment(
        number=number,
        accept_excess=True,
        amount=Decimal(amount),
        channel=Channel.BANK_TRANSFER,
        reference=reference,
        at=clock.now(),
    )


def happened():
    return [(event.kind, event.payload) for event in read_events(after=0, limit=1000)]


def test_placing_an_order_tells_what_was_ordered():
    number = order()

    (event,) = read_events(after=0, limit=10)
    assert (event.kind, event.about, event.number) == ("order.placed", "orders.Order", number)
    assert event.payload == {
        "status": "pending",
        "total": "3500.00",
        "currency": "NGN",
        "payment_method": "bank_transfer",
        "delivery_method": "delivery",
        "lines": [{"sku": "SHIRT", "quantity": 2}],
    }


def test_no_event_says_whose_order_it_is():
    number = order(name="Ada Obi", phone="+234 801 234 5678")
    pay(number, 3500)
    cancelled = order()
    cancel_order(number=cancelled, reason=CancelReason.CUSTOMER, at=clock.now())

    text = json.dumps(happened())

    told_of = [LAGOS["street"], LAGOS["city"], LAGOS["phone"], "guest@example.com", "Ada"]
    assert [word for word in told_of if word in text] == []


def test_an_order_that_is_refused_did_not_happen():
    refused = place(guest(), order_of(("SHIRT", 2), total="1.00"))

    assert refused.status_code == 409
    assert happened() == []


def test_an_order_that_is_asked_for_twice_happens_once():
    body, key = order_of(("SHIRT", 1), total="2000.00"), "a" * 32
    for _ in range(2):
        assert place(guest(), body, key=key).status_code == 201

    assert [kind for kind, _ in happened()] == ["order.placed"]


def test_money_in_two_parts_is_told_twice_and_confirms_once():
    number = order()

    pay(number, 1000)
    pay(number, 2500, "R2")

    def captured(amount, so_far):
        return {
            "amount": amount,
            "captured_total": so_far,
            "total": "3500.00",
            "currency": "NGN",
        }

    assert happened()[1:] == [
        ("payment.captured", captured("1000.00", "1000.00")),
        ("payment.captured", captured("2500.00", "3500.00")),
        ("order.confirmed", {"total": "3500.00", "currency": "NGN"}),
    ]


def test_an_order_to_be_paid_on_delivery_is_confirmed_once():
    number = order(payment_method="cash_on_delivery")

    for _ in range(2):
        confirm_pay_on_delivery(number=number, at=clock.now())

    assert [kind for kind, _ in happened()] == ["order.placed", "order.confirmed"]


def test_an_order_worth_nothing_is_confirmed_as_it_is_placed():
    make_coupon("ALL", "100.00")
    placed(
        guest(),
        ("SHIRT", 1),
        total="0.00",
        coupon="ALL",
        delivery_method="pickup",
        shipping_address=None,
    )

    assert [kind for kind, _ in happened()] == ["order.placed", "order.confirmed"]


@pytest.mark.parametrize("reason", [CancelReason.CUSTOMER, CancelReason.FRAUD])
def test_cancelling_tells_why_and_once(reason):
    number = order()

    for _ in range(2):
        cancel_order(number=number, reason=reason, at=clock.now())

    assert happened()[1:] == [("order.cancelled", {"reason": reason})]


def test_an_order_that_expires_is_cancelled():
    number = order()
    now = clock.now()
    Order.objects.filter(number=number).update(payment_method="online", expires_at=now)

    expire_orders(at=now)

    assert happened()[1:] == [("order.cancelled", {"reason": "expired"})]
