"""What a plan says, whom it refuses what, and what becomes of the goods and of several payments."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.errors import Forbidden, Invalid, NotFound
from refunds import services
from refunds.models import Refund, RefundPolicy
from refunds.states import RefundSource
from shop.orders.models import Order, OrderLine
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from tests.fulfilment.packing import counts, deliver, level, pack, status_of
from tests.orders.ordering import guest, make_coupon, placed, sell
from tests.refunds.refunding import (
    CANCEL,
    NONE,
    RETURN,
    everything,
    execute,
    money,
    now,
    pay_online,
    person,
    plan,
    refunded_lines,
    request,
    wish,
)
from tests.refunds.returning import AS_NEW, approved, receive


def left(problem):
    return problem.value.members["left"]


class TestThePlan:
    def test_it_says_all_that_would_come_of_it_and_changes_nothing(self, order, payment, admin):
        before = everything()

        seen = plan(order, wish(("SHIRT", 2, CANCEL), shipping="500.00", goodwill="10"), by=admin)

        (line,) = seen.lines
        assert (line.sku, line.quantity, line.amount, line.cancels) == ("SHIRT", 2, 3000, 2)
        assert (seen.amount, seen.shipping, seen.goodwill, seen.tax) == (3510, 500, 10, 0)
        (part,) = seen.parts
        assert (part.reference, part.method, part.amount) == (payment.reference, "gateway", 3510)
        assert (part.left_after, seen.balances.left_after) == (4490, 4490)
        assert (seen.balances.committed_before, seen.balances.committed_after) == (0, 3510)
        assert (seen.approval.user_id, seen.approval.is_required) == (admin, False)
        assert (seen.mails, seen.documents) == (["refund_succeeded"], ["credit_note"])
        assert everything() == before

    def test_the_same_wish_in_the_same_shop_is_the_same_plan(self, order, admin):
        two = [wish(("SHIRT", 2, CANCEL), shipping=shipping) for shipping in ("5", "5.00")]
        first, again = (plan(order, wanted, by=admin) for wanted in two)
        other = plan(order, wish(("SHIRT", 1, CANCEL)), by=admin)

        assert first.plan_hash == again.plan_hash != other.plan_hash

    def test_what_is_left_is_named_line_by_line(self, order, admin):
        pack(order, ("SHIRT", 2))

        seen = services.see_refundable(number=order)

        (line,) = seen.lines
        assert (line.refundable(CANCEL), line.refundable(RETURN), line.refundable(NONE)) == (
            3,
            0,
            0,
        )
        assert (seen.left, seen.shipping_left, seen.overpaid) == (8000, 500, 0)

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            (wish(), "nothing_to_refund"),
            (wish(("HAT", 1, CANCEL)), "not_in_order"),
            (wish(("SHIRT", -1, CANCEL)), "min_value"),
            (wish(("SHIRT", 0, CANCEL)), "min_value"),
            (wish(("SHIRT", 1, CANCEL), ("SHIRT", 1, CANCEL)), "repeated"),
            (wish(("SHIRT", 1, CANCEL, "1500.01")), "max_value"),
            (wish(("SHIRT", 1, CANCEL, "-1")), "min_value"),
            (wish(shipping="-1"), "min_value"),
            (wish(goodwill="-1"), "min_value"),
            (wish(goodwill="1", of_return="R-NONE"), "not_in_order"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, order, admin, wanted, code):
        with pytest.raises(Invalid) as refusal:
            plan(order, wanted, by=admin)

        assert [problem.code for problem in refusal.value.problems] == [code]

    def test_an_order_that_is_not_there_has_no_plan(self, admin):
        with pytest.raises(NotFound):
            plan("M-NOTHING", wish(goodwill="1"), by=admin)


class TestNeverTooMuch:
    @pytest.mark.parametrize(
        "wanted",
        [
            wish(goodwill="8000.01"),
            wish(shipping="500.01"),
            wish(("SHIRT", 5, CANCEL), goodwill="501"),
        ],
    )
    def test_more_than_there_is_names_what_is_left(self, order, admin, wanted):
        with pytest.raises(services.ExceedsRefundable) as refusal:
            plan(order, wanted, by=admin)

        assert refusal.value.members == {"left": "8000.00", "shipping_left": "500.00", "lines": []}

    def test_too_many_units_are_named(self, order, admin):
        request(order, wish(("SHIRT", 2, CANCEL)), by=admin)

        with pytest.raises(services.ExceedsRefundable) as refusal:
            plan(order, wish(("SHIRT", 4, CANCEL), ("SHIRT", 1, RETURN)), by=admin)

        assert [
            (line["restock"], line["requested"], line["refundable"])
            for line in refusal.value.members["lines"]
        ] == [("cancel", 4, 3), ("return", 1, 0)]

    def test_what_was_not_paid_is_not_given_back(self, shirts, admin):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        pay_online(number, "1000.00")

        with pytest.raises(services.ExceedsRefundable) as refusal:
            plan(number, wish(("SHIRT", 1, CANCEL)), by=admin)

        assert left(refusal) == "1000.00"

    def test_three_lines_a_coupon_and_shipping_end_unit_by_unit_at_what_was_captured(
        self, shirts, admin, gateway
    ):
        sell("MUG", "333.33", stock=10)
        sell("HAT", "99.99", stock=10)
        make_coupon()
        number = placed(
            guest(),
            ("SHIRT", 1),
            ("MUG", 3),
            ("HAT", 7),
            total="3379.93",
            coupon="TEN",
        )["number"]
        payment = pay_online(number, "3379.93")

        for sku, units in (("SHIRT", 1), ("MUG", 3), ("HAT", 7)):
            for _ in range(units):
                (refund,) = request(number, wish((sku, 1, CANCEL)), by=admin)
                assert execute(refund).state == "succeeded"
        (refund,) = request(number, wish(shipping="500.00"), by=admin)
        execute(refund)

        assert money(payment) == (Decimal("3379.93"),) * 3
        order = Order.objects.get(number=number)
        assert (order.payment_status, order.status) == ("refunded", "cancelled")
        assert all(line.refunded == line.total for line in order.lines.all())
        assert order.coupon.used_count == 0


class TestWhatIsKept:
    def test_part_of_a_price_may_be_kept_and_is_not_given_with_the_next_unit(self, order, admin):
        (first,) = request(order, wish(("SHIRT", 1, CANCEL, "300.00")), by=admin)
        (second,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)

        assert (first.amount, second.amount) == (1200, 1500)
        assert refunded_lines(order) == [("SHIRT", 2700)]
        assert services.see_refundable(number=order).lines[0].cost == 3000


class TestGoods:
    def test_cancelled_units_are_free_at_once_and_no_answer_changes_that(
        self, order, admin, gateway
    ):
        assert level() == (10, 5, 5)
        gateway.answers = ["refused"]

        (refund,) = request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
        assert (level(), counts(order)) == ((10, 3, 7), [(2, 0, 0, 0)])

        assert execute(refund).state == "failed"
        assert (level(), counts(order)) == ((10, 3, 7), [(2, 0, 0, 0)])
        (again,) = request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
        assert (again.amount, level()) == (3000, (10, 3, 7))

    def test_with_the_last_unit_the_order_is_cancelled_and_stock_is_where_it_began(
        self, order, admin
    ):
        request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
        assert status_of(order) == "confirmed"

        request(order, wish(("SHIRT", 3, CANCEL)), by=admin)

        assert (status_of(order), level()) == ("cancelled", (10, 0, 10))

    def test_what_is_packed_is_not_cancelled(self, order, admin):
        pack(order, ("SHIRT", 4))

        with pytest.raises(services.ExceedsRefundable):
            plan(order, wish(("SHIRT", 2, CANCEL)), by=admin)

        assert plan(order, wish(("SHIRT", 1, CANCEL)), by=admin).lines[0].cancels == 1

    def test_an_order_whose_rest_has_arrived_is_completed(self, order, admin):
        deliver(order, ("SHIRT", 3))
        assert status_of(order) == "confirmed"

        request(order, wish(("SHIRT", 2, CANCEL)), by=admin)

        assert status_of(order) == "completed"

    def test_money_for_a_cancelled_order_goes_back_without_moving_stock(self, shirts, admin):
        number = placed(guest(), ("SHIRT", 5), total="8000.00")["number"]
        cancel_order(number=number, reason=CancelReason.EXPIRED, at=clock.now())
        pay_online(number, "8000.00")

        (refund,) = request(number, wish(("SHIRT", 5, CANCEL), shipping="500.00"), by=admin)

        assert (refund.amount, level()) == (8000, (10, 0, 10))

    def test_of_a_return_no_more_is_refunded_than_was_received(self, number, admin):
        returned = approved(number, ("SHIRT", 3))
        receive(returned, ("SHIRT", 2, AS_NEW, True))
        of_it = {"of_return": returned, "source": RefundSource.RETURN}

        with pytest.raises(services.ExceedsRefundable):
            plan(number, wish(("SHIRT", 3, RETURN), **of_it), by=admin)
        (refund,) = request(number, wish(("SHIRT", 2, RETURN), **of_it), by=admin)

        assert (refund.amount, refund.of_return.number) == (3000, returned)
        assert level() == (7, 0, 7)
        with pytest.raises(services.ExceedsRefundable):
            plan(number, wish(("SHIRT", 1, RETURN), **of_it), by=admin)

    def test_goods_of_another_return_are_not_this_ones(self, number, admin):
        receive(approved(number, ("SHIRT", 1)), ("SHIRT", 1, AS_NEW, True))
        other = approved(number, ("SHIRT", 1))

        with pytest.raises(services.ExceedsRefundable):
            plan(number, wish(("SHIRT", 1, RETURN), of_return=other), by=admin)


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.LOGISTICS, Role.AUDITOR])
    def test_some_give_nothing_back(self, order, role):
        with pytest.raises(Forbidden):
            plan(order, wish(("SHIRT", 1, CANCEL)), by=person(role))

    def test_without_a_policy_a_role_gives_nothing_back(self, order):
        RefundPolicy.objects.filter(role=Role.SUPPORT).delete()

        with pytest.raises(services.NoRefundPolicy):
            plan(order, wish(("SHIRT", 1, CANCEL)), by=person(Role.SUPPORT))

    def test_support_does_not_cancel_what_is_confirmed(self, order):
        with pytest.raises(services.CancellingNotAllowed):
            plan(order, wish(("SHIRT", 1, CANCEL)), by=person(Role.SUPPORT))

    def test_without_the_goods_only_leads_give_money_back(self, number, admin):
        wanted = wish(("SHIRT", 1, NONE))

        with pytest.raises(services.NeedsTheGoodsBack):
            plan(number, wanted, by=person(Role.OPERATIONS))

        assert plan(number, wanted, by=admin).amount == 1500

    def test_goodwill_is_for_those_who_may_and_what_was_overpaid_for_all(self, order):
        operations = person(Role.OPERATIONS)

        with pytest.raises(services.GoodwillNotAllowed):
            plan(order, wish(goodwill="0.01"), by=operations)

        pay_online(order, "250.00")
        assert plan(order, wish(goodwill="250.00"), by=operations).amount == 250
        with pytest.raises(services.GoodwillNotAllowed):
            plan(order, wish(goodwill="250.01"), by=operations)

    def test_a_fee_that_was_kept_is_not_overpaid(self, order, admin):
        request(order, wish(("SHIRT", 1, CANCEL, "200.00")), by=admin)

        assert services.see_refundable(number=order).overpaid == 0
        with pytest.raises(services.GoodwillNotAllowed):
            plan(order, wish(goodwill="0.01"), by=person(Role.OPERATIONS))
        assert plan(order, wish(goodwill="200.00"), by=admin).amount == 200

    def test_once_the_order_is_cancelled_what_is_left_of_it_pays_for_nothing(self, order, admin):
        request(order, wish(("SHIRT", 5, CANCEL, "200.00"), shipping="500.00"), by=admin)
        Order.objects.update(status="cancelled", cancel_reason="staff", cancelled_at=clock.now())

        assert services.see_refundable(number=order).overpaid == 200


class TestSeveralPayments:
    @pytest.fixture
    def paid_twice(self, shirts):
        """An order of five shirts for 10,000 with shipping: 6,000 came first, then 4,000."""
        sell("COAT", "1900.00", stock=10)
        number = placed(guest(), ("COAT", 5), total="10000.00")["number"]
        return number, pay_online(number, "6000.00"), pay_online(number, "4000.00")

    def test_one_plan_is_a_refund_of_each_within_its_payment_the_newest_first(
        self, paid_twice, admin, gateway
    ):
        number, first, second = paid_twice

        refunds = request(number, wish(("COAT", 4, CANCEL), goodwill="400.00"), by=admin)

        assert [(one.payment_id, one.amount) for one in refunds] == [
            (second.pk, 4000),
            (first.pk, 4000),
        ]
        assert (money(first), money(second)) == ((6000, 4000, 0), (4000, 4000, 0))
        pieces = [[(line.quantity, line.amount) for line in one.lines.all()] for one in refunds]
        assert pieces == [[(0, 4000)], [(4, 3600)]]
        assert [execute(one).state for one in refunds] == ["succeeded"] * 2
        assert gateway.asked == [f"rf-{one.pk}-1" for one in refunds]

    @pytest.mark.parametrize("failing", [0, 1])
    def test_when_one_fails_the_other_stands_and_the_rest_can_be_had(
        self, paid_twice, admin, gateway, failing
    ):
        number, *_ = paid_twice
        refunds = request(number, wish(("COAT", 4, CANCEL), goodwill="400.00"), by=admin)
        for place, one in enumerate(refunds):
            gateway.answers = ["refused"] if place == failing else []
            execute(one)
        assert [now(one).state for one in refunds].count("failed") == 1
        seen = services.see_refundable(number=number)
        assert (seen.left, seen.committed) == (6000, 4000)
        assert refunded_lines(number) == [("COAT", [3600, 4000][failing])]

        failed = now(refunds[failing])
        services.retry_refund(
            number=failed.number,
            version=failed.version,
            user_id=admin,
            at=clock.now(),
            by_hand=True,
        )
        services.record_manual_refund(
            number=failed.number, bank_reference="TRF-1", user_id=admin, at=clock.now()
        )

        assert Order.objects.get(number=number).refunded_total == 8000
        assert refunded_lines(number) == [("COAT", 7600)]

    def test_what_is_owed_for_refunded_units_can_be_asked_for_anew(
        self, paid_twice, admin, gateway
    ):
        number, *_ = paid_twice
        gateway.answers = ["refused"]
        for one in request(number, wish(("COAT", 4, CANCEL)), by=admin):
            execute(one)
        (line,) = services.see_refundable(number=number).lines
        assert (line.units, line.amount, line.owed) == (4, 3600, 4000)

        (refund,) = request(number, wish(("COAT", 0, CANCEL)), by=admin)

        assert refund.amount == 4000
        assert OrderLine.objects.get(order__number=number).refunded == 7600

    def test_all_that_is_left_is_the_same_money(self, paid_twice, admin, gateway):
        number, *payments = paid_twice
        wanted = wish(("COAT", 5, CANCEL), shipping="500.00")

        for one in request(number, wanted, by=admin):
            execute(one)

        assert [money(one) for one in payments] == [(6000,) * 3, (4000,) * 3]
        assert Refund.objects.filter(state="succeeded").count() == 2
