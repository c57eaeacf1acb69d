"""What others learn of parcels, and what stays in the trail."""

import json

from audit.models import AuditEntry
from mdv.events.services import read_events
from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from tests.fulfilment.packing import cash_order, deliver, pack, paid, pay, ship
from tests.orders.ordering import LAGOS

LINES = [{"sku": "SHIRT", "quantity": 2}]


def happened(since="order.confirmed"):
    told = [(event.kind, event.payload) for event in read_events(after=0, limit=1000)]
    kinds = [kind for kind, _ in told]
    return told[kinds.index(since) + 1 :]


def test_a_parcel_tells_that_it_left_and_arrived_and_the_order_that_it_is_done(shirts):
    number = paid(("SHIRT", 2), total="3500.00")

    parcel = deliver(number)

    assert happened() == [
        (
            "order.shipped",
            {"shipment": parcel, "carrier": "GIG", "tracking": "GIG-1", "lines": LINES},
        ),
        ("order.delivered", {"shipment": parcel, "lines": LINES}),
        ("order.completed", {}),
    ]


def test_one_that_came_back_says_so(shirts):
    number = paid(("SHIRT", 2), total="3500.00")
    parcel = ship(number)

    services.return_to_sender(number=parcel, restock=None, at=clock.now())

    assert happened("order.shipped") == [
        ("order.returned_to_sender", {"shipment": parcel, "lines": LINES}),
        ("order.completed", {}),
    ]


def test_an_order_paid_at_the_door_is_done_when_the_money_is_booked(shirts):
    number = cash_order(("SHIRT", 2), total="3500.00")
    deliver(number)
    assert [kind for kind, _ in happened()] == ["order.shipped", "order.delivered"]

    pay(number, "3500.00")

    assert [kind for kind, _ in happened("order.delivered")] == [
        "payment.captured",
        "order.completed",
    ]


def test_no_event_names_a_person(shirts):
    number = paid(("SHIRT", 2), total="3500.00", name="Zoe Quist")
    deliver(number)

    told = json.dumps([event.payload for event in read_events(after=0, limit=1000)])

    for secret in ("Zoe", "guest@example.com", LAGOS["street"], LAGOS["phone"]):
        assert secret not in told


def test_what_changed_nothing_tells_nothing(shirts):
    parcel = deliver(paid(("SHIRT", 2), total="3500.00"))
    before = happened()

    services.deliver_shipment(number=parcel, at=clock.now())

    assert happened() == before


def test_each_step_of_a_parcel_is_in_its_orders_trail(shirts):
    number = paid(("SHIRT", 2), total="3500.00")
    parcel = Shipment.objects.get(number=pack(number))
    services.mark_ready(number=parcel.number, at=clock.now())

    entries = AuditEntry.objects.filter(
        order_id=Order.objects.get(number=number).pk, object_repr=parcel.number
    )

    assert [entry.get_action_display() for entry in entries.order_by("id")] == ["create", "update"]
    assert entries.latest().changes["state"] == ["packing", "ready"]
