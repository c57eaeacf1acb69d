"""What the database itself refuses of returns, whoever writes."""

import pytest
from django.db import DatabaseError, transaction

from mdv.kernel import clock
from refunds.models import Return, ReturnLine, ReturnReceipt
from shop.fulfilment.models import Shipment
from shop.orders.models import OrderLine
from tests.fulfilment.packing import paid, ship
from tests.fulfilment.test_books import refused
from tests.orders.ordering import sell
from tests.refunds.returning import AS_NEW, approved, ask, bring, delivered, receive


def test_an_order_line_shows_what_came_back_with_returns(number):
    receive(approved(number, ("SHIRT", 2)), ("SHIRT", 2, AS_NEW, True))

    for wrong in (0, 1, 3):
        with refused("order_line_shows_what_came_back"):
            OrderLine.objects.update(qty_returned=wrong)


def test_a_return_does_not_receive_what_its_order_line_does_not_show(number):
    receive(approved(number, ("SHIRT", 2)), ("SHIRT", 1, AS_NEW, False))

    with refused("order_line_shows_what_came_back"):
        ReturnLine.objects.update(received=2)


def test_a_parcel_does_not_come_back_unseen(shirts):
    ship(paid(("SHIRT", 2), total="3500.00"))

    with refused("order_line_shows_what_came_back"):
        Shipment.objects.update(state="returned_to_sender", ended_at=clock.now())


def test_returns_take_no_more_than_was_delivered(number):
    ask(number, ("SHIRT", 3))
    second = Return.objects.get(number=ask(number, ("SHIRT", 2)))
    line = OrderLine.objects.get()

    with refused("no_more_comes_back_than_was_delivered"):
        third = Return.objects.create(
            number="R-THIRD",
            order=second.order,
            source="staff",
            reason="other",
            requested_at=clock.now(),
        )
        ReturnLine.objects.create(of_return=third, order_line=line, requested=1)


def test_a_return_holds_nothing_of_another_order_and_nothing_that_was_not_asked_for(number):
    sell("MUG", "300.00", stock=4)
    other = delivered(("MUG", 1), total="800.00")
    returned = Return.objects.get(number=ask(number, ("SHIRT", 1)))
    mug = OrderLine.objects.get(order__number=other)

    with refused("return_holds_its_own_orders_lines"):
        ReturnLine.objects.create(of_return=returned, order_line=mug, requested=1)
    decided = Return.objects.get(number=bring(other, "rejected", ("MUG", 1)))
    with refused("return_line_is_what_was_asked_for"):
        ReturnLine.objects.filter(of_return=decided).update(requested=2)
    with refused("return_line_is_what_was_asked_for"):
        ReturnLine.objects.filter(of_return=decided)._raw_delete("default")  # noqa: SLF001


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"approved": 3}, "return_line_approved_is_at_most_requested"),
        ({"received": 1}, "return_line_received_is_at_most_approved"),
        ({"restocked": 1}, "return_line_restocked_is_at_most_received"),
    ],
)
def test_a_line_is_restocked_received_and_approved_at_most_as_it_was_before(number, change, name):
    ask(number, ("SHIRT", 2))

    with refused(name):
        ReturnLine.objects.update(**change)


def test_a_line_shows_its_receipts(number):
    receive(approved(number, ("SHIRT", 2)), ("SHIRT", 2, AS_NEW, False))

    with refused("return_line_shows_its_receipts"):
        ReturnLine.objects.update(restocked=1)


def test_nothing_is_received_unseen_or_of_what_is_not_being_received(number):
    returned = approved(number, ("SHIRT", 3))
    receipt = {
        "line": ReturnLine.objects.get(),
        "seen_version": 9,
        "condition": "used",
        "is_restocked": False,
        "quantity": 1,
        "received_at": clock.now(),
    }

    with refused("return_receipt_is_of_what_is_being_received"):
        ReturnReceipt.objects.create(**receipt)
    receive(returned, ("SHIRT", 1, AS_NEW, True))
    with refused("return_line_shows_its_receipts"):
        ReturnReceipt.objects.create(**receipt)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"number": "R-1"}, "return_is_of_its_order_for_good"),
        ({"source": "customer"}, "return_is_of_its_order_for_good"),
        ({"state": "lost", "ended_at": clock.now()}, "return_state_is_known"),
        ({"reason": "none"}, "return_reason_is_known"),
        ({"ended_at": clock.now()}, "return_has_ended_exactly_in_its_last_states"),
        (
            {"state": "receiving"},
            "return_was_decided_before_anything_arrives_or_is_rejected",
        ),
        (
            {"state": "rejected", "ended_at": clock.now(), "decided_at": clock.now()},
            "return_that_is_rejected_says_why",
        ),
        (
            {"state": "approved", "decided_at": clock.now()},
            "return_that_is_approved_ends_some_day",
        ),
    ],
)
def test_a_return_cannot_become_what_makes_no_sense(number, change, name):
    ask(number, ("SHIRT", 2))

    with refused(name):
        Return.objects.update(**change)


def test_a_return_that_has_ended_is_a_fact_and_none_is_deleted(number):
    returned = bring(number, "closed")

    with refused("return_that_has_ended_is_a_fact"):
        Return.objects.update(state="receiving", ended_at=None)
    with refused("return_is_of_its_order_for_good"):
        Return.objects.filter(number=returned)._raw_delete("default")  # noqa: SLF001


def test_what_came_is_never_changed(number):
    bring(number, "closed")

    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnReceipt.objects.update(condition="damaged")
    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnReceipt.objects.all()._raw_delete("default")  # noqa: SLF001
