"""Of what went back beyond its payment no more is booked and written off than went, at COMMIT."""

from decimal import Decimal

import pytest

from mdv.kernel import clock
from refunds.services.apply_refund_fact import book_external
from refunds.services.lock_refund import lock_payments
from shop.orders.services import lock_order
from tests.fulfilment.test_books import refused
from tests.payments.notices import SECRET
from tests.refunds.refunding import money, request, wish
from tests.refunds.test_write_offs import book_rest, charged_back, give_up, write_off


@pytest.fixture
def excess(order, payment, admin, settings):
    """A chargeback of 1,000 of which 500 is booked; since then 7,500 more has room."""
    settings.PAYSTACK_SECRET_KEY = SECRET
    (promised,) = request(order, wish(goodwill="7500.00", by_hand=True), by=admin)
    event = charged_back(payment, "1000.00")
    give_up(promised, admin)
    return event


def book(payment, amount, number):
    """Book money that left, with all that belongs to it, past what the service asks."""
    order = lock_order(payment.order.number)
    (locked,) = lock_payments(order)
    return book_external(
        order=order,
        payment=locked,
        amount=Decimal(amount),
        provider_id=number,
        is_chargeback=True,
        at=clock.now(),
    )


def test_no_more_is_booked_than_is_missing(payment, excess):
    with refused("no_more_is_booked_than_went_back"):
        book(payment, "500.01", "dp_1/2")

    book(payment, "500.00", "dp_1/2")
    assert money(payment) == (8000, 1000, 1000)


def test_nor_in_parts(payment, excess):
    book(payment, "300.00", "dp_1/2")

    with refused("no_more_is_booked_than_went_back"):
        book(payment, "200.01", "dp_1/3")


def test_what_was_written_off_is_not_booked(payment, excess, admin):
    write_off(excess, admin)

    with refused("no_more_is_booked_than_went_back"):
        book(payment, "0.01", "dp_1/2")


def test_what_is_booked_in_full_is_not_booked_again(payment, excess, admin):
    book_rest(excess, admin)

    with refused("no_more_is_booked_than_went_back"):
        book(payment, "0.01", "dp_1/3")


def test_money_under_another_number_is_another_matter(payment, excess):
    book(payment, "600.00", "dp_10")

    assert money(payment) == (8000, 1100, 1100)
