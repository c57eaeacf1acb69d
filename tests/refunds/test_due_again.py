"""Money that left without the shop having agreed is owed again, and pays for nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.ops.invariants import INVARIANTS
from mdv.ops.reconcile import tell_moment
from refunds import services
from shop.fulfilment.services import deliver_shipment
from shop.orders.models import Order
from shop.payments.models import GatewayEvent
from shop.payments.services import record_payment
from shop.payments.states import Channel
from tests.fulfilment.packing import cash_order, deliver, ship
from tests.fulfilment.test_books import refused
from tests.orders.ordering import guest, placed
from tests.payments.notices import SECRET, begun, online_order, send, told
from tests.refunds.refunding import (
    CANCEL,
    apply,
    execute,
    outside,
    pay_online,
    request,
    wish,
)
from tests.refunds.test_refund_books import insert

NOTHING = Decimal(0)


def take_back(payment, amount, *, provider_id="dp_1"):
    return apply(outside(payment, amount, is_chargeback=True, provider_id=provider_id), payment)


def lose(number, amount):
    """Have an order paid, and its bank take the money back."""
    take_back(pay_online(number, amount), amount)


def of(number):
    """Status, what is due, what was taken back."""
    found = Order.objects.get(number=number)
    return found.status, found.due, found.taken_back_total


def wrong(number):
    """What the invariants say of an order's money, by their numbers."""
    found = []
    with connection.cursor() as cursor:
        tell_moment(cursor, clock.now())
        for invariant in INVARIANTS:
            cursor.execute(invariant.query)
            found += [(invariant.number, why) for _, _, what, why in cursor if what == number]
    return found


class TestBeforeItIsConfirmed:
    @pytest.fixture
    def number(self, shirts):
        """The number of an order of 8,000 of which 3,000 was paid and taken back."""
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        take_back(pay_online(number, "3000.00"), "3000.00")
        return number

    def test_the_rest_does_not_confirm_it(self, number):
        pay_online(number, "5000.00")

        assert of(number) == ("pending", 3000, 3000)

    def test_the_whole_does_and_the_customer_is_told_what_is_here(self, number, run_jobs):
        pay_online(number, "5000.00")
        pay_online(number, "3000.00")

        assert of(number) == ("confirmed", NOTHING, 3000)
        run_jobs()
        assert "₦8,000.00" in Mail.objects.get(kind="order_paid").text
        assert wrong(number) == []

    def test_what_is_due_may_be_paid_without_saying_that_it_is_more(self, number):
        record_payment(
            number=number,
            amount=Decimal(8000),
            channel=Channel.CASH,
            reference="RECEIPT-1",
            at=clock.now(),
        )

        assert of(number) == ("confirmed", NOTHING, 3000)

    def test_the_database_does_not_take_it_for_paid_either(self, number):
        pay_online(number, "5000.00")

        with refused("order_is_confirmed_by_money_that_is_here"):
            Order.objects.filter(number=number).update(status="confirmed")
        assert of(number)[0] == "pending"


class TestAfterwards:
    def test_it_stays_confirmed_and_is_due_again(self, order, payment):
        take_back(payment, "3000.00")

        assert of(order) == ("confirmed", 3000, 3000)
        assert wrong(order) == []

    def test_news_that_waited_while_it_was_confirmed_is_of_afterwards(self, order, payment):
        fact = outside(payment, "3000.00", is_chargeback=True)
        earlier = clock.now() - timedelta(hours=1)

        told = services.apply_refund_fact(payment=payment, fact=fact, at=earlier)

        assert wrong(order) == []
        assert told.refund.settled_at == Order.objects.get(number=order).confirmed_at

    def test_it_may_be_paid_again_at_a_provider(self, shirts, settings):
        settings.PAYSTACK_SECRET_KEY = SECRET
        order = online_order(("SHIRT", 5), total="8000.00")
        first = begun(order)
        send(told(first))
        first.refresh_from_db()
        take_back(first, "8000.00")

        again = begun(order)
        send(told(again))

        assert again.amount == 8000
        assert of(order["number"]) == ("confirmed", NOTHING, 8000)
        assert GatewayEvent.objects.latest("id").outcome == "applied"

    def test_what_the_shop_gave_back_is_not_due_again(self, order, payment, admin, gateway):
        (refund,) = request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
        execute(refund)

        assert of(order) == ("confirmed", NOTHING, NOTHING)

    def test_what_came_is_not_completed_until_what_was_taken_back_is_paid(self, shirts):
        number = cash_order(("SHIRT", 5), total="8000.00")
        deliver(number)
        take_back(pay_online(number, "3000.00"), "3000.00")

        pay_online(number, "5000.00")
        assert of(number) == ("confirmed", 3000, 3000)
        pay_online(number, "3000.00")
        assert of(number) == ("completed", NOTHING, 3000)

    def test_what_the_shop_gave_back_for_other_units_pays_for_none_that_were_kept(
        self, order, payment, admin, gateway
    ):
        (refund,) = request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
        execute(refund)
        parcel = ship(order)
        take_back(payment, "3000.00")

        deliver_shipment(number=parcel, at=clock.now())
        assert of(order) == ("confirmed", 3000, 3000)

        pay_online(order, "3000.00")
        assert of(order) == ("completed", NOTHING, 3000)

    def test_nor_does_it_where_the_carrier_brings_the_rest(self, shirts, admin, gateway):
        number = cash_order(("SHIRT", 5), total="8000.00")
        pay_online(number, "3200.00")
        (refund,) = request(number, wish(("SHIRT", 2, CANCEL)), by=admin)
        execute(refund)
        deliver(number)

        pay_online(number, "1800.00")
        assert of(number)[0] == "confirmed"
        pay_online(number, "3000.00")
        assert of(number)[0] == "completed"


class TestBooks:
    def test_the_figure_is_what_the_refunds_say(self, order, payment):
        take_back(payment, "3000.00")

        with refused("order_shows_what_was_taken_back"):
            Order.objects.update(taken_back_total=2999)
        with refused("order_taken_back_is_at_most_refunded"):
            Order.objects.update(taken_back_total=3001)

    def test_no_refund_from_outside_is_left_out_of_it(self, payment):
        with refused("order_shows_what_was_taken_back"):
            insert(
                payment,
                state="succeeded",
                source="chargeback",
                provider_id="dp_1",
                settled_at=clock.now(),
            )
