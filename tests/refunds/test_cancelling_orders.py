"""Cancelling an order for the shop: the plan, the answer about its money, and what stays."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.errors import NotFound
from refunds import services
from refunds.models import Refund
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from shop.pricing.models import Coupon
from tests.fulfilment.packing import level, pack, status_of
from tests.orders.ordering import guest, make_coupon, placed, sell
from tests.refunds.cancelling import cancel, last_mail, limit, look, mails, partly_paid
from tests.refunds.refunding import (
    CANCEL,
    everything,
    execute,
    later,
    money,
    now,
    pay_online,
    person,
    refunded_lines,
    request,
    used_today,
    wish,
)
from tests.refunds.test_money_taken_back import ALL, charge_back


class TestThePlan:
    def test_it_says_all_that_would_come_of_it_and_changes_nothing(self, order, payment, admin):
        parcel = pack(order, ("SHIRT", 2))
        before = everything()

        seen = look(order, refund=True, by=admin)

        (units,), (unpacked,) = seen.units, seen.parcels
        assert (units.sku, units.quantity) == ("SHIRT", 5)
        assert (unpacked.number, unpacked.state) == (parcel, "packing")
        assert (seen.money.captured, seen.money.left, seen.money.stays) == (8000, 8000, 0)
        assert (seen.asks_for_refund, seen.refund, seen.coupon) == (True, True, "")
        refund = seen.refund_plan
        assert (refund.amount, refund.shipping, refund.goodwill) == (8000, 500, 0)
        assert [(line.sku, line.quantity, line.cancels) for line in refund.lines] == [
            ("SHIRT", 5, 5)
        ]
        assert [(part.reference, part.method) for part in refund.parts] == [
            (payment.reference, "gateway")
        ]
        assert seen.mails == ["order_cancelled", "refund_succeeded"]
        assert everything() == before

    def test_without_a_refund_it_says_what_stays(self, order, admin):
        seen = look(order, refund=False, by=admin)

        assert (seen.refund, seen.refund_plan, seen.money.stays) == (False, None, 8000)
        assert seen.mails == ["order_cancelled"]

    def test_each_answer_and_each_reason_is_a_plan_of_its_own(self, order, admin):
        plans = [look(order, refund=answer, by=admin) for answer in (None, True, False)]
        another = look(order, refund=True, by=admin, reason="fraud")

        assert len({one.plan_hash for one in [*plans, another]}) == 4
        assert look(order, refund=True, by=admin).plan_hash == plans[1].plan_hash

    def test_it_names_the_coupon_and_money_that_is_gone_or_promised(self, shirts, admin, gateway):
        make_coupon("TEN", kind="fixed", value="100.00")
        number = placed(guest(), ("SHIRT", 2), total="3400.00", coupon="TEN")["number"]
        pay_online(number, "3400.00")
        (gone,) = request(number, wish(shipping="100.00"), by=admin)
        execute(gone)
        request(number, wish(shipping="50.00"), by=admin)

        seen = look(number, refund=False, by=admin)

        assert seen.coupon == "TEN"
        assert (seen.money.refunded, seen.money.promised, seen.money.left) == (100, 50, 3250)

    def test_what_was_paid_too_much_goes_back_too(self, order, admin):
        pay_online(order, "12.34")

        refund = look(order, refund=True, by=admin).refund_plan

        assert (refund.amount, refund.goodwill) == (Decimal("8012.34"), Decimal("12.34"))

    def test_goodwill_that_was_given_is_not_given_again(self, order, admin, gateway):
        (given,) = request(order, wish(goodwill="800.00"), by=admin)
        execute(given)

        refund = look(order, refund=True, by=admin).refund_plan

        (line,) = refund.lines
        assert (refund.amount, line.amount, line.withheld, refund.shipping) == (
            7200,
            6750,
            750,
            450,
        )

    def test_there_is_no_such_order(self, admin, shirts):
        with pytest.raises(NotFound):
            look("M-NOTHING1", refund=None, by=admin)


class TestWithARefund:
    def test_the_order_is_cancelled_and_all_of_its_money_promised(self, order, payment, admin):
        done = cancel(order, refund=True, by=admin)

        (refund,) = done.refunds
        assert (done.order.status, done.order.cancel_reason) == ("cancelled", "out_of_stock")
        assert (refund.state, refund.source, refund.reason) == ("approved", "cancel", "cancelled")
        assert money(payment) == (8000, 8000, 0)
        assert level() == (10, 0, 10)
        assert refunded_lines(order) == [("SHIRT", 7500)]
        assert used_today(admin) == 8000

    def test_the_customer_hears_of_the_money_and_of_its_arrival(
        self, order, admin, gateway, run_jobs
    ):
        (refund,) = cancel(order, refund=True, by=admin).refunds
        run_jobs()
        told = last_mail()
        before = mails()
        execute(refund)
        run_jobs()

        assert "₦8,000.00 is on its way back to you." in told
        assert "Nothing is to be paid" not in told
        assert "order_cancelled" in before
        assert "refund_succeeded" not in before
        assert mails() == [*before, "refund_succeeded"]
        assert Order.objects.get().payment_status == "refunded"

    def test_parcels_that_have_not_left_are_unpacked_and_the_coupon_is_free(self, shirts, admin):
        make_coupon("TEN", kind="fixed", value="100.00")
        number = placed(guest(), ("SHIRT", 2), total="3400.00", coupon="TEN")["number"]
        pay_online(number, "3400.00")
        pack(number, ("SHIRT", 1))

        cancel(number, refund=True, by=admin)

        assert Shipment.objects.get().state == "cancelled"
        assert Coupon.objects.get().used_count == 0
        assert level() == (10, 0, 10)

    def test_of_two_payments_of_which_one_fails_the_rest_is_still_here(
        self, shirts, admin, gateway
    ):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        first, second = pay_online(number, "3000.00"), pay_online(number, "5000.00")
        gateway.answers = ["refused"]

        for refund in cancel(number, refund=True, by=admin).refunds:
            execute(refund)

        assert [now(one).state for one in Refund.objects.order_by("id")] == ["failed", "succeeded"]
        assert (money(first), money(second)) == ((3000, 3000, 3000), (5000, 0, 0))
        assert status_of(number) == "cancelled"
        again = cancel(number, refund=True, by=admin)
        assert [one.amount for one in again.refunds] == [5000]

    def test_a_process_that_ends_before_the_provider_is_asked_is_finished_by_the_job(
        self, order, payment, admin, gateway
    ):
        cancel(order, refund=True, by=admin)

        assert services.execute_waiting_refunds(at=later()) == 1
        assert money(payment) == (8000, 8000, 8000)

    def test_a_part_that_was_paid_goes_back_whole(self, shirts, admin, gateway):
        number, payment = partly_paid()

        (refund,) = cancel(number, refund=True, by=admin).refunds
        execute(refund)

        assert (refund.amount, status_of(number)) == (3000, "cancelled")
        assert money(payment) == (3000, 3000, 3000)
        assert refund.shipping + sum(amount for _, amount in refunded_lines(number)) == 3000

    def test_so_does_a_part_of_many_articles(self, shirts, admin):
        for sku, price in (("CAP", "0.01"), ("BELT", "333.33")):
            sell(sku, price)
        number = placed(guest(), ("SHIRT", 1), ("CAP", 1), ("BELT", 3), total="3000.00")["number"]
        pay_online(number, "1.00")

        (refund,) = cancel(number, refund=True, by=admin).refunds

        assert refund.amount == 1

    def test_money_that_went_another_way_is_settled_first(self, order, payment, admin):
        (promised,) = request(order, ALL, by=admin)
        charge_back(payment, "8000.00")
        services.cancel_refund(number=promised.number, user_id=admin, at=clock.now())
        before = everything()

        with pytest.raises(services.MoneyTakenBack):
            cancel(order, refund=True, by=admin)

        assert everything() == before
        assert cancel(order, refund=False, by=admin).order.status == "cancelled"


class TestAboveOnesLimits:
    @pytest.fixture
    def clerk(self, order):
        limit(Role.OPERATIONS, 1000)
        return person(Role.OPERATIONS)

    def test_the_order_is_cancelled_and_the_money_waits(self, order, payment, clerk):
        seen = look(order, refund=True, by=clerk)

        (refund,) = cancel(order, refund=True, by=clerk).refunds

        assert seen.refund_plan.approval.is_required
        assert (refund.state, status_of(order)) == ("requested", "cancelled")
        assert (money(payment), used_today(clerk)) == ((8000, 8000, 0), 0)
        assert level() == (10, 0, 10)
        assert "₦" not in last_mail()
        assert "Nothing is to be paid" not in last_mail()

    def test_who_says_no_leaves_it_cancelled_and_the_money_here(self, order, payment, clerk, admin):
        (refund,) = cancel(order, refund=True, by=clerk).refunds
        services.reject_refund(number=refund.number, answer="No", user_id=admin, at=clock.now())

        assert (status_of(order), money(payment)) == ("cancelled", (8000, 0, 0))
        (again,) = request(order, wish(("SHIRT", 5, CANCEL), shipping="500.00"), by=admin)
        assert (again.amount, again.state) == (8000, "approved")

    def test_a_days_limit_counts_what_was_given_back_before(self, order, clerk):
        limit(Role.OPERATIONS, 7999)
        request(order, wish(shipping="1.00"), by=clerk)

        (refund,) = cancel(order, refund=True, by=clerk).refunds

        assert (refund.state, refund.amount) == ("requested", 7999)

    def test_what_one_approves_goes_back(self, order, payment, clerk, admin, gateway):
        (refund,) = cancel(order, refund=True, by=clerk).refunds
        services.approve_refund(
            number=refund.number, version=refund.version, user_id=admin, at=clock.now()
        )
        execute(refund)

        assert money(payment) == (8000, 8000, 8000)


class TestWithoutARefund:
    def test_the_money_stays_and_the_customer_hears_nothing_of_it(self, order, payment, admin):
        done = cancel(order, refund=False, by=admin)

        assert (done.order.status, done.refunds) == ("cancelled", [])
        assert money(payment) == (8000, 0, 0)
        assert level() == (10, 0, 10)
        assert "₦" not in last_mail()
        assert "Nothing is to be paid" not in last_mail()

    def test_it_may_still_be_refunded_with_its_shipping(self, order, payment, admin, gateway):
        cancel(order, refund=False, by=admin)

        (refund,) = request(order, wish(("SHIRT", 5, CANCEL), shipping="500.00"), by=admin)
        execute(refund)

        assert money(payment) == (8000, 8000, 8000)
        assert Order.objects.get().payment_status == "refunded"

    def test_a_part_that_was_paid_may_be_too_by_who_may_give_no_goodwill(self, shirts):
        by = person(Role.SUPPORT)
        number, payment = partly_paid()
        with pytest.raises(services.GoodwillNotAllowed):
            request(number, wish(goodwill="3000.00"), by=by)
        cancel(number, refund=False, by=by)

        (refund,) = request(number, wish(goodwill="3000.00"), by=by)

        assert (refund.amount, money(payment)) == (3000, (3000, 3000, 0))

    def test_so_may_all_that_stayed_by_a_plan_of_the_cancelled_order(self, shirts, admin):
        number, payment = partly_paid()
        cancel(number, refund=False, by=admin)
        seen = look(number, refund=True, by=admin)

        (refund,) = cancel(number, refund=True, by=admin).refunds

        assert (seen.status, seen.units, seen.coupon) == ("cancelled", [], "")
        assert seen.mails == ["refund_succeeded"]
        assert money(payment) == (3000, 3000, 0)
        assert refund.amount == 3000
        assert mails().count("order_cancelled") == 1
