"""From the shelf to the door: what each step does to parcels, orders and stock."""

from itertools import product

import pytest

from mdv.kernel import clock
from mdv.kernel.errors import Invalid, NotFound
from mdv.kernel.states import InvalidTransition
from shop.fulfilment import services
from shop.fulfilment.models import Shipment, ShipmentEvent
from shop.fulfilment.services import Packed
from shop.fulfilment.states import SHIPMENT, ShipmentState
from shop.orders.states import CancelReason
from shop.stock.models import StockMovement
from tests.fulfilment.packing import (
    CARRIER,
    counts,
    deliver,
    everything,
    level,
    pack,
    paid,
    pay,
    ready,
    ship,
    state_of,
    status_of,
)
from tests.orders.ordering import guest, placed, sell

PACKING, READY, DISPATCHED, IN_TRANSIT, DELIVERED, RETURNED, CANCELLED = ShipmentState
STEPS = {
    (PACKING, READY),
    (PACKING, CANCELLED),
    (READY, DISPATCHED),
    (READY, CANCELLED),
    (DISPATCHED, IN_TRANSIT),
    (DISPATCHED, DELIVERED),
    (DISPATCHED, RETURNED),
    (IN_TRANSIT, DELIVERED),
    (IN_TRANSIT, RETURNED),
}


def bring(number, state):
    """Pack everything and bring the parcel into a state."""
    parcel = pack(number)
    if state == CANCELLED:
        services.cancel_shipment(number=parcel, at=clock.now())
    if state not in {PACKING, CANCELLED}:
        services.mark_ready(number=parcel, at=clock.now())
    if state not in {PACKING, CANCELLED, READY}:
        services.dispatch_shipment(number=parcel, **CARRIER, at=clock.now())
    if state in {IN_TRANSIT, DELIVERED, RETURNED}:
        take(parcel, state)
    return parcel


def take(parcel, state):
    """Ask for the step that leads to a state."""
    now = clock.now()
    match state:
        case ShipmentState.READY:
            services.mark_ready(number=parcel, at=now)
        case ShipmentState.DISPATCHED:
            services.dispatch_shipment(number=parcel, **CARRIER, at=now)
        case ShipmentState.IN_TRANSIT:
            services.mark_in_transit(number=parcel, at=now)
        case ShipmentState.DELIVERED:
            services.deliver_shipment(number=parcel, at=now)
        case ShipmentState.RETURNED_TO_SENDER:
            services.return_to_sender(number=parcel, restock=None, at=now)
        case ShipmentState.CANCELLED:
            services.cancel_shipment(number=parcel, at=now)


@pytest.mark.parametrize(("now", "new"), list(product(ShipmentState, repeat=2)))
def test_a_parcel_takes_exactly_the_listed_steps_and_may_stay_where_it_is(now, new):
    assert SHIPMENT.allows(now, new) is (now == new or (now, new) in STEPS)


@pytest.mark.parametrize(
    ("now", "new"), [pair for pair in product(ShipmentState, repeat=2) if pair[1] != PACKING]
)
def test_every_step_in_every_state_is_taken_refused_or_changes_nothing(shirts, now, new):
    parcel = bring(paid(("SHIRT", 2), total="3500.00"), now)
    before, events = everything(), ShipmentEvent.objects.count()

    if (now, new) in STEPS:
        take(parcel, new)
        assert state_of(parcel) == new
        assert ShipmentEvent.objects.count() == events + 1
        return
    if now == new:
        take(parcel, new)
    else:
        with pytest.raises(InvalidTransition):
            take(parcel, new)
    assert everything() == before
    assert ShipmentEvent.objects.count() == events


def test_two_of_five_and_then_three_are_two_parcels(shirts):
    number = paid(("SHIRT", 5), total="8000.00")
    assert level() == (10, 5, 5)

    first = ship(number, ("SHIRT", 2))

    assert first == f"{number}-1"
    assert counts(number) == [(0, 2, 0, 0)]
    assert level() == (8, 3, 5)
    assert status_of(number) == "confirmed"

    second = ship(number, ("SHIRT", 3))

    assert second == f"{number}-2"
    assert counts(number) == [(0, 5, 0, 0)]
    assert level() == (5, 0, 5)

    services.deliver_shipment(number=first, at=clock.now())

    assert counts(number) == [(0, 5, 2, 0)]
    assert status_of(number) == "confirmed"

    services.deliver_shipment(number=second, at=clock.now())

    assert counts(number) == [(0, 5, 5, 0)]
    assert status_of(number) == "completed"
    last = StockMovement.objects.order_by("seq").last()
    assert (last.kind, last.d_on_hand, last.d_reserved) == ("ship", -3, -3)
    assert (last.source, last.reason) == (number, second)


def test_a_sixth_of_five_is_refused_packed_or_shipped(shirts):
    number = paid(("SHIRT", 5), total="8000.00")
    with pytest.raises(services.MoreThanIsOpen) as refused:
        pack(number, ("SHIRT", 6))
    assert refused.value.members == {"lines": [{"sku": "SHIRT", "requested": 6, "open": 5}]}

    pack(number, ("SHIRT", 2))
    ship(number, ("SHIRT", 2))
    before = everything()

    with pytest.raises(services.MoreThanIsOpen):
        pack(number, ("SHIRT", 2))
    assert everything() == before

    ship(number)
    with pytest.raises(services.NothingToPack):
        pack(number)
    with pytest.raises(services.NothingToPack):
        pack(number, ("SHIRT", 1))


def test_without_lines_everything_that_is_open_is_packed(shirts):
    sell("MUG", "300.00", stock=4)
    number = paid(("SHIRT", 2), ("MUG", 3), total="4400.00")
    pack(number, ("MUG", 1))

    parcel = pack(number)

    inside = Shipment.objects.get(number=parcel).lines.order_by("order_line__position")
    assert [(line.order_line.sku, line.quantity) for line in inside] == [("SHIRT", 2), ("MUG", 2)]


def test_a_parcel_that_is_given_up_opens_its_goods_again(shirts):
    number = paid(("SHIRT", 2), total="3500.00")
    parcel = ready(number)

    services.cancel_shipment(number=parcel, at=clock.now(), note="Wrong box")

    assert level() == (10, 2, 8)
    assert pack(number) == f"{number}-2"
    event = ShipmentEvent.objects.get(kind="cancelled")
    assert event.note == "Wrong box"


@pytest.mark.parametrize("state", ["pending", "cancelled", "completed"])
def test_only_a_confirmed_order_is_packed(shirts, state):
    number = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]
    if state == "cancelled":
        services.cancel_packed_order(number=number, reason=CancelReason.STAFF, at=clock.now())
    if state == "completed":
        pay(number, "2000.00")
        deliver(number)

    with pytest.raises(services.NotToBePacked):
        pack(number)

    assert Shipment.objects.count() == (1 if state == "completed" else 0)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([("HAT", 1)], ("lines.0.sku", "not_in_order")),
        ([("SHIRT", 1), ("SHIRT", 1)], ("lines.1.sku", "repeated")),
        ([("SHIRT", 0)], ("lines.0.quantity", "min_value")),
    ],
)
def test_what_makes_no_sense_is_not_packed(shirts, lines, problem):
    number = paid(("SHIRT", 2), total="3500.00")

    with pytest.raises(Invalid) as refused:
        pack(number, *lines)

    assert [(one.field, one.code) for one in refused.value.problems] == [problem]
    assert not Shipment.objects.exists()


class TestChangingLines:
    def change(self, parcel, *lines):
        packed = [Packed(sku=sku, quantity=units) for sku, units in lines]
        return services.change_lines(number=parcel, lines=packed, at=clock.now())

    def test_other_lines_replace_those_in_the_parcel(self, shirts):
        number = paid(("SHIRT", 5), total="8000.00")
        parcel = pack(number, ("SHIRT", 2))

        changed = self.change(parcel, ("SHIRT", 5))

        assert [line.quantity for line in changed.lines.all()] == [5]
        assert changed.version == 2
        assert ShipmentEvent.objects.get(kind="lines_changed").note == "5 × SHIRT"

    def test_the_same_lines_change_nothing(self, shirts):
        parcel = pack(paid(("SHIRT", 5), total="8000.00"), ("SHIRT", 2))

        assert self.change(parcel, ("SHIRT", 2)).version == 1

        assert ShipmentEvent.objects.count() == 1

    def test_other_parcels_goods_are_not_taken(self, shirts):
        number = paid(("SHIRT", 5), total="8000.00")
        parcel = pack(number, ("SHIRT", 2))
        pack(number, ("SHIRT", 2))
        before = everything()

        with pytest.raises(services.MoreThanIsOpen):
            self.change(parcel, ("SHIRT", 4))

        assert everything() == before

    def test_a_packed_parcel_is_as_it_is(self, shirts):
        parcel = ready(paid(("SHIRT", 5), total="8000.00"), ("SHIRT", 2))

        with pytest.raises(services.LinesAreFixed):
            self.change(parcel, ("SHIRT", 1))

    def test_a_parcel_is_not_emptied(self, shirts):
        parcel = pack(paid(("SHIRT", 5), total="8000.00"))

        with pytest.raises(Invalid):
            self.change(parcel)


class TestDispatching:
    def test_somebody_must_carry_it(self, shirts):
        parcel = ready(paid(("SHIRT", 1), total="2000.00"))

        with pytest.raises(Invalid):
            services.dispatch_shipment(number=parcel, carrier=" ", at=clock.now())

        assert state_of(parcel) == READY

    def test_another_tracking_number_for_what_has_left_is_not_swallowed(self, shirts):
        parcel = ship(paid(("SHIRT", 1), total="2000.00"))
        before = everything()

        with pytest.raises(services.AlreadyDispatched) as refused:
            services.dispatch_shipment(
                number=parcel, carrier="GIG", tracking="GIG-2", at=clock.now()
            )

        assert refused.value.members == {"carrier": "GIG", "tracking": "GIG-1"}
        assert everything() == before

    def test_what_is_not_there_is_not_shipped(self, shirts):
        with pytest.raises(NotFound):
            services.dispatch_shipment(number="M-NOTHERE-1", carrier="GIG", at=clock.now())


class TestComingBack:
    def test_goods_that_come_back_go_on_the_shelf_as_chosen(self, shirts):
        sell("MUG", "300.00", stock=4)
        number = paid(("SHIRT", 3), ("MUG", 1), total="5300.00")
        parcel = ship(number)
        assert level() == (7, 0, 7)

        services.return_to_sender(
            number=parcel, restock=[Packed(sku="SHIRT", quantity=2)], at=clock.now(), note="Moved"
        )

        assert level() == (9, 0, 9)
        assert level("MUG") == (3, 0, 3)
        assert counts(number) == [(0, 3, 0, 3), (0, 1, 0, 1)]
        assert status_of(number) == "completed"
        last = StockMovement.objects.filter(kind="return").get()
        assert (last.d_on_hand, last.d_reserved, last.reason) == (2, 0, parcel)

    @pytest.mark.parametrize(
        ("restock", "problem"),
        [
            ([Packed(sku="HAT", quantity=1)], ("restock.0.sku", "not_in_parcel")),
            ([Packed(sku="SHIRT", quantity=4)], ("restock.0.quantity", "max_value")),
            ([Packed(sku="SHIRT", quantity=1)] * 2, ("restock.1.sku", "repeated")),
        ],
    )
    def test_more_than_was_in_it_does_not_come_back(self, shirts, restock, problem):
        parcel = ship(paid(("SHIRT", 3), total="5000.00"))
        before = everything()

        with pytest.raises(Invalid) as refused:
            services.return_to_sender(number=parcel, restock=restock, at=clock.now())

        assert [(one.field, one.code) for one in refused.value.problems] == [problem]
        assert everything() == before
