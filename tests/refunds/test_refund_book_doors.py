"""The database looks at a refund from each side: whichever row is written alone is refused."""

import pytest
from django.db.models import F

from mdv.kernel import clock
from refunds.models import Refund, RefundLine
from shop.orders.models import OrderLine
from shop.payments.models import Payment
from tests.fulfilment.packing import deliver
from tests.fulfilment.test_books import refused
from tests.refunds.refunding import CANCEL, RETURN, execute, pay_online, request, wish
from tests.refunds.returning import AS_NEW, approved, receive
from tests.refunds.test_refund_books import add_line, insert, promise


@pytest.fixture
def asked(order, admin):
    (refund,) = request(order, wish(goodwill="1500.00"), by=admin)
    return refund


def write_line(refund, quantity, amount):
    """Write a refund's line that its order line does not show."""
    line = OrderLine.objects.get(order=refund.order_id)
    RefundLine.objects.create(
        refund=refund, order_line=line, quantity=quantity, amount=amount, restock=CANCEL
    )


def test_a_line_that_joins_later_is_in_its_refunds_amount(asked):
    with refused("refund_is_the_sum_of_its_parts"):
        OrderLine.objects.update(qty_cancelled=1)
        add_line(asked, 1, "1500.00")


def test_a_line_of_no_money_is_of_units_that_were_given_up(asked):
    with refused("no_more_is_refunded_than_was_paid_for"):
        write_line(asked, 1, 0)


def test_a_payment_shows_a_refund_that_is_written_alone(payment):
    with refused("payment_shows_its_refunds"):
        insert(payment)


def test_a_payment_shows_what_became_of_a_refund(asked):
    with refused("payment_shows_its_refunds"):
        Refund.objects.filter(pk=asked.pk).update(state="failed")


def test_an_order_line_shows_what_became_of_a_refund(order, payment, admin):
    (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)

    with refused("order_line_shows_its_refunds"):
        Refund.objects.filter(pk=refund.pk).update(state="failed")
        promise(payment, "-1500.00")


def test_a_failed_refund_does_not_stand_again_once_its_return_is_refunded_otherwise(
    order, payment, admin, gateway
):
    deliver(order, ("SHIRT", 2))
    first, other = (approved(order, ("SHIRT", 1)) for _ in range(2))
    for returned in (first, other):
        receive(returned, ("SHIRT", 1, AS_NEW, True))
    gateway.answers = ["refused"]
    failed, _ = (
        execute(request(order, wish(("SHIRT", 1, RETURN), of_return=first), by=admin)[0])
        for _ in range(2)
    )
    assert failed.state == "failed"

    with refused("no_more_is_refunded_than_came_back"):
        Refund.objects.filter(pk=failed.pk).update(state="approved")
        promise(payment, "1500.00")
        OrderLine.objects.update(refunded=F("refunded") + 1500)


def test_shipping_that_is_given_back_again_does_not_stand_twice(order, payment, admin, gateway):
    gateway.answers = ["refused"]
    failed = execute(request(order, wish(shipping="500.00"), by=admin)[0])
    request(order, wish(shipping="500.00"), by=admin)

    with refused("shipping_is_given_back_once"):
        Refund.objects.filter(pk=failed.pk).update(state="approved")
        promise(payment, "500.00")


def test_one_refund_of_a_provider_is_booked_once(payment):
    told = {"state": "processing", "asked_at": clock.now(), "provider_id": "re_1"}
    insert(payment, **told)
    promise(payment, "1500.00")

    with refused("providers_refund_is_booked_once"):
        insert(payment, **told)


def test_one_transfer_is_booked_once_in_whatever_letters(payment):
    by_hand = {"method": "manual"}
    insert(payment, bank_reference="TRF-1", **by_hand)
    promise(payment, "1500.00")

    with refused("bank_transfer_is_booked_once_per_payment"):
        insert(payment, bank_reference="trf-1", **by_hand)


def test_another_payment_may_have_both_numbers_too(order, payment):
    second = pay_online(order, "2000.00")
    for one in (payment, second):
        insert(one, provider_id="re_1", bank_reference="TRF-1")
        promise(one, "1500.00")

    assert Payment.objects.filter(refund_committed=1500).count() == 2
