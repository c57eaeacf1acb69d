"""Money changed behind the services' back is refused by the database, whatever the path."""

import pytest
from django.db import IntegrityError, connection, transaction

from mdv.accounts.roles import Role
from shop.orders.models import Order
from shop.payments.models import Payment
from tests.orders.ordering import (
    act,
    deliver_everywhere,
    guest,
    let_pay_on_delivery,
    placed,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(transactional_db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    order = placed(guest(), ("SHIRT", 1), total="2000.00")
    body = {"amount": "2000.00", "channel": "cash", "reference": "TILL-1"}
    answer = act(staff(Role.ADMIN), f"/staff/orders/{order['number']}/payments", body)
    assert answer.status_code == 201
    return Payment.objects.get()


def refused(act):
    """Do it in a transaction of its own, and return the name of the constraint that refused."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        act()
    return refusal.value.__cause__.diag.constraint_name


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def rows():
    return list(Order.objects.order_by("id").values()), list(Payment.objects.values())


@pytest.mark.parametrize(
    "change",
    [
        {"captured": "1999.99"},
        {"amount": "1.00"},
        {"currency": "USD"},
        {"provider_id": "4712"},
        {"reference": "TILL-2"},
        {"state": "failed", "captured": 0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_captured_payment_stays_as_it_is(payment, change):
    before = rows()

    def by_the_model():
        for name, value in change.items():
            setattr(payment, name, value)
        payment.save()

    assert refused(by_the_model) == "captured_payment_is_a_fact"
    assert refused(lambda: Payment.objects.update(**change)) == "captured_payment_is_a_fact"
    assert rows() == before


def test_a_captured_payment_is_never_deleted(payment):
    before = rows()
    ways = [
        payment.delete,
        lambda: Payment.objects.all().delete(),
        lambda: sql("DELETE FROM payments_payment"),
    ]

    assert {refused(way) for way in ways} == {"captured_payment_is_a_fact"}
    assert rows() == before


def test_a_captured_payment_stays_with_its_order(payment):
    other = Order.objects.get(number=placed(guest(), ("SHIRT", 1), total="2000.00")["number"])
    before = rows()

    def move_it():
        sql("UPDATE payments_payment SET order_id = %s", other.pk)

    assert refused(move_it) == "captured_payment_is_a_fact"
    assert rows() == before


@pytest.mark.parametrize("captured", ["0", "1999.99", "2000.01"])
def test_an_order_shows_what_its_payments_captured(payment, captured):
    # As if nothing had to be paid first, so that no other rule refuses it earlier.
    let_pay_on_delivery(Order.objects.get().number)
    before = rows()

    ways = [
        lambda: Order.objects.update(captured_total=captured),
        lambda: sql("UPDATE orders_order SET captured_total = %s", captured),
    ]

    assert {refused(way) for way in ways} == {"order_captured_equals_its_payments"}
    assert rows() == before


def test_order_and_payment_cannot_be_changed_together_either(payment):
    before = rows()

    def both():
        sql("UPDATE orders_order SET captured_total = 5000")
        sql("UPDATE payments_payment SET captured = 5000")

    assert refused(both) == "captured_payment_is_a_fact"
    assert rows() == before


def test_a_payment_that_its_order_does_not_show_is_refused(payment):
    before = rows()

    def one_more():
        payment.pk, payment.reference = None, "TILL-2"
        payment.save(force_insert=True)

    assert refused(one_more) == "order_captured_equals_its_payments"
    assert rows() == before


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"refunded": "1.00"}, "payment_refunds_never_exceed_what_was_captured"),
        ({"refund_committed": "2000.01"}, "payment_refunds_never_exceed_what_was_captured"),
        ({"refunded": "-1.00"}, "payment_refunds_never_exceed_what_was_captured"),
        (
            {"refund_committed": "1.00", "refunded": "1.00"},
            "order_captured_equals_its_payments",
        ),
    ],
)
def test_no_more_is_refunded_than_was_captured_and_the_order_shows_it(payment, change, constraint):
    before = rows()

    assert refused(lambda: Payment.objects.update(**change)) == constraint
    assert rows() == before
