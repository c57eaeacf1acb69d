"""What providers tell of refunds: handed to whoever takes them, once, with everything locked."""

import hashlib
import hmac
import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mdv.kernel import clock
from shop.payments import services
from shop.payments.gateways import gateway_of
from shop.payments.gateways.base import RefundFact, RefundOutcome, RefundWanted
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import refund_events
from shop.payments.states import EventOutcome
from tests.ops.simulators import PAYSTACK_KEY, STRIPE_KEY, WEBHOOK_SECRET
from tests.payments.gateways.notices import STRIPE_DISPUTE, STRIPE_REFUND, stripe_event_about
from tests.payments.notices import begun, now, send, told

pytestmark = pytest.mark.django_db

AN_HOUR = timedelta(hours=1)


class Taker:
    """Takes refunds, and remembers what it was given. ``says`` is its judgement.

    While it ``stumbles`` it writes something and fails.
    """

    def __init__(self):
        self.given = []
        self.says = (EventOutcome.APPLIED, "")
        self.stumbles = False

    def __call__(self, event, at):
        assert connection.in_atomic_block
        assert event.payment.order.number
        if self.stumbles:
            Payment.objects.filter(pk=event.payment.pk).update(next_look_at=at)
            raise IntegrityError
        self.given.append(
            (event.subject, event.refund_reference, event.refund_number, event.result)
        )
        return self.says


@pytest.fixture
def nobody(monkeypatch):
    """A shop in which nobody takes refunds."""
    monkeypatch.setattr(refund_events, "_handlers", [])


@pytest.fixture
def taker(nobody):
    taker = Taker()
    services.take_refunds_with(taker)
    return taker


@pytest.fixture
def stripe_keys(settings):
    settings.STRIPE_SECRET_KEY = STRIPE_KEY
    settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET


@pytest.fixture
def paid(order, stripe_keys):
    """A payment of 2,000 at Stripe."""
    payment = begun(order)
    Payment.objects.filter(pk=payment.pk).update(provider="stripe", provider_id="cs_1")
    GatewayEvent.objects.create(
        provider="stripe",
        fact="paid",
        kind="checkout.session.completed",
        source="webhook",
        reference=payment.reference,
        provider_id="pi_1",
        result="succeeded",
        amount=Decimal(2000),
        currency="NGN",
        is_live=False,
        received_at=clock.now(),
    )
    services.apply_waiting_events(at=clock.now())
    return Payment.objects.get(pk=payment.pk, captured=2000)


def tell(thing, kind="refund.updated", **event):
    """Send an event as Stripe does."""
    body = json.dumps(stripe_event_about(thing, kind, **event)).encode()
    moment = int(clock.now().timestamp())
    signature = hmac.new(WEBHOOK_SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    headers = {"Stripe-Signature": f"t={moment},v1={signature.hexdigest()}"}
    answer = Client().post(
        "/api/v1/webhooks/stripe", body, content_type="application/json", headers=headers
    )
    assert answer.status_code == 200
    return GatewayEvent.objects.order_by("-id").first()


def refund_fact(payment, **changes):
    facts = {
        "key": "rf-1-1",
        "provider_id": "re_1",
        "reference": payment.reference,
        "payment_provider_id": payment.provider_id,
        "outcome": RefundOutcome.SUCCEEDED,
        "amount": Decimal("1500.00"),
        "currency": "NGN",
        "is_live": False,
    }
    return RefundFact(**facts | changes)


class TestTaken:
    def test_it_is_stored_as_it_was_told_and_judged(self, paid, taker):
        event = tell(STRIPE_REFUND)

        assert taker.given == [("refund", "rf-1-1", "re_1", "succeeded")]
        assert (event.outcome, event.payment, event.amount) == ("applied", paid, Decimal(1500))
        assert (event.reference, event.provider_id, event.currency) == ("", "pi_1", "NGN")

    def test_each_outcome_is_judged_once_however_often_it_is_told(self, paid, taker):
        for status in ("pending", "succeeded", "pending", "succeeded"):
            tell({**STRIPE_REFUND, "status": status})
        services.take_refund_look_up(
            gateway=gateway_of("stripe"), refund=refund_fact(paid), at=clock.now()
        )

        assert [given[-1] for given in taker.given] == ["pending", "succeeded"]
        assert GatewayEvent.objects.filter(subject="refund").count() == 2

    def test_a_look_up_leaves_an_event_too(self, paid, taker):
        refund = refund_fact(paid, outcome=RefundOutcome.FAILED, failure="expired card")

        event = services.take_refund_look_up(
            gateway=gateway_of("stripe"), refund=refund, at=clock.now()
        )

        assert (event.source, event.kind, event.failure) == (
            "look_up",
            "look-up failed",
            "expired card",
        )
        assert taker.given == [("refund", "rf-1-1", "re_1", "failed")]

    def test_a_chargeback_is_told_from_a_refund(self, paid, taker):
        tell(STRIPE_DISPUTE, "charge.dispute.funds_withdrawn")

        assert taker.given == [("chargeback", "", "dp_1", "succeeded")]

    def test_the_judgement_is_kept_for_staff(self, paid, taker):
        taker.says = (EventOutcome.EXCESS, "More than was captured.")

        event = tell(STRIPE_REFUND)

        assert (event.outcome, event.error) == ("excess", "More than was captured.")
        assert event.is_open_exception

    def test_what_cannot_be_judged_now_waits_and_is_judged_later(self, paid, taker):
        taker.stumbles = True
        event = tell(STRIPE_REFUND)
        assert event.outcome == "received"
        assert Payment.objects.get(pk=paid.pk).next_look_at is None

        taker.stumbles = False
        assert services.apply_waiting_events(at=clock.now()) == 1
        assert [given[-1] for given in taker.given] == ["succeeded"]

    def test_only_one_may_take_them(self, taker):
        services.take_refunds_with(taker)
        with pytest.raises(RuntimeError, match="taken by"):
            services.take_refunds_with(Taker())


class TestNotHandedOn:
    def test_without_anybody_to_take_it_money_that_went_back_is_shown(self, paid, nobody):
        event = tell(STRIPE_REFUND)

        assert (event.outcome, event.error) == ("mismatch", "Money went back to the customer.")
        assert event.is_open_exception
        assert tell({**STRIPE_REFUND, "id": "re_2", "status": "pending"}).outcome == "ignored"

    @pytest.mark.parametrize(
        ("changes", "event", "why"),
        [
            ({}, {"livemode": True}, "It is about real money, and the shop's keys are not."),
            ({}, {"account": "acct_9"}, "It is for another account, acct_9."),
            ({"currency": "usd"}, {}, "USD 1500.00 went back instead of NGN."),
        ],
    )
    def test_what_does_not_fit_the_payment_is_shown(self, paid, taker, changes, event, why):
        found = tell({**STRIPE_REFUND, **changes}, **event)

        assert (found.outcome, found.error) == ("mismatch", why)
        assert taker.given == []

    def test_money_that_went_back_from_no_payment_of_ours_is_shown_and_cannot_be_booked(
        self, order, stripe_keys, taker
    ):
        orphan = tell({**STRIPE_REFUND, "payment_intent": None})
        pending = tell({**STRIPE_REFUND, "payment_intent": "pi_other", "status": "pending"})

        assert (orphan.outcome, pending.outcome) == ("orphan", "ignored")
        with pytest.raises(services.NotForThisException):
            services.apply_to_order(
                event_id=orphan.pk, number=order["number"], user_id=1, at=clock.now()
            )
        assert now(order).captured_total == 0
        assert taker.given == []


def test_only_money_that_goes_back_has_a_refunds_number(order, payment):
    send(told(payment))

    with pytest.raises(IntegrityError), transaction.atomic():
        GatewayEvent.objects.create(
            provider="paystack", fact="odd", refund_number="1", received_at=clock.now()
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        GatewayEvent.objects.update(subject="refund")


class TestPaystack:
    """Its notices do not say of which refund they tell."""

    @pytest.fixture
    def paid(self, order, providers):
        payment = services.send_payment(reference=begun(order).reference, at=clock.now())
        providers.choose(payment.redirect_url)
        services.verify_payment(reference=payment.reference, at=clock.now())
        return Payment.objects.get(pk=payment.pk, captured=2000)

    @pytest.fixture
    def wanted(self, paid):
        return RefundWanted(
            key="rf-7-1",
            reference=paid.reference,
            payment_provider_id=paid.provider_id,
            amount=Decimal("700.00"),
            currency="NGN",
        )

    def news(self, paid, status="processed", **changes):
        data = {
            "status": status,
            "transaction_reference": paid.reference,
            "refund_reference": None,
            "amount": "70000",
            "currency": "NGN",
            "domain": "test",
        }
        notice = {"event": f"refund.{status}", "data": {**data, **changes}}
        assert send(notice, secret=PAYSTACK_KEY).status_code == 200
        return GatewayEvent.objects.order_by("-id").first()

    def test_the_provider_is_asked_which_it_is_once_the_minute_is_over(
        self, paid, providers, taker, wanted
    ):
        gateway_of("paystack").refund(wanted)
        event = self.news(paid)

        assert services.apply_waiting_events(at=event.received_at) == 0
        assert (event.outcome, taker.given) == ("received", [])

        assert services.apply_waiting_events(at=clock.now() + AN_HOUR) == 1
        assert taker.given == [
            (
                "refund",
                "rf-7-1",
                GatewayEvent.objects.get(source="look_up", subject="refund").refund_number,
                "succeeded",
            )
        ]
        event.refresh_from_db()
        assert (event.outcome, event.payment) == ("ignored", paid)

    def test_one_that_somebody_made_at_the_provider_is_found(self, paid, providers, taker):
        number = providers.control(provider="paystack", refund=paid.reference, amount=70_000)["id"]
        self.news(paid)

        services.apply_waiting_events(at=clock.now() + AN_HOUR)

        assert taker.given == [("refund", "", number, "succeeded")]

    def test_two_of_one_amount_are_both_found(self, paid, providers, taker):
        for minutes in (0, 1):
            with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
                providers.control(provider="paystack", refund=paid.reference, amount=10_000)
                self.news(paid, amount="10000")
                services.apply_waiting_events(at=clock.now() + timedelta(minutes=1))

        assert len({number for _, _, number, _ in taker.given}) == 2

    def test_while_the_provider_does_not_answer_it_waits(self, paid, providers, taker, wanted):
        gateway_of("paystack").refund(wanted)
        self.news(paid)
        providers.turn("paystack", answer="500", times=1)

        assert services.apply_waiting_events(at=clock.now() + AN_HOUR) == 0
        assert services.apply_waiting_events(at=clock.now() + AN_HOUR) == 1
        assert len(taker.given) == 1

    def test_news_of_no_payment_of_ours_is_shown(self, order, providers, taker):
        missing = Payment(reference="P-UNKNOWN")
        self.news(missing)
        self.news(missing, "pending")

        services.apply_waiting_events(at=clock.now() + AN_HOUR)

        outcomes = GatewayEvent.objects.order_by("id").values_list("outcome", flat=True)
        assert list(outcomes) == ["orphan", "ignored"]

    def test_news_of_money_that_never_came_is_shown(self, order, providers, taker):
        payment = services.send_payment(reference=begun(order).reference, at=clock.now())
        event = self.news(payment)

        services.apply_waiting_events(at=clock.now() + AN_HOUR)

        event.refresh_from_db()
        assert (event.outcome, event.error) == ("mismatch", "It is about money that never came.")
