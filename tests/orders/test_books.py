"""Orders changed behind the services' back are refused by the database, whatever the path."""

import pytest
from django.db import IntegrityError, connection, transaction

from shop.orders.models import Order, OrderLine
from tests.orders.ordering import deliver_everywhere, guest, placed, sell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(transactional_db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    sell("CAP", "100.00")
    number = placed(guest(), ("SHIRT", 2), ("CAP", 1), total="3600.00")["number"]
    return Order.objects.get(number=number)


def refused(act):
    """Do it in a transaction of its own, and return the name of the constraint that refused."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        act()
    return refusal.value.__cause__.diag.constraint_name


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def rows():
    """All that an order is made of, as the database has it."""
    return list(Order.objects.values()), list(OrderLine.objects.order_by("id").values())


AMOUNTS = ["items_total", "discount_total", "shipping_total", "tax_total", "total"]


@pytest.mark.parametrize("column", AMOUNTS)
def test_an_amount_of_an_order_cannot_be_changed(order, column):
    before = rows()

    def by_the_model():
        setattr(order, column, 1)
        order.save(update_fields=[column])

    ways = [
        by_the_model,
        lambda: Order.objects.update(**{column: 1}),
        lambda: sql(f"UPDATE orders_order SET {column} = 1"),  # noqa: S608
    ]

    assert {refused(way) for way in ways} == {"order_amounts_are_fixed"}
    assert rows() == before


LINE = {
    "unit_price": "1.00",
    "quantity": 1,
    "discount": "1.00",
    "tax": "1.00",
    "total": "1.00",
    "title": "Another",
    "sku": "OTHER",
}


@pytest.mark.parametrize("column", LINE)
def test_a_line_cannot_be_changed(order, column):
    before = rows()
    lines = OrderLine.objects.filter(sku="SHIRT")

    def by_the_model():
        line = lines.get()
        setattr(line, column, LINE[column])
        line.save()

    ways = [
        by_the_model,
        lambda: lines.update(**{column: LINE[column]}),
        lambda: sql(f"UPDATE orders_orderline SET {column} = %s", LINE[column]),  # noqa: S608
    ]

    assert {refused(way) for way in ways} == {"order_line_is_a_snapshot"}
    assert rows() == before


def test_a_line_cannot_be_deleted(order):
    before = rows()
    ways = [
        lambda: OrderLine.objects.filter(sku="CAP").delete(),
        lambda: OrderLine.objects.get(sku="CAP").delete(),
        lambda: sql("DELETE FROM orders_orderline WHERE sku = 'CAP'"),
    ]

    assert {refused(way) for way in ways} == {"order_line_is_a_snapshot"}
    assert rows() == before


def test_totals_and_lines_cannot_be_changed_together_either(order):
    before = rows()

    def both():
        sql("UPDATE orders_orderline SET unit_price = 1, total = quantity WHERE sku = 'SHIRT'")
        sql("UPDATE orders_order SET items_total = 102, total = 602")

    assert refused(both) == "order_line_is_a_snapshot"
    assert rows() == before


def test_a_line_that_the_totals_do_not_contain_cannot_be_added(order):
    before = rows()

    def add_one_more():
        line = OrderLine.objects.get(sku="CAP")
        line.pk, line.position, line.variant_id = None, 3, sell("SOCKS", "1.00").pk
        line.save(force_insert=True)

    assert refused(add_one_more) == "order_totals_equal_its_lines"
    assert rows() == before


def test_an_order_without_lines_cannot_be_made(order):
    before = rows()

    def without_lines():
        order.pk, order.number = None, "M-EMPTY000"
        order.items_total = order.total = 0
        order.shipping_total = 0
        order.save(force_insert=True)

    assert refused(without_lines) == "order_totals_equal_its_lines"
    assert rows() == before


def test_an_order_cannot_be_moved_out_of_its_totals_into_another(order):
    other = Order.objects.get(number=placed(guest(), ("SHIRT", 1), total="2000.00")["number"])
    before = rows()

    assert (
        refused(lambda: OrderLine.objects.filter(sku="CAP").update(order=other))
        == "order_line_is_a_snapshot"
    )
    assert rows() == before


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"captured_total": 1}, "order_captured_equals_its_payments"),
        ({"refunded_total": 1}, "order_refunded_is_at_most_captured"),
        ({"captured_total": 1, "refunded_total": 1}, "order_captured_equals_its_payments"),
        ({"status": "confirmed"}, "order_is_confirmed_by_money_that_is_here"),
        ({"taken_back_total": 1}, "order_taken_back_is_at_most_refunded"),
        ({"status": "lost"}, "order_status_is_known"),
        ({"status": "cancelled"}, "order_has_a_cancel_reason_only_when_cancelled"),
        ({"cancel_reason": "fraud"}, "order_has_a_cancel_reason_only_when_cancelled"),
        ({"currency": "USD"}, "order_amounts_are_fixed"),
        ({"number": "M-00000000"}, "order_amounts_are_fixed"),
        ({"pay_on_delivery": True}, "order_amounts_are_fixed"),
    ],
)
def test_money_and_states_that_no_service_wrote_are_refused(order, change, constraint):
    before = rows()

    assert refused(lambda: Order.objects.update(**change)) == constraint
    assert rows() == before


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"qty_cancelled": 3}, "order_line_cancelled_and_shipped_are_at_most_its_quantity"),
        ({"qty_shipped": 3}, "order_line_cancelled_and_shipped_are_at_most_its_quantity"),
        ({"qty_delivered": 1}, "order_line_delivered_and_returned_are_at_most_shipped"),
        ({"qty_returned": 1}, "order_line_delivered_and_returned_are_at_most_shipped"),
        ({"refunded": "3000.01"}, "order_line_refunded_is_at_most_its_total"),
    ],
)
def test_what_is_counted_on_a_line_stays_within_what_was_ordered(order, change, constraint):
    before = rows()

    assert refused(lambda: OrderLine.objects.filter(sku="SHIRT").update(**change)) == constraint
    assert rows() == before


def test_an_order_is_never_deleted(order):
    before = rows()

    assert refused(lambda: sql("DELETE FROM orders_order")) is not None
    assert rows() == before


def test_the_database_computes_how_far_an_order_is_paid(order):
    assert order.payment_status == "unpaid"
    order.payment_status = "paid"
    order.save()
    order.refresh_from_db()
    assert order.payment_status == "unpaid"
