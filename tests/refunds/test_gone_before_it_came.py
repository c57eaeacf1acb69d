"""Money that went back before its charge was told of, or from a charge that staff booked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from mdv.kernel import clock
from refunds.models import Refund
from refunds.services import leave_refund_event
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import apply_to_order, apply_waiting_events
from tests.ops.simulators import STRIPE_KEY
from tests.payments.notices import SECRET, begun, now, online_order, payment_of, send, told

CHARGE = 4711


@pytest.fixture
def online(shirts, settings):
    """An order of 8,000 that waits to be paid online."""
    settings.PAYSTACK_SECRET_KEY = SECRET
    settings.STRIPE_SECRET_KEY = STRIPE_KEY
    return online_order(("SHIRT", 5), total="8000.00")


def paid(reference, kobo=800_000):
    assert send(told(reference, id=CHARGE, amount=kobo)).status_code == 200


def charged_back(reference, kobo=800_000, dispute=1):
    notice = {
        "event": "charge.dispute.resolve",
        "data": {
            "id": dispute,
            "resolution": "merchant-accepted",
            "refund_amount": kobo,
            "currency": "NGN",
            "domain": "test",
            "transaction": {"id": CHARGE, "reference": reference},
        },
    }
    assert send(notice).status_code == 200


def went_back():
    return GatewayEvent.objects.get(subject="chargeback")


def state(order):
    found = now(order)
    return found.status, found.captured_total, found.taken_back_total, found.due


@pytest.mark.parametrize("is_told_first", [False, True])
def test_in_whichever_order_they_are_told_the_books_say_the_same(online, is_told_first):
    reference = begun(online).reference
    steps = [paid, charged_back]

    for step in reversed(steps) if is_told_first else steps:
        step(reference)

    assert state(online) == ("confirmed", 8000, 8000, 8000)
    assert (went_back().outcome, went_back().payment) == ("applied", payment_of(online))
    assert Refund.objects.get().source == "chargeback"


def test_until_it_comes_it_is_for_somebody_to_look_at(online):
    reference = begun(online).reference

    charged_back(reference)
    charged_back(reference)

    assert (went_back().outcome, went_back().is_open_exception) == ("orphan", True)
    assert went_back().error == "The money that went back has not come yet."
    assert state(online) == ("pending", 0, 0, 8000)


def test_what_somebody_has_settled_is_not_judged_again(online, admin):
    reference = begun(online).reference
    charged_back(reference)
    leave_refund_event(event_id=went_back().pk, note="a test", user_id=admin, at=clock.now())

    paid(reference)

    assert went_back().outcome == "orphan"
    assert state(online) == ("confirmed", 8000, 0, 0)


def test_what_became_of_any_other_event_is_still_said_once(online, admin):
    charged_back("P-UNKNOWN")
    paid("P-UNKNOWN")
    charge = GatewayEvent.objects.filter(subject="charge")
    settled = GatewayEvent.objects.filter(subject="chargeback")
    leave_refund_event(event_id=settled.get().pk, note="a test", user_id=admin, at=clock.now())

    for events in (charge, settled):
        with pytest.raises(IntegrityError, match="for good"), transaction.atomic():
            events.update(outcome="ignored")


def test_one_that_names_the_providers_number_alone_is_judged_once_that_is_known(online):
    payment = begun(online)
    Payment.objects.filter(pk=payment.pk).update(provider="stripe", provider_id="cs_1")
    facts = {
        "provider": "stripe",
        "source": "webhook",
        "provider_id": "pi_1",
        "result": "succeeded",
        "amount": Decimal(8000),
        "currency": "NGN",
        "is_live": False,
        "received_at": clock.now(),
    }
    gone = GatewayEvent.objects.create(
        fact="gone", kind="refund.updated", subject="refund", refund_number="re_1", **facts
    )
    apply_waiting_events(at=clock.now())
    gone.refresh_from_db()
    assert gone.outcome == "orphan"

    GatewayEvent.objects.create(
        fact="paid", kind="checkout.session.completed", reference=payment.reference, **facts
    )
    apply_waiting_events(at=clock.now())

    gone.refresh_from_db()
    assert (gone.outcome, state(online)) == ("applied", ("confirmed", 8000, 8000, 8000))


class TestOfAChargeThatStaffBooked:
    """Its reference was not one of ours, so it is booked under the provider's number."""

    @pytest.fixture
    def booked(self, online, admin):
        paid("P-UNKNOWN")
        orphan = GatewayEvent.objects.get(subject="charge")
        apply_to_order(event_id=orphan.pk, number=online["number"], user_id=admin, at=clock.now())
        return Payment.objects.get(reference=str(CHARGE))

    def test_a_chargeback_is_booked(self, online, booked):
        charged_back("P-UNKNOWN")

        assert (went_back().outcome, went_back().payment) == ("applied", booked)
        assert state(online) == ("confirmed", 8000, 8000, 8000)

    def test_news_that_names_the_reference_alone_finds_it(self, booked, providers_refund):
        notice = {
            "event": "refund.processed",
            "data": {
                "status": "processed",
                "transaction_reference": "P-UNKNOWN",
                "refund_reference": None,
                "amount": "100000",
                "currency": "NGN",
                "domain": "test",
            },
        }
        assert send(notice).status_code == 200

        apply_waiting_events(at=clock.now() + timedelta(hours=1))

        assert providers_refund == [(str(CHARGE), str(CHARGE))]
        assert GatewayEvent.objects.get(kind="refund.processed").payment == booked

    @pytest.fixture
    def providers_refund(self, monkeypatch):
        """Which payments the provider was asked for the refunds of: reference and number."""
        asked = []

        def refunds_of(self, *, reference, payment_provider_id):
            asked.append((reference, payment_provider_id))
            return []

        monkeypatch.setattr("shop.payments.gateways.paystack.Paystack.refunds_of", refunds_of)
        return asked

    def test_one_told_before_it_was_booked_is_judged_within_a_minute(self, online, admin):
        charged_back("P-UNKNOWN")
        paid("P-UNKNOWN")
        orphan = GatewayEvent.objects.get(subject="charge")
        apply_to_order(event_id=orphan.pk, number=online["number"], user_id=admin, at=clock.now())

        apply_waiting_events(at=clock.now())

        assert went_back().outcome == "applied"
        assert state(online) == ("confirmed", 8000, 8000, 8000)
