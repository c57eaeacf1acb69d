"""What the database itself refuses of parcels, whoever writes."""

import sys
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.models import Shipment, ShipmentEvent, ShipmentLine
from shop.orders.models import OrderLine
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from tests.fulfilment.packing import cash_order, counts, deliver, everything, pack, paid, ship
from tests.orders.ordering import sell


@contextmanager
def refused(name):
    """Expect that COMMIT refuses what the block did, by the rule of that name.

    What was done before is looked at first: its checks must not notice in another rule's stead.
    """
    connection.check_constraints()
    before = everything()
    with pytest.raises(IntegrityError) as problem, transaction.atomic():  # noqa: PT012
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cause = problem.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == name
    assert everything() == before


@pytest.fixture
def number(shirts):
    return paid(("SHIRT", 5), total="8000.00")


@pytest.mark.parametrize(
    "change",
    [
        {"qty_shipped": 3},
        {"qty_shipped": 1, "qty_delivered": 0},
        {"qty_delivered": 0},
        {"qty_shipped": 5, "qty_delivered": 5},
    ],
)
def test_an_order_line_shows_what_its_parcels_hold(number, change):
    deliver(number, ("SHIRT", 2))

    with refused("order_line_shows_its_parcels"):
        OrderLine.objects.update(**change)


def test_an_order_line_shows_what_came_back(number):
    ship(number, ("SHIRT", 2))

    with refused("order_line_shows_what_came_back"):
        OrderLine.objects.update(qty_returned=1)


@pytest.mark.parametrize("state", ["dispatched", "delivered"])
def test_a_parcel_gets_into_no_state_that_its_lines_do_not_show(number, state):
    pack(number, ("SHIRT", 2))
    ended = clock.now() if state == "delivered" else None

    with refused("order_line_shows_its_parcels"):
        Shipment.objects.update(
            state=state, carrier="GIG", dispatched_at=clock.now(), ended_at=ended
        )


def test_a_parcel_does_not_come_back_unseen(number):
    ship(number, ("SHIRT", 2))

    with refused("order_line_shows_what_came_back"):
        Shipment.objects.update(state="returned_to_sender", ended_at=clock.now())


def test_no_more_is_packed_than_is_open(number):
    parcel = Shipment.objects.get(number=pack(number, ("SHIRT", 2)))

    with refused("no_more_is_packed_than_is_open"):
        parcel.lines.update(quantity=6)


def test_an_order_is_not_cancelled_past_its_open_parcels(shirts):
    number = cash_order(("SHIRT", 2), total="3500.00")
    pack(number)

    with refused("no_more_is_packed_than_is_open"):
        cancel_order(number=number, reason=CancelReason.STAFF, at=clock.now())


def test_what_is_in_a_parcel_is_fixed_once_it_is_packed(number):
    ship(number, ("SHIRT", 2))

    with refused("parcel_lines_change_only_while_packing"):
        ShipmentLine.objects.update(quantity=1)
    with refused("parcel_lines_change_only_while_packing"):
        ShipmentLine.objects.all().delete()
    with refused("parcel_lines_change_only_while_packing"):
        ShipmentLine.objects.all().update(order_line=F("order_line_id"))


def test_a_parcel_holds_nothing_of_another_order(number):
    sell("MUG", "300.00", stock=4)
    other = pack(paid(("MUG", 1), total="800.00"))
    line = OrderLine.objects.get(sku="SHIRT")

    with refused("parcel_holds_its_own_orders_lines"):
        ShipmentLine.objects.create(
            shipment=Shipment.objects.get(number=other), order_line=line, quantity=1
        )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"number": "S-1"}, "shipment_is_of_its_order_for_good"),
        ({"place": 7}, "shipment_is_of_its_order_for_good"),
        ({"state": "lost", "ended_at": clock.now()}, "shipment_state_is_known"),
        ({"state": "dispatched"}, "shipment_left_the_house_at_a_moment_and_with_a_carrier"),
        ({"ended_at": clock.now()}, "shipment_has_ended_exactly_in_its_last_states"),
    ],
)
def test_a_parcel_cannot_become_what_makes_no_sense(number, change, name):
    pack(number)

    with refused(name):
        Shipment.objects.update(**change)


def test_a_parcel_that_has_ended_is_a_fact_and_none_is_deleted(number):
    parcel = deliver(number)

    with refused("shipment_that_has_ended_is_a_fact"):
        Shipment.objects.update(state="in_transit", ended_at=None)
    with refused("shipment_that_has_ended_is_a_fact"):
        Shipment.objects.update(carrier="DHL")
    with refused("shipment_that_has_ended_is_a_fact"):
        Shipment.objects.update(tracking="2")
    with refused("shipment_is_of_its_order_for_good"):
        Shipment.objects.filter(number=parcel)._raw_delete("default")  # noqa: SLF001


def test_no_more_is_restocked_than_was_in_it(number):
    ship(number, ("SHIRT", 2))

    with refused("parcel_line_restocked_is_at_most_its_quantity"):
        ShipmentLine.objects.update(restocked=3)


def test_what_happened_to_a_parcel_is_never_changed(number):
    pack(number)

    with pytest.raises(DatabaseError), transaction.atomic():
        ShipmentEvent.objects.update(note="Nothing happened")
    with pytest.raises(DatabaseError), transaction.atomic():
        ShipmentEvent.objects.all()._raw_delete("default")  # noqa: SLF001


def test_an_order_is_not_completed_before_it_is_fulfilled(number):
    with refused("order_is_completed_only_once_fulfilled"):
        OrderLine.objects.get().order.__class__.objects.update(status="completed")


@pytest.mark.django_db(transaction=True)
def test_a_service_that_forgot_the_counts_could_not_commit(monkeypatch, transactional_db):
    """The same, with a real COMMIT."""
    sell("SHIRT", "1500.00", stock=10)
    number = paid(("SHIRT", 5), total="7500.00", delivery_method="pickup", shipping_address=None)
    parcel = pack(number)
    services.mark_ready(number=parcel, at=clock.now())
    module = sys.modules["shop.fulfilment.services.dispatch_shipment"]
    monkeypatch.setattr(module, "add_to_lines", lambda *_: None)

    with pytest.raises(IntegrityError):
        services.dispatch_shipment(number=parcel, carrier="GIG", at=clock.now())

    assert Shipment.objects.get().state == "ready"
    assert counts(number) == [(0, 0, 0, 0)]
