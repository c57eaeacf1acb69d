"""How an order ends: completed when all is settled, or cancelled with its open parcels."""

import pytest

from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.states import ShipmentState
from shop.orders.models import Order
from shop.orders.services import AlreadyShipped
from shop.orders.states import CancelReason
from tests.fulfilment.packing import (
    cash_order,
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
from tests.orders.ordering import make_coupon


class TestTheEndOfAnOrder:
    def test_what_is_still_on_its_way_keeps_it_open(self, shirts):
        number = paid(("SHIRT", 3), total="5000.00")
        deliver(number, ("SHIRT", 2))
        assert status_of(number) == "confirmed"
        on_its_way = ship(number)
        assert Order.objects.get(number=number).fulfilled_at is None

        services.return_to_sender(number=on_its_way, restock=None, at=clock.now())

        order = Order.objects.get(number=number)
        assert (order.status, order.fulfilled_at is not None) == ("completed", True)

    def test_cash_on_delivery_is_waited_for(self, shirts):
        number = cash_order(("SHIRT", 1), total="2000.00")

        deliver(number)

        assert status_of(number) == "confirmed"
        assert Order.objects.get(number=number).fulfilled_at is not None

        pay(number, "2000.00")

        assert status_of(number) == "completed"

    def test_cash_that_comes_first_completes_nothing(self, shirts):
        number = cash_order(("SHIRT", 1), total="2000.00")
        pay(number, "2000.00")
        assert status_of(number) == "confirmed"

        deliver(number)

        assert status_of(number) == "completed"

    def test_who_takes_nothing_owes_nothing(self, shirts):
        number = cash_order(("SHIRT", 2), total="3500.00")

        services.return_to_sender(number=ship(number), restock=None, at=clock.now())

        assert status_of(number) == "completed"

    def test_who_takes_a_part_owes_that_part_and_the_shipping(self, shirts):
        number = cash_order(("SHIRT", 2), total="3500.00")
        deliver(number, ("SHIRT", 1))
        services.return_to_sender(number=ship(number), restock=None, at=clock.now())
        assert status_of(number) == "confirmed"

        pay(number, "2000.00")

        assert status_of(number) == "completed"

    def test_who_keeps_what_was_free_owes_the_shipping(self, shirts):
        make_coupon("GIFT", "100.00")
        number = cash_order(("SHIRT", 1), total="500.00", coupon="GIFT")

        deliver(number)
        assert status_of(number) == "confirmed"

        pay(number, "500.00")
        assert status_of(number) == "completed"


class TestCancellingAnOrder:
    def cancel(self, number):
        return services.cancel_packed_order(
            number=number, reason=CancelReason.STAFF, at=clock.now()
        )

    def test_its_open_parcels_go_with_it(self, shirts):
        number = cash_order(("SHIRT", 3), total="5000.00")
        first, second = pack(number, ("SHIRT", 1)), ready(number, ("SHIRT", 1))

        cancelled = self.cancel(number)

        assert cancelled.status == "cancelled"
        assert (state_of(first), state_of(second)) == (
            ShipmentState.CANCELLED,
            ShipmentState.CANCELLED,
        )
        assert level() == (10, 0, 10)

    def test_once_something_has_left_it_points_to_a_return(self, shirts):
        number = cash_order(("SHIRT", 3), total="5000.00")
        ship(number, ("SHIRT", 1))
        kept = pack(number, ("SHIRT", 1))
        before = everything()

        with pytest.raises(AlreadyShipped) as refused:
            self.cancel(number)

        assert "return" in refused.value.message
        assert state_of(kept) == ShipmentState.PACKING
        assert everything() == before

    def test_that_it_is_paid_or_completed_does_not_change_the_answer(self, shirts):
        on_its_way = paid(("SHIRT", 1), total="2000.00")
        ship(on_its_way)
        arrived = paid(("SHIRT", 1), total="2000.00")
        deliver(arrived)

        for number in (on_its_way, arrived):
            with pytest.raises(AlreadyShipped):
                self.cancel(number)
