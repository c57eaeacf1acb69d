"""Money that is owed to customers: for what was cancelled, and did not go back."""

from decimal import Decimal

from mdv.accounts.roles import Role
from mdv.kernel import clock
from refunds import services
from shop.orders.models import Order
from tests.fulfilment.packing import cash_order, deliver, status_of
from tests.orders.ordering import guest, make_coupon, placed, sell
from tests.refunds.cancelling import cancel, limit
from tests.refunds.refunding import (
    CANCEL,
    NONE,
    RETURN,
    apply,
    execute,
    outside,
    pay_online,
    person,
    plan,
    request,
    wish,
)
from tests.refunds.returning import AS_NEW, approved, receive

TWO = wish(("SHIRT", 2, CANCEL))


def owed():
    """The numbers of the orders, and how much of each."""
    return {order.number: order.owed for order in services.owed_orders()}


def give_up(refund, by):
    services.cancel_refund(number=refund.number, user_id=by, at=clock.now())


class TestUnitsThatWereCancelled:
    def test_their_money_is_owed_once_nobody_promises_it_any_more(self, order, admin):
        (refund,) = request(order, TWO, by=admin)
        promised = owed()

        give_up(refund, admin)

        assert (promised, owed()) == ({}, {order: 3000})
        assert services.owed_to_customer(Order.objects.get()) == 3000
        assert status_of(order) == "confirmed"

    def test_so_it_is_when_a_second_person_said_no(self, order, admin):
        limit(Role.SUPERVISOR, 1)
        (asked,) = request(order, TWO, by=person(Role.SUPERVISOR))
        waiting = owed()

        services.reject_refund(number=asked.number, answer="No", user_id=admin, at=clock.now())

        assert (waiting, owed()) == ({}, {order: 3000})

    def test_or_when_the_provider_refused_until_it_goes_back_after_all(self, order, admin, gateway):
        gateway.answers = ["refused"]
        (refund,) = request(order, TWO, by=admin)
        assert execute(refund).state == "failed"
        failed = owed()

        request(order, TWO, by=admin)

        assert (failed, owed()) == ({order: 3000}, {})

    def test_what_went_back_for_some_of_them_is_taken_off(self, order, admin, gateway):
        (refund,) = request(order, TWO, by=admin)
        give_up(refund, admin)

        (again,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
        execute(again)

        assert owed() == {order: 1500}

    def test_what_was_kept_of_their_money_is_not_owed(self, order, admin):
        request(order, wish(("SHIRT", 2, CANCEL, "500.00")), by=admin)

        assert owed() == {}

    def test_a_part_of_another_payment_that_failed_is_owed(self, shirts, admin, gateway):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        pay_online(number, "7000.00"), pay_online(number, "1000.00")
        parts = request(number, TWO, by=admin)
        gateway.answers = ["refused"]

        states = {execute(part).state: part.amount for part in parts}

        assert set(states) == {"failed", "succeeded"}
        assert owed() == {number: states["failed"]}

    def test_they_cost_what_a_plan_would_give_to_the_kobo(self, shirts, admin):
        sell("SOCK", "3.33", stock=9)
        make_coupon()
        number = placed(guest(), ("SOCK", 3), total="508.99", coupon="TEN")["number"]
        pay_online(number, "508.99")
        one = wish(("SOCK", 1, CANCEL))
        (first,) = request(number, one, by=admin)
        (second,) = request(number, one, by=admin)

        give_up(second, admin)

        assert (first.amount, second.amount) == (Decimal("3.00"), Decimal("2.99"))
        assert owed() == {number: plan(number, one, by=admin).amount} == {number: second.amount}

    def test_of_a_completed_order_too_whatever_went_back_for_the_others(self, order, admin):
        (refund,) = request(order, TWO, by=admin)
        deliver(order, ("SHIRT", 3))
        give_up(refund, admin)

        request(order, wish(("SHIRT", 2, NONE)), by=admin)

        assert status_of(order) == "completed"
        assert owed() == {order: 3000}


class TestWhatIsNot:
    def test_an_order_of_which_nothing_was_cancelled(self, order):
        assert owed() == {}

    def test_what_the_customer_kept_or_sent_back(self, number, admin):
        receive(approved(number, ("SHIRT", 1)), ("SHIRT", 1, AS_NEW, True))
        (kept,) = request(number, wish(("SHIRT", 1, NONE)), by=admin)
        give_up(kept, admin)
        (back,) = request(number, wish(("SHIRT", 1, RETURN)), by=admin)
        give_up(back, admin)

        assert owed() == {}

    def test_what_went_back_another_way(self, order, payment, admin):
        (refund,) = request(order, TWO, by=admin)
        give_up(refund, admin)

        apply(outside(payment, "1000.00"), payment)
        less = owed()
        apply(outside(payment, "2000.00", provider_id="re_2"), payment)

        assert (less, owed()) == ({order: 2000}, {})

    def test_more_than_is_here(self, order, payment, admin):
        (refund,) = request(order, TWO, by=admin)
        give_up(refund, admin)

        request(order, wish(goodwill="7000.00"), by=admin)

        assert owed() == {order: 1000}

    def test_what_is_still_to_be_paid_for_the_rest(self, shirts, admin):
        number = cash_order(("SHIRT", 5), total="8000.00")
        pay_online(number, "3000.00")
        (refund,) = request(number, TWO, by=admin)
        give_up(refund, admin)
        part = owed()

        pay_online(number, "3500.00")
        more = owed()
        pay_online(number, "1500.00")

        assert (part, more, owed()) == ({}, {number: 1500}, {number: 3000})


class TestCancelledOrders:
    def test_all_of_it_that_nobody_promised_is_owed(self, order, admin):
        cancel(order, refund=False, by=admin)
        stayed = owed()

        request(order, wish(goodwill="3000.00"), by=admin)

        assert (stayed, owed()) == ({order: 8000}, {order: 5000})

    def test_also_of_one_that_was_paid_in_part(self, shirts, admin):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        pay_online(number, "3000.00")

        cancel(number, refund=False, by=admin)

        assert owed() == {number: 3000}

    def test_not_once_it_has_all_gone_back(self, order, admin, gateway):
        cancel(order, refund=True, by=admin)
        services.execute_waiting_refunds(at=clock.now() + services.LOST_AFTER)

        assert owed() == {}
