"""From the wish to the credit note: what each step of a refund does, and what it refuses."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from mdv.events.models import Event
from mdv.kernel import clock
from mdv.kernel.states import InvalidTransition
from mdv.mail.models import Mail
from refunds import services
from refunds.models import Refund
from refunds.services.look_times import LOST_AFTER
from shop.orders.models import Order
from tests.refunds.refunding import (
    CANCEL,
    FAILED,
    PENDING,
    apply,
    everything,
    execute,
    later,
    money,
    now,
    person,
    plan,
    refunded_lines,
    request,
    told_of,
    used_today,
    wish,
)

ONE_SHIRT = wish(("SHIRT", 1, CANCEL))


def kinds(refund):
    events = Event.objects.filter(number=refund.number).order_by("id")
    return [event.kind.removeprefix("refund.") for event in events]


def order_money(number):
    order = Order.objects.get(number=number)
    return (order.captured_total, order.refunded_total, order.payment_status)


class TestWithinLimits:
    def test_a_refund_is_promised_asked_for_and_booked(self, order, payment, admin, gateway):
        (refund,) = request(order, ONE_SHIRT, by=admin)

        assert (refund.state, refund.amount, refund.approved_by_id) == ("approved", 1500, admin)
        assert money(payment) == (8000, 1500, 0)
        assert refunded_lines(order) == [("SHIRT", 1500)]
        assert order_money(order) == (8000, 0, "paid")
        assert used_today(admin) == 1500
        assert gateway.asked == []

        done = execute(refund)

        assert (done.state, done.provider_id) == ("succeeded", f"re_rf-{refund.pk}-1")
        assert gateway.asked == [f"rf-{refund.pk}-1"]
        assert money(payment) == (8000, 1500, 1500)
        assert order_money(order) == (8000, 1500, "partly_refunded")
        assert done.credit_note.number == f"CN-{clock.now().year}-000001"
        assert kinds(refund) == ["requested", "approved", "succeeded"]

    def test_it_is_asked_for_once(self, order, admin, gateway):
        (refund,) = request(order, ONE_SHIRT, by=admin)

        assert [execute(refund).state for _ in range(3)] == ["succeeded"] * 3
        assert len(gateway.asked) == 1

    def test_the_customer_hears_of_success_alone(self, order, admin, gateway, run_jobs):
        gateway.answers = ["refused"]
        (refund,) = request(order, ONE_SHIRT, by=admin)
        execute(refund)
        run_jobs()
        assert not Mail.objects.filter(kind="refund_succeeded").exists()

        services.retry_refund(
            number=refund.number, version=now(refund).version, user_id=admin, at=clock.now()
        )
        execute(refund)
        run_jobs()

        mail = Mail.objects.get(kind="refund_succeeded")
        assert (mail.to, mail.subject) == (
            "guest@example.com",
            f"₦1,500.00 of your order {order} goes back to you",
        )
        assert "1 × Shirt" in mail.text
        assert f"CN-{clock.now().year}-000001" in mail.text

    def test_what_nobody_asked_for_is_asked_for_by_a_job(self, order, admin, gateway):
        (refund,) = request(order, ONE_SHIRT, by=admin)

        assert services.execute_waiting_refunds(at=clock.now()) == 0
        assert services.execute_waiting_refunds(at=later()) == 1
        assert now(refund).state == "succeeded"
        assert services.execute_waiting_refunds(at=later()) == 0

    def test_a_refund_that_is_pending_waits_for_the_provider(self, order, payment, admin, gateway):
        gateway.answers = [PENDING]
        (refund,) = request(order, ONE_SHIRT, by=admin)

        assert execute(refund).state == "processing"
        assert apply(told_of(now(refund)), payment).outcome == "applied"
        assert now(refund).state == "succeeded"


class TestStalePlans:
    def test_when_another_refund_lands_nothing_moves_and_the_new_plan_is_told(
        self, order, admin, gateway
    ):
        seen = plan(order, ONE_SHIRT, by=admin)
        request(order, wish(("SHIRT", 2, CANCEL)), by=admin)
        before = everything()

        with pytest.raises(services.PlanHasChanged) as refusal:
            request(order, ONE_SHIRT, by=admin, plan_hash=seen.plan_hash)

        fresh = plan(order, ONE_SHIRT, by=admin)
        assert refusal.value.members == {"plan": fresh.facts(), "plan_hash": fresh.plan_hash}
        assert fresh.balances.committed_before == 3000
        assert everything() == before
        (refund,) = request(order, ONE_SHIRT, by=admin, plan_hash=fresh.plan_hash)
        assert refund.amount == 1500

    def test_limits_that_were_lowered_make_another_plan(self, order, admin):
        seen = plan(order, ONE_SHIRT, by=admin)
        limits = services.Limits(
            max_per_refund=Decimal(1000), max_per_day=Decimal(9000), may_goodwill=True
        )
        services.change_policy(role=Role.ADMIN, limits=limits)

        with pytest.raises(services.PlanHasChanged) as refusal:
            request(order, ONE_SHIRT, by=admin, plan_hash=seen.plan_hash)

        assert refusal.value.members["plan"]["approval"]["exceeded"] == "per_refund"
        assert not Refund.objects.exists()

    def test_a_plan_is_for_who_saw_it(self, order, admin):
        seen = plan(order, ONE_SHIRT, by=admin)

        with pytest.raises(services.PlanHasChanged):
            request(order, ONE_SHIRT, by=person(Role.SUPERVISOR), plan_hash=seen.plan_hash)


class TestWhatTheProviderDoes:
    def test_without_an_answer_the_money_stays_promised_until_a_look_up(
        self, order, payment, admin, gateway
    ):
        gateway.answers = ["lost"]
        (refund,) = request(order, ONE_SHIRT, by=admin)

        assert execute(refund).state == "unknown"
        assert money(payment) == (8000, 1500, 0)
        before = everything()
        with pytest.raises(InvalidTransition):
            services.retry_refund(
                number=refund.number, version=now(refund).version, user_id=admin, at=clock.now()
            )
        with pytest.raises(InvalidTransition):
            services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())
        assert execute(refund).state == "unknown"
        assert everything() == before

        settled = services.look_up_refund(number=refund.number, at=clock.now())

        assert settled.state == "succeeded"
        assert gateway.asked == [refund.key]
        assert list(gateway.held) == [refund.key]
        assert money(payment) == (8000, 1500, 1500)

    def test_a_job_looks_up_what_is_in_limbo(self, order, admin, gateway):
        gateway.answers = ["lost"]
        (refund,) = request(order, ONE_SHIRT, by=admin)
        execute(refund)

        assert services.look_up_refunds(at=clock.now()) == 0
        gateway.is_down = True
        assert services.look_up_refunds(at=later()) == 1
        assert (now(refund).state, gateway.asked) == ("unknown", [refund.key])
        gateway.is_down = False
        assert services.look_up_refunds(at=later() + timedelta(hours=1)) == 1
        assert now(refund).state == "succeeded"
        assert gateway.asked == [refund.key]

    def test_what_never_got_there_is_asked_for_again_under_the_same_key_after_a_while(
        self, order, admin, gateway
    ):
        gateway.answers = ["unreachable"]
        (refund,) = request(order, ONE_SHIRT, by=admin)
        execute(refund)

        early = services.look_up_refund(number=refund.number, at=clock.now())
        assert (early.state, gateway.asked) == ("unknown", [refund.key])

        done = services.look_up_refund(number=refund.number, at=clock.now() + LOST_AFTER)

        assert (done.state, done.attempt) == ("succeeded", 1)
        assert gateway.asked == [refund.key] * 2

    def test_what_the_provider_was_certainly_not_asked_for_is_still_to_do(
        self, order, payment, admin, gateway
    ):
        gateway.answers = ["not_asked"]
        (refund,) = request(order, ONE_SHIRT, by=admin)

        assert execute(refund).state == "approved"
        assert money(payment) == (8000, 1500, 0)
        assert services.execute_waiting_refunds(at=later()) == 1
        assert (now(refund).state, now(refund).attempt) == ("succeeded", 1)

    def test_a_no_releases_the_money_and_another_try_has_another_key(
        self, order, payment, admin, gateway
    ):
        gateway.answers = ["refused"]
        (refund,) = request(order, ONE_SHIRT, by=admin)

        failed = execute(refund)

        assert (failed.state, failed.failure) == ("failed", "Insufficient balance")
        assert money(payment) == (8000, 0, 0)
        assert refunded_lines(order) == [("SHIRT", 0)]
        assert used_today(admin) == 0

        again = services.retry_refund(
            number=refund.number, version=failed.version, user_id=admin, at=clock.now()
        )
        assert (again.state, again.attempt) == ("approved", 2)
        assert money(payment) == (8000, 1500, 0)
        assert execute(refund).state == "succeeded"
        assert gateway.asked == [f"rf-{refund.pk}-1", f"rf-{refund.pk}-2"]
        assert used_today(admin) == 1500
        assert kinds(refund) == ["requested", "approved", "failed", "approved", "succeeded"]

    def test_a_failed_refund_is_not_tried_again_once_its_money_went_otherwise(
        self, order, payment, admin, gateway
    ):
        gateway.answers = ["refused"]
        (refund,) = request(order, wish(goodwill="6000.00"), by=admin)
        version = execute(refund).version
        request(order, wish(goodwill="3000.00"), by=admin)
        before = everything()

        with pytest.raises(services.ExceedsRefundable) as refusal:
            services.retry_refund(
                number=refund.number, version=version, user_id=admin, at=clock.now()
            )

        assert refusal.value.members["left"] == "5000.00"
        assert everything() == before

    def test_what_failed_may_be_paid_by_hand(self, order, payment, admin, gateway):
        gateway.answers = ["refused"]
        (refund,) = request(order, ONE_SHIRT, by=admin)
        version = execute(refund).version

        services.retry_refund(
            number=refund.number, version=version, user_id=admin, at=clock.now(), by_hand=True
        )
        assert execute(refund).state == "approved"
        done = services.record_manual_refund(
            number=refund.number, bank_reference="TRF-9", user_id=admin, at=clock.now()
        )

        assert (done.state, done.bank_reference) == ("succeeded", "TRF-9")
        assert gateway.asked == [f"rf-{refund.pk}-1"]
        assert money(payment) == (8000, 1500, 1500)

    def test_a_notice_that_comes_before_the_answer_counts_once(
        self, order, payment, admin, gateway, monkeypatch
    ):
        (refund,) = request(order, ONE_SHIRT, by=admin)
        answer = gateway.refund

        def overtaken(wanted):
            fact = answer(wanted)
            assert apply(fact, payment).outcome == "applied"
            return fact

        monkeypatch.setattr(gateway, "refund", overtaken)

        assert execute(refund).state == "succeeded"
        assert money(payment) == (8000, 1500, 1500)
        assert apply(told_of(refund), payment).outcome == "ignored"
        assert kinds(refund) == ["requested", "approved", "succeeded"]

    def test_a_notice_that_it_failed_releases_the_money(self, order, payment, admin, gateway):
        gateway.answers = [PENDING]
        (refund,) = request(order, ONE_SHIRT, by=admin)
        execute(refund)

        assert apply(told_of(refund, FAILED), payment).outcome == "applied"

        assert (now(refund).state, now(refund).failure) == ("failed", "Account closed")
        assert money(payment) == (8000, 0, 0)

    def test_what_the_provider_says_of_another_amount_is_not_believed(
        self, order, payment, admin, gateway
    ):
        gateway.answers = [PENDING]
        (refund,) = request(order, ONE_SHIRT, by=admin)
        execute(refund)

        told = apply(told_of(refund, amount=Decimal(15)), payment)

        assert (told.outcome, told.why) == ("mismatch", "NGN 15 instead of NGN 1500.00.")
        assert now(refund).state == "processing"

    def test_a_failed_refund_that_went_through_after_all_is_booked(
        self, order, payment, admin, gateway
    ):
        gateway.answers = [FAILED]
        (refund,) = request(order, ONE_SHIRT, by=admin)
        assert execute(refund).state == "failed"

        assert apply(told_of(refund), payment).outcome == "applied"

        assert now(refund).state == "succeeded"
        assert money(payment) == (8000, 1500, 1500)

    def test_if_its_money_was_refunded_otherwise_somebody_has_to_look_at_it(
        self, order, payment, admin, gateway
    ):
        gateway.answers = [FAILED]
        (refund,) = request(order, wish(goodwill="6000.00"), by=admin)
        execute(refund)
        request(order, wish(goodwill="3000.00"), by=admin)

        assert apply(told_of(refund), payment).outcome == "excess"
        assert (now(refund).state, money(payment)) == ("failed", (8000, 8000, 5000))
