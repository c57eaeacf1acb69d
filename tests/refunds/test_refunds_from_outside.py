"""Money that left without us: given back at the provider, or taken back by a bank."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.mail.models import Mail
from refunds import services
from refunds.models import Refund
from shop.orders.models import Order
from shop.payments.models import GatewayEvent
from shop.payments.services import apply_event
from tests.refunds.refunding import (
    CANCEL,
    FAILED,
    PENDING,
    SUCCEEDED,
    apply,
    execute,
    money,
    now,
    outside,
    person,
    request,
    told_of,
    used_today,
    wish,
)


def test_what_somebody_gave_back_at_the_provider_is_a_refund(order, payment, run_jobs):
    told = apply(outside(payment, "1000.00"), payment)

    assert told.outcome == "applied"
    refund = Refund.objects.get()
    assert (refund.source, refund.state, refund.amount, refund.goodwill) == (
        "external",
        "succeeded",
        1000,
        1000,
    )
    assert (refund.requested_by, refund.provider_id) == (None, "re_outside")
    assert refund.credit_note.number == f"CN-{clock.now().year}-000001"
    assert money(payment) == (8000, 1000, 1000)
    assert Order.objects.get(number=order).payment_status == "partly_refunded"
    run_jobs()
    assert not Mail.objects.filter(kind="refund_succeeded").exists()


def test_a_chargeback_is_one_too(payment):
    told = apply(outside(payment, "8000.00", is_chargeback=True), payment)

    assert (told.outcome, told.refund.source) == ("applied", "chargeback")
    assert money(payment) == (8000, 8000, 8000)


def test_told_again_it_counts_once(payment):
    apply(outside(payment, "1000.00"), payment)

    assert apply(outside(payment, "1000.00"), payment).outcome == "ignored"
    assert money(payment) == (8000, 1000, 1000)


@pytest.mark.parametrize("outcome", [PENDING, FAILED])
def test_what_has_not_gone_is_not_booked(payment, outcome):
    assert apply(outside(payment, "1000.00", outcome=outcome), payment).outcome == "ignored"
    assert not Refund.objects.exists()


def test_beyond_what_the_payment_has_it_is_an_exception(order, payment, admin):
    request(order, wish(goodwill="7500.00"), by=admin)

    told = apply(outside(payment, "1000.00", is_chargeback=True), payment)

    assert (told.outcome, told.refund.amount) == ("excess", 500)
    assert told.why == "1000.00 went back, and 500.00 of it is beyond what this payment has."
    assert money(payment) == (8000, 8000, 500)
    nothing_left = apply(outside(payment, "1.00", provider_id="re_more"), payment)
    assert (nothing_left.outcome, nothing_left.refund) == ("excess", None)


def test_that_money_came_back_from_a_bank_is_for_somebody_to_look_at(payment):
    apply(outside(payment, "1000.00"), payment)

    told = apply(outside(payment, "1000.00", outcome=FAILED), payment)

    assert told.outcome == "mismatch"
    assert now(told.refund).state == "succeeded"


@pytest.mark.parametrize("changes", [{"currency": "USD"}, {"amount": Decimal(0)}])
def test_what_cannot_be_of_this_payment_is_not_booked(payment, changes):
    fact = outside(payment, **{"amount": "1.00", **changes})

    assert apply(fact, payment).outcome == "mismatch"
    assert not Refund.objects.exists()


def test_success_of_an_attempt_that_failed_is_money_beyond_the_next_one(
    order, payment, admin, gateway
):
    gateway.answers = [FAILED]
    (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
    failed = execute(refund)
    late = told_of(failed, SUCCEEDED)
    services.retry_refund(
        number=refund.number, version=failed.version, user_id=admin, at=clock.now()
    )
    execute(refund)

    told = apply(late, payment)

    assert (told.outcome, told.refund.source) == ("applied", "external")
    assert money(payment) == (8000, 3000, 3000)


def test_an_event_in_the_inbox_is_booked_when_it_is_applied(order, payment, settings):
    settings.PAYSTACK_SECRET_KEY = "sk_test_0123456789abcdef0123456789abcdef01234567"
    event = GatewayEvent.objects.create(
        provider="paystack",
        fact="refund:re_1:succeeded",
        kind="refund.processed",
        source="webhook",
        subject="chargeback",
        reference=payment.reference,
        refund_number="re_1",
        result="succeeded",
        amount=Decimal(9000),
        currency="NGN",
        is_live=False,
        merchant="",
        received_at=clock.now(),
    )

    applied = apply_event(event_id=event.pk, at=clock.now())

    assert (applied.outcome, applied.is_open_exception) == ("excess", True)
    assert money(payment) == (8000, 8000, 8000)
    assert Refund.objects.get().source == "chargeback"


class TestGivenUpAndGivenBackAllTheSame:
    """A refund that we gave up, and of which the provider says that it went."""

    def test_of_a_cancelled_one_the_money_is_booked_as_from_outside(self, order, payment, admin):
        (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
        services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())
        fact = told_of(refund)

        told = apply(fact, payment)

        assert (told.outcome, told.refund.source, told.refund.goodwill) == (
            "applied",
            "external",
            1500,
        )
        assert (now(refund).state, now(told.refund).provider_id) == ("cancelled", fact.provider_id)
        assert money(payment) == (8000, 1500, 1500)
        assert apply(fact, payment).outcome == "ignored"
        assert Refund.objects.count() == 2

    def test_so_it_is_of_a_rejected_one(self, order, payment, admin):
        supervisor = person(Role.SUPERVISOR)
        services.change_policy(
            role=Role.SUPERVISOR,
            limits=services.Limits(max_per_refund=1, max_per_day=1, may_goodwill=True),
        )
        (refund,) = request(order, wish(goodwill="100.00"), by=supervisor)
        services.reject_refund(number=refund.number, answer="No.", user_id=admin, at=clock.now())

        told = apply(told_of(refund), payment)

        assert (told.outcome, told.refund.source) == ("applied", "external")
        assert (now(refund).state, money(payment)) == ("rejected", (8000, 100, 100))

    def test_a_failed_one_went_after_all(self, order, payment, admin, gateway):
        gateway.answers = [FAILED]
        (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
        failed = execute(refund)

        assert used_today(admin) == 0

        told = apply(told_of(failed), payment)

        assert (told.outcome, now(refund).state) == ("applied", "succeeded")
        assert (money(payment), used_today(admin)) == ((8000, 1500, 1500), 1500)

    def test_a_failed_one_whose_units_were_refunded_otherwise_is_money_from_outside(
        self, order, payment, admin, gateway
    ):
        gateway.answers = [FAILED]
        (refund,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
        failed = execute(refund)
        (instead,) = request(order, wish(("SHIRT", 1, CANCEL)), by=admin)
        execute(instead)
        fact = told_of(failed)

        told = apply(fact, payment)

        assert (told.outcome, told.refund.source) == ("applied", "external")
        assert (now(refund).state, now(refund).provider_id) == ("failed", "")
        assert (now(told.refund).provider_id, money(payment)) == (
            fact.provider_id,
            (8000, 3000, 3000),
        )
        assert apply(fact, payment).outcome == "ignored"
        assert apply(told_of(failed, FAILED), payment).outcome == "ignored"

    def test_another_amount_than_we_wanted_is_booked_as_it_went(self, order, payment, admin):
        (refund,) = request(order, wish(goodwill="100.00"), by=admin)
        services.cancel_refund(number=refund.number, user_id=admin, at=clock.now())

        told = apply(told_of(refund, amount=Decimal(60)), payment)

        assert (told.outcome, told.refund.amount) == ("applied", 60)


class TestTwiceUnderOneKey:
    """The provider made two refunds of what we asked for once, each with a number of its own."""

    def test_the_second_is_booked_as_from_outside(self, order, payment, admin, gateway):
        done = execute(request(order, wish(("SHIRT", 1, CANCEL)), by=admin)[0])
        again = told_of(done, provider_id="re_again")

        told = apply(again, payment)

        assert (told.outcome, told.refund.source, told.refund.amount) == (
            "applied",
            "external",
            1500,
        )
        assert (now(done).state, now(done).provider_id) == ("succeeded", f"re_{done.key}")
        assert money(payment) == (8000, 3000, 3000)
        assert apply(again, payment).outcome == "ignored"

    def test_while_the_first_is_on_its_way_it_is_for_staff_to_say(
        self, order, payment, admin, gateway
    ):
        gateway.answers = [PENDING]
        waiting = execute(request(order, wish(("SHIRT", 1, CANCEL)), by=admin)[0])

        told = apply(told_of(waiting, provider_id="re_again"), payment)

        assert (told.outcome, told.refund) == ("mismatch", waiting)
        assert (now(waiting).state, money(payment)) == ("processing", (8000, 1500, 0))

    def test_beyond_what_the_payment_has_it_is_an_exception(self, order, payment, admin, gateway):
        done = execute(request(order, wish(goodwill="8000.00"), by=admin)[0])

        told = apply(told_of(done, provider_id="re_again"), payment)

        assert (told.outcome, told.refund) == ("excess", None)
        assert money(payment) == (8000, 8000, 8000)


def test_under_the_key_of_a_refund_by_hand_it_is_money_from_outside(order, payment, admin):
    (by_hand,) = request(order, wish(("SHIRT", 1, CANCEL), by_hand=True), by=admin)

    told = apply(told_of(by_hand), payment)

    assert (told.outcome, told.refund.source) == ("applied", "external")
    assert (now(by_hand).state, money(payment)) == ("approved", (8000, 3000, 1500))
