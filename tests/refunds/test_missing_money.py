"""Goods do not leave on money that is gone: what counts as missing, and what stays for it."""

from decimal import Decimal

import pytest

from mdv.kernel import clock
from refunds import services
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.fulfilment.services import (
    BulkRow,
    BulkStep,
    Packed,
    bulk_change,
    cancel_packed_order,
    cancel_shipment,
    change_lines,
    deliver_shipment,
    dispatch_shipment,
    mark_ready,
    return_to_sender,
)
from shop.orders.models import Order
from shop.orders.services import MoneyIsMissing, held_orders, missing_of, owed_for
from tests.fulfilment.packing import (
    CARRIER,
    cash_order,
    everything,
    level,
    pack,
    paid,
    ready,
    ship,
    state_of,
    status_of,
)
from tests.fulfilment.test_books import refused
from tests.orders.ordering import guest, make_coupon, placed, sell
from tests.refunds.refunding import CANCEL, NONE, execute, pay_online, request, wish
from tests.refunds.test_due_again import take_back

GONE = "parcel_leaves_on_money_that_is_here"


def missing(number):
    return missing_of(Order.objects.get(number=number)).missing


def held():
    return [order.number for order in held_orders()]


def send(parcel):
    return dispatch_shipment(number=parcel, **CARRIER, at=clock.now())


def close(parcel):
    return mark_ready(number=parcel, at=clock.now())


def refuses(act, parcel):
    """The refusal of a step that changed nothing."""
    before = everything()
    with pytest.raises(MoneyIsMissing) as refusal:
        act(parcel)
    assert everything() == before
    return refusal.value


class TestWhatStays:
    def test_a_parcel_that_waits_for_its_carrier_stays(self, order, payment):
        parcel = ready(order)
        take_back(payment, "8000.00")

        refusal = refuses(send, parcel)

        assert refusal.members == {"missing": "8000.00", "accepted": "0.00", "due": "8000.00"}
        assert "₦8,000.00" in refusal.message
        assert held() == [order]

    def test_one_that_is_packed_afterwards_is_packed_and_not_closed(self, order, payment):
        take_back(payment, "0.01")

        parcel = pack(order, ("SHIRT", 2))
        change_lines(number=parcel, lines=[Packed(sku="SHIRT", quantity=1)], at=clock.now())

        assert refuses(close, parcel).members["missing"] == "0.01"

    def test_what_has_left_goes_on(self, order, payment):
        there, back = ship(order, ("SHIRT", 1)), ship(order, ("SHIRT", 1))
        take_back(payment, "8000.00")

        deliver_shipment(number=there, at=clock.now())
        return_to_sender(number=back, restock=None, at=clock.now())

        assert (state_of(there), state_of(back)) == ("delivered", "returned_to_sender")

    def test_what_is_sent_again_with_the_same_words_is_what_it_was(self, order, payment):
        parcel = ship(order)
        take_back(payment, "8000.00")

        assert send(parcel).state == "dispatched"
        assert held() == []  # nothing of it is in the house

    def test_it_may_be_unpacked_and_the_order_cancelled(self, order, payment):
        parcel = ready(order, ("SHIRT", 1))
        another = ready(order, ("SHIRT", 1))
        take_back(payment, "8000.00")

        cancel_shipment(number=parcel, at=clock.now())
        cancel_packed_order(number=order, reason="fraud", at=clock.now())

        assert (state_of(another), held(), level()) == ("cancelled", [], (10, 0, 10))

    def test_of_many_only_its_own_row_is_refused_and_the_preview_says_so(self, order, payment):
        parcel = ready(order, ("SHIRT", 2))
        other = ready(paid(("SHIRT", 1), total="2000.00"))
        take_back(payment, "8000.00")
        rows = [BulkRow(number=number, carrier="GIG") for number in (parcel, other)]

        for preview in (True, False):
            found = bulk_change(step=BulkStep.DISPATCH, rows=rows, at=clock.now(), preview=preview)
            assert [(row.outcome, row.code) for row in found] == [
                ("refused", "money_is_missing"),
                ("done", ""),
            ]
            assert "₦8,000.00" in found[0].detail
        assert (state_of(parcel), state_of(other)) == ("ready", "dispatched")

    def test_once_it_is_paid_again_it_leaves(self, order, payment):
        parcel = ready(order)
        take_back(payment, "3000.00")
        pay_online(order, "2999.99")
        assert refuses(send, parcel).members["missing"] == "0.01"

        pay_online(order, "0.01")

        assert send(parcel).state == "dispatched"
        assert held() == []


def order_of_three():
    """The number of a paid order of three caps for 899.99, which no three share, its payment."""
    sell("CAP", "333.33")
    make_coupon("TEN", "10.00")
    number = placed(guest(), ("CAP", 3), total="1399.99", coupon="TEN")["number"]
    return number, pay_online(number, "1399.99")


class TestWhatIsMissing:
    def test_nothing_of_what_the_shop_gives_back_by_itself(self, order, admin, gateway):
        given = wish(("SHIRT", 1, CANCEL), ("SHIRT", 1, NONE), goodwill="700.00", shipping="500.00")
        ship(order, ("SHIRT", 1))  # of which the customer keeps what is refunded
        parcel = ready(order, ("SHIRT", 3))
        (refund,) = request(order, given, by=admin)
        assert (missing(order), held()) == (0, [])
        execute(refund)

        assert (missing(order), held()) == (0, [])
        assert send(parcel).state == "dispatched"

    def test_nothing_where_it_was_for_units_that_were_cancelled(self, order, payment, admin):
        (refund,) = request(order, wish(("SHIRT", 2, CANCEL), by_hand=True), by=admin)
        services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())

        take_back(payment, "3000.00")

        found = Order.objects.get(number=order)
        assert (found.due, missing(order), held()) == (3000, 0, [])
        assert ship(order)

    def test_all_that_went_beyond_them(self, order, payment, admin):
        (refund,) = request(order, wish(("SHIRT", 2, CANCEL), by_hand=True), by=admin)
        services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())

        take_back(payment, "3000.01")

        assert missing(order) == Decimal("0.01")

    def test_the_price_of_what_stays_where_the_rest_was_given_back(
        self, order, payment, admin, gateway
    ):
        (refund,) = request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
        execute(refund)

        take_back(payment, "5000.00")

        assert missing(order) == 5000

    def test_also_goodwill_that_was_given_before_all_went_back(
        self, order, payment, admin, gateway
    ):
        (refund,) = request(order, wish(goodwill="1000.00"), by=admin)
        execute(refund)

        take_back(payment, "7000.00")

        assert missing(order) == 7000

    def test_nothing_of_what_was_paid_too_much(self, order):
        take_back(pay_online(order, "3000.00"), "3000.00")

        assert (missing(order), held()) == (0, [])
        assert ship(order)

    def test_nothing_of_what_nobody_took(self, order, payment):
        parcel = ship(order, ("SHIRT", 2))
        return_to_sender(number=parcel, restock=None, at=clock.now())

        take_back(payment, "3000.00")

        assert (missing(order), held()) == (0, [])
        assert ship(order)

    def test_nothing_of_an_order_that_cost_nothing(self, shirts):
        make_coupon("GIFT", "100.00")
        way = {"delivery_method": "pickup", "shipping_address": None, "coupon": "GIFT"}
        number = placed(guest(), ("SHIRT", 1), total="0.00", **way)["number"]

        assert (status_of(number), missing(number), held()) == ("confirmed", 0, [])
        assert ship(number)

    def test_nothing_where_the_money_comes_with_the_goods(self, shirts):
        number = cash_order(("SHIRT", 5), total="8000.00")
        take_back(pay_online(number, "3000.00"), "3000.00")

        assert (missing(number), held()) == (0, [])
        assert ship(number)

    def test_nothing_of_an_order_that_nobody_confirmed(self, shirts):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        take_back(pay_online(number, "3000.00"), "3000.00")

        assert (missing(number), held()) == (0, [])

    @pytest.mark.parametrize("cancelled", range(3))
    @pytest.mark.parametrize("came_back", range(2))
    @pytest.mark.parametrize("taken", ["0.01", "299.99", "300.00", "600.00", "899.99"])
    def test_is_what_completing_waits_for(self, shirts, admin, cancelled, came_back, taken):
        """The database's rule is that of `owed_for`, to the kobo."""
        number, payment = order_of_three()
        if came_back:
            return_to_sender(number=ship(number, ("CAP", 1)), restock=None, at=clock.now())
        for _ in range(cancelled):
            (refund,) = request(number, wish(("CAP", 1, CANCEL), by_hand=True), by=admin)
        if cancelled:  # the last promise comes to nothing, those before stand
            services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())
        take_back(payment, taken)

        found = Order.objects.get(number=number)
        owed = owed_for(found, found.lines.all()) - found.net_captured
        assert missing(number) == (max(0, owed) if found.status == "confirmed" else 0)


class TestTheDatabaseItself:
    @pytest.mark.parametrize("state", ["dispatched", "in_transit"])
    def test_refuses_the_step_whoever_takes_it(self, order, payment, state):
        ready(order)
        take_back(payment, "1.00")

        with refused(GONE):
            Shipment.objects.update(state=state, carrier="GIG", dispatched_at=clock.now())

    def test_refuses_to_close_it(self, order, payment):
        pack(order)
        take_back(payment, "1.00")

        with refused(GONE):
            Shipment.objects.update(state="ready")

    def test_refuses_a_parcel_that_is_written_as_if_it_had_left(self, order, payment):
        take_back(payment, "1.00")
        parcel = Shipment.objects.get(number=pack(order, ("SHIRT", 1)))

        with refused(GONE):
            Shipment.objects.create(
                order=parcel.order,
                number=f"{order}-2",
                place=2,
                state="dispatched",
                carrier="GIG",
                created_at=clock.now(),
                dispatched_at=clock.now(),
            )

    def test_lets_what_has_left_arrive(self, order, payment):
        ship(order)
        take_back(payment, "8000.00")

        changed = Shipment.objects.update(state="in_transit")

        assert (changed, ShipmentLine.objects.count()) == (1, 1)
