"""Cancelling an order for the shop: who is asked what, and what moved since they looked."""

import pytest

from mdv.accounts.roles import RIGHTS, Role
from mdv.kernel import clock
from mdv.kernel.errors import Forbidden, Invalid
from refunds import services
from refunds.models import Refund, RefundPolicy
from refunds.services import PlanHasChanged, RefundNotAnswered
from shop.orders.models import Order
from shop.orders.services import AlreadyConfirmed, AlreadyShipped, expire_orders
from tests.fulfilment.packing import cash_order, level, pack, ship, status_of
from tests.orders.ordering import guest, placed
from tests.refunds.cancelling import cancel, last_mail, limit, look, partly_paid
from tests.refunds.refunding import (
    everything,
    money,
    pay_online,
    person,
    request,
    wish,
)


class TestAsking:
    @pytest.mark.parametrize("answer", [None, True, False])
    def test_an_order_with_money_is_not_cancelled_without_a_plan(self, order, admin, answer):
        before = everything()

        with pytest.raises(RefundNotAnswered) as refusal:
            cancel(order, refund=answer, by=admin, plan_hash="")

        asked = refusal.value
        assert asked.code == "order_has_payments"
        assert asked.with_refund.plan_hash == look(order, refund=True, by=admin).plan_hash
        assert asked.without_refund.plan_hash == look(order, refund=False, by=admin).plan_hash
        assert everything() == before

    def test_nor_by_the_plan_of_no_answer(self, order, admin):
        with pytest.raises(RefundNotAnswered):
            cancel(order, refund=None, by=admin)

        assert status_of(order) == "confirmed"

    def test_money_that_is_all_promised_back_needs_no_answer_and_a_plan(self, order, admin):
        request(order, wish(goodwill="8000.00"), by=admin)

        with pytest.raises(RefundNotAnswered) as refusal:
            cancel(order, by=admin, plan_hash="")
        assert refusal.value.with_refund is None
        done = cancel(order, refund=None, by=admin)

        assert (done.order.status, done.refunds) == ("cancelled", [])

    def test_without_money_it_is_done_at_once(self, shirts, admin):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]

        cancel(number, by=admin, plan_hash="")
        cancel(number, by=admin, plan_hash="")

        assert (status_of(number), level()) == ("cancelled", (10, 0, 10))
        assert "Nothing is to be paid any more." in last_mail()

    def test_a_refund_of_nothing_is_not_taken_for_one(self, shirts, admin):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]

        with pytest.raises(Invalid) as refusal:
            cancel(number, refund=True, by=admin, plan_hash="")

        assert [one.code for one in refusal.value.problems] == ["nothing_to_refund"]
        assert status_of(number) == "pending"

    def test_a_partly_paid_order_does_not_expire(self, shirts):
        number, _ = partly_paid()
        Order.objects.update(payment_method="online", expires_at=clock.now())

        assert expire_orders(at=clock.now()) == 0
        assert status_of(number) == "pending"


class TestWhatMoved:
    def more_money(self, order, admin):
        pay_online(order, "1.00")

    def a_refund(self, order, admin):
        request(order, wish(shipping="1.00"), by=admin)

    def a_parcel(self, order, admin):
        pack(order, ("SHIRT", 1))

    def a_lower_limit(self, order, admin):
        limit(Role.ADMIN, 10)

    @pytest.mark.parametrize(
        ("move", "answer"),
        [
            ("more_money", True),
            ("more_money", False),
            ("a_refund", True),
            ("a_refund", False),
            ("a_parcel", True),
            ("a_parcel", False),
            ("a_lower_limit", True),
        ],
    )
    def test_nothing_is_done_and_the_present_plan_told(self, order, admin, move, answer):
        seen = look(order, refund=answer, by=admin).plan_hash
        getattr(self, move)(order, admin)
        before = everything()

        with pytest.raises(PlanHasChanged) as refusal:
            cancel(order, refund=answer, by=admin, plan_hash=seen)

        assert everything() == before
        fresh = refusal.value.members["plan_hash"]
        assert fresh != seen
        cancel(order, refund=answer, by=admin, plan_hash=fresh)
        assert status_of(order) == "cancelled"

    def test_the_other_answer_is_another_plan(self, order, admin):
        seen = look(order, refund=False, by=admin).plan_hash

        with pytest.raises(PlanHasChanged):
            cancel(order, refund=True, by=admin, plan_hash=seen)

        assert not Refund.objects.exists()

    def test_who_comes_second_hears_that_it_is_cancelled(self, order, payment, admin):
        seen = look(order, refund=True, by=admin).plan_hash
        cancel(order, refund=False, by=admin)

        with pytest.raises(PlanHasChanged) as refusal:
            cancel(order, refund=True, by=admin, plan_hash=seen)

        assert refusal.value.members["plan"]["status"] == "cancelled"
        assert money(payment) == (8000, 0, 0)


class TestWhoAndWhen:
    def test_what_has_left_is_not_cancelled(self, order, admin):
        seen = look(order, refund=True, by=admin).plan_hash
        ship(order, ("SHIRT", 1))

        for attempt in (
            lambda: look(order, refund=True, by=admin),
            lambda: cancel(order, refund=True, by=admin, plan_hash=seen),
            lambda: cancel(order, by=admin, plan_hash=""),
        ):
            with pytest.raises(AlreadyShipped):
                attempt()

    def test_support_cancels_what_is_pending_alone(self, order, shirts):
        by = person(Role.SUPPORT)
        number, _ = partly_paid()

        with pytest.raises(AlreadyConfirmed):
            look(order, refund=False, by=by)
        cancel(number, refund=True, by=by)

        assert (status_of(order), status_of(number)) == ("confirmed", "cancelled")

    @pytest.mark.parametrize("role", [Role.LOGISTICS, Role.AUDITOR])
    def test_others_neither_look_nor_cancel(self, order, role):
        by = person(role)

        with pytest.raises(Forbidden):
            look(order, refund=False, by=by)
        with pytest.raises(Forbidden):
            cancel(order, refund=False, by=by, plan_hash="0" * 64)

    def test_who_may_cancel_and_not_refund_leaves_the_money(self, order, payment, monkeypatch):
        monkeypatch.setitem(RIGHTS, "refunds.request_refund", frozenset({Role.ADMIN}))
        by = person(Role.OPERATIONS)

        with pytest.raises(services.RefundingNotAllowed):
            look(order, refund=True, by=by)
        with pytest.raises(RefundNotAnswered) as refusal:
            cancel(order, by=by, plan_hash="")
        assert refusal.value.with_refund is None
        cancel(order, refund=False, by=by)

        assert (status_of(order), money(payment)) == ("cancelled", (8000, 0, 0))

    def test_who_has_no_limits_leaves_the_money(self, order, admin):
        RefundPolicy.objects.filter(role=Role.OPERATIONS).delete()
        by = person(Role.OPERATIONS)

        with pytest.raises(services.NoRefundPolicy):
            look(order, refund=True, by=by)
        cancel(order, refund=False, by=by)

        assert status_of(order) == "cancelled"

    def test_paid_on_delivery_with_a_deposit(self, shirts, admin):
        number = cash_order(("SHIRT", 5), total="8000.00")
        payment = pay_online(number, "1000.00")

        cancel(number, refund=True, by=admin)

        assert (status_of(number), money(payment)) == ("cancelled", (1000, 1000, 0))
