"""What no row of returns may be, whoever writes it: each rule is named by the refusal."""

import pytest

from mdv.kernel import clock
from refunds.models import Return, ReturnLine, ReturnReceipt
from shop.orders.models import OrderLine
from tests.fulfilment.test_books import refused
from tests.orders.ordering import sell
from tests.refunds.returning import approve, approved, ask, bring, delivered


def write_return(of_order, **changes):
    order = OrderLine.objects.filter(order__number=of_order).first().order
    fields = {"number": "R-1", "order": order, "source": "staff", "reason": "other"}
    return Return.objects.create(requested_at=clock.now(), **{**fields, **changes})


def test_a_return_comes_from_somebody_known_under_a_number_of_its_own(number):
    first = ask(number, ("SHIRT", 1))

    with refused("return_source_is_known"):
        write_return(number, source="robot")
    with refused("refunds_return_number_key"):
        write_return(number, number=first)


@pytest.mark.parametrize(
    ("article", "quantity", "name"),
    [
        ("SHIRT", 1, "one_return_line_per_order_line_and_return"),
        ("MUG", 0, "return_line_asks_for_something"),
    ],
)
def test_a_line_asks_for_something_and_once(shirts, article, quantity, name):
    sell("MUG", "300.00", stock=4)
    order = delivered(("SHIRT", 2), ("MUG", 1), total="3800.00")
    returned = Return.objects.get(number=ask(order, ("SHIRT", 1)))
    line = OrderLine.objects.get(order__number=order, sku=article)

    with refused(name):
        ReturnLine.objects.create(of_return=returned, order_line=line, requested=quantity)


def test_no_line_joins_once_the_return_is_decided(shirts):
    sell("MUG", "300.00", stock=4)
    order = delivered(("SHIRT", 2), ("MUG", 1), total="3800.00")
    returned = Return.objects.get(number=approved(order, ("SHIRT", 1)))
    mug = OrderLine.objects.get(order__number=order, sku="MUG")

    with refused("return_holds_its_own_orders_lines"):
        ReturnLine.objects.create(of_return=returned, order_line=mug, requested=1)


def test_a_return_that_goes_back_to_what_was_asked_for_takes_no_more_than_came(number):
    first = ask(number, ("SHIRT", 5))
    approve(first, ("SHIRT", 2))
    ask(number, ("SHIRT", 3))

    with refused("no_more_comes_back_than_was_delivered"):
        Return.objects.filter(number=first).update(state="requested")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"condition": "eaten"}, "return_receipt_condition_is_known"),
        ({"quantity": 0}, "return_receipt_quantity_is_positive"),
        ({}, "one_receipt_per_line_version_condition_and_restock"),
    ],
)
def test_what_came_is_something_and_written_once(number, changes, name):
    bring(number, "receiving")
    came = ReturnReceipt.objects.get()
    fields = {
        "line": came.line,
        "seen_version": came.seen_version,
        "condition": came.condition,
        "is_restocked": came.is_restocked,
        "quantity": 1,
        "received_at": clock.now(),
    }

    with refused(name):
        ReturnReceipt.objects.create(**{**fields, **changes})
