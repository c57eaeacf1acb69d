"""What may follow what: every pair of states, and every use case in every state."""

from decimal import Decimal
from itertools import product

import pytest

from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from shop.orders import services
from shop.orders.models import Order
from shop.orders.states import ORDER, CancelReason, OrderStatus
from shop.payments.services import OrderIsCancelled, record_payment
from shop.payments.states import PAYMENT, Channel, PaymentState
from tests.orders.ordering import available, deliver_everywhere, guest, placed, sell

PENDING, CONFIRMED, COMPLETED, CANCELLED = (
    OrderStatus.PENDING,
    OrderStatus.CONFIRMED,
    OrderStatus.COMPLETED,
    OrderStatus.CANCELLED,
)
ORDER_STEPS = {
    (PENDING, CONFIRMED),
    (PENDING, CANCELLED),
    (CONFIRMED, COMPLETED),
    (CONFIRMED, CANCELLED),
    (CANCELLED, CONFIRMED),
}
PAYMENT_STEPS = {
    ("initiated", "captured"),
    ("initiated", "failed"),
    ("initiated", "abandoned"),
    ("failed", "captured"),
    ("abandoned", "captured"),
}


@pytest.mark.parametrize(("now", "new"), list(product(OrderStatus, repeat=2)))
def test_an_order_takes_exactly_the_listed_steps_and_may_stay_where_it_is(now, new):
    assert ORDER.allows(now, new) is (now == new or (now, new) in ORDER_STEPS)


@pytest.mark.parametrize(("now", "new"), list(product(PaymentState, repeat=2)))
def test_a_payment_takes_exactly_the_listed_steps_and_may_stay_where_it_is(now, new):
    assert PAYMENT.allows(now, new) is (now == new or (now, new) in PAYMENT_STEPS)


def test_a_refusal_names_the_present_state_and_what_may_follow():
    with pytest.raises(InvalidTransition) as refused:
        ORDER.check(COMPLETED, PENDING)

    assert refused.value.members == {"state": "completed", "allowed": []}


FIRM = {CONFIRMED, COMPLETED}
pay_on_delivery = {"payment_method": "cash_on_delivery"}


@pytest.fixture
def number_in(db):
    """Bring an order into a state, as far as today's use cases reach, and return its number."""
    sell("SHIRT", "1500.00", stock=10)
    deliver_everywhere("500.00")

    def bring(status, **changes):
        changes = {**pay_on_delivery, **changes} if status in FIRM else changes
        number = placed(guest(), ("SHIRT", 1), total="2000.00", **changes)["number"]
        if status == CANCELLED:
            services.cancel_order(number=number, reason=CancelReason.STAFF, at=clock.now())
        elif status in FIRM:
            services.confirm_pay_on_delivery(number=number, at=clock.now())
            fulfilled = clock.now() if status == COMPLETED else None
            Order.objects.filter(number=number).update(status=status, fulfilled_at=fulfilled)
        return number

    return bring


def outcome(act):
    """Call it, and tell the code of the refusal or the order's state."""
    try:
        return act().status
    except (InvalidTransition, OrderIsCancelled, services.AlreadyConfirmed) as refusal:
        return refusal.code


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PENDING, "confirmed"),
        (CONFIRMED, "confirmed"),
        (COMPLETED, "invalid_transition"),
        (CANCELLED, "invalid_transition"),
    ],
)
def test_confirming_in_every_state(number_in, status, expected):
    number = number_in(status, **pay_on_delivery)

    found = outcome(lambda: services.confirm_pay_on_delivery(number=number, at=clock.now()))

    assert found == expected


@pytest.mark.parametrize(
    ("status", "by_managers", "by_others"),
    [
        (PENDING, "cancelled", "cancelled"),
        (CONFIRMED, "cancelled", "already_confirmed"),
        (COMPLETED, "invalid_transition", "invalid_transition"),
        (CANCELLED, "cancelled", "cancelled"),
    ],
)
def test_cancelling_in_every_state(number_in, status, by_managers, by_others):
    def cancel(*, only_pending):
        number = number_in(status)
        return outcome(
            lambda: services.cancel_order(
                number=number,
                reason=CancelReason.CUSTOMER,
                at=clock.now(),
                only_pending=only_pending,
            )
        )

    assert cancel(only_pending=False) == by_managers
    assert cancel(only_pending=True) == by_others


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PENDING, "confirmed"),
        (CONFIRMED, "confirmed"),
        (COMPLETED, "completed"),
        (CANCELLED, "order_is_cancelled"),
    ],
)
def test_money_arriving_in_every_state(number_in, status, expected):
    number = number_in(status)

    found = outcome(
        lambda: record_payment(
            number=number,
            amount=Decimal("2000.00"),
            channel=Channel.CASH,
            reference="RECEIPT-1",
            at=clock.now(),
        )
    )

    assert found == expected
    paid = Order.objects.get(number=number).captured_total
    assert paid == (Decimal(0) if status == CANCELLED else Decimal("2000.00"))


def test_an_order_to_be_paid_first_is_not_confirmed_by_hand(number_in):
    number = number_in(PENDING)

    with pytest.raises(services.NotPaidOnDelivery):
        services.confirm_pay_on_delivery(number=number, at=clock.now())

    assert Order.objects.get().status == PENDING


def test_an_order_that_money_arrived_for_is_not_simply_cancelled(number_in):
    number = number_in(PENDING)
    record_payment(
        number=number,
        amount=Decimal("0.01"),
        channel=Channel.CASH,
        reference="RECEIPT-1",
        at=clock.now(),
    )

    with pytest.raises(services.OrderHasPayments):
        services.cancel_order(number=number, reason=CancelReason.STAFF, at=clock.now())

    assert Order.objects.get().status == PENDING
    assert available("SHIRT") == 9
