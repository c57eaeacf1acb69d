"""The inbox: what a provider tells is stored once, believed as far as it fits, and never lost."""

import json
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from mdv.kernel import clock
from shop.orders.models import Order
from shop.orders.services import cancel_order
from shop.orders.services.cancel_order import expire_orders
from shop.orders.states import CancelReason
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import apply_event, apply_waiting_events, take_events
from tests.orders.ordering import available
from tests.payments.notices import begun, event, now, payment_of, send, told

pytestmark = pytest.mark.django_db


def state(order):
    found = now(order)
    return found.status, found.payment_status, found.captured_total


class TestAsItShouldBe:
    def test_the_money_is_booked_and_the_order_confirmed(self, order, payment):
        answer = send(told(payment, id=77, channel="card"))

        assert answer.status_code == 200
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        booked = payment_of(order)
        assert (booked.state, booked.captured, booked.provider_id) == ("captured", 2000, "77")
        assert (booked.channel, booked.next_look_at) == ("card", None)
        stored = event()
        assert (stored.outcome, stored.payment_id, stored.error) == ("applied", payment.pk, "")
        assert json.loads(bytes(stored.body))["data"]["id"] == 77

    def test_told_twenty_times_it_counts_once(self, order, payment):
        notice = told(payment)

        answers = [send(notice).status_code for _ in range(20)]

        assert answers == [200] * 20
        assert GatewayEvent.objects.count() == 1
        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    def test_the_trail_says_that_a_webhook_did_it(self, order, payment):
        send(told(payment), **{"X-Request-ID": "notice-0001"})

        entry = AuditEntry.objects.get(content_type__model="payment", action=1)
        assert entry.changes["state"] == ["initiated", "captured"]
        assert (entry.actor_kind, entry.actor_email) == ("gateway", "paystack")
        assert (entry.source, entry.cid, entry.remote_addr) == (
            "webhook",
            "notice-0001",
            "127.0.0.1",
        )

    @pytest.mark.parametrize("status", ["failed", "abandoned"])
    def test_success_after_all_is_real_money(self, order, payment, status):
        Payment.objects.filter(pk=payment.pk).update(state=status)

        send(told(payment))

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        assert event().outcome == "applied"

    def test_what_says_nothing_of_a_payment_is_stored_and_ignored(self, order, payment):
        notice = told(payment)
        notice["event"] = "subscription.create"

        assert send(notice).status_code == 200
        assert event().outcome == "ignored"
        assert state(order) == ("pending", "unpaid", 0)


class TestAsItShouldNotBe:
    def test_one_kobo_short_is_booked_and_the_order_waits(self, order, payment):
        send(told(payment, amount=199_999))

        assert state(order) == ("pending", "partly_paid", Decimal("1999.99"))
        assert (event().outcome, event().is_open_exception) == ("short", True)
        assert event().error == f"0.01 of {order['number']} is missing."

    def test_once_the_rest_is_paid_the_exception_is_settled_by_itself(self, order, payment):
        send(told(payment, amount=199_999))
        send(told(begun(order)))

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        assert not GatewayEvent.objects.open_exceptions().exists()
        short = GatewayEvent.objects.get(outcome="short")
        assert short.resolution == "The rest was paid."

    def test_more_than_was_due_is_booked_and_shown(self, order, payment):
        send(told(payment, amount=200_001))

        assert state(order) == ("confirmed", "overpaid", Decimal("2000.01"))
        assert (event().outcome, event().is_open_exception) == ("excess", True)

    def test_paid_twice_both_are_booked_and_the_second_is_shown(self, order, payment):
        Payment.objects.filter(pk=payment.pk).update(state="failed")
        second = begun(order)

        send(told(second))
        send(told(payment))

        assert state(order) == ("confirmed", "overpaid", Decimal("4000.00"))
        assert GatewayEvent.objects.open_exceptions().get().outcome == "excess"

    def test_money_for_an_order_that_expired_is_booked_and_shown(self, order, payment):
        Order.objects.update(expires_at=clock.now())
        assert expire_orders(at=clock.now()) == 1

        send(told(payment))

        assert state(order) == ("cancelled", "paid", Decimal("2000.00"))
        assert (event().outcome, event().is_open_exception) == ("late", True)
        assert available("SHIRT") == 10

    def test_money_for_an_order_that_was_cancelled_is_booked_and_shown(self, order, payment):
        cancel_order(number=order["number"], reason=CancelReason.CUSTOMER, at=clock.now())

        send(told(payment))

        assert state(order) == ("cancelled", "paid", Decimal("2000.00"))
        assert event().outcome == "late"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"currency": "USD"}, "USD 2000.00 came instead of NGN."),
            ({"domain": "live"}, "It is about real money, and the shop's keys are not."),
        ],
    )
    def test_what_does_not_fit_is_not_booked_and_shown(self, order, payment, changes, why):
        send(told(payment, **changes))

        assert state(order) == ("pending", "unpaid", 0)
        assert payment_of(order).state == "initiated"
        assert (event().outcome, event().error, event().is_open_exception) == (
            "mismatch",
            why,
            True,
        )

    def test_a_second_charge_under_one_reference_is_shown(self, order, payment):
        send(told(payment, id=1))
        send(told(payment, id=2))

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
        odd = GatewayEvent.objects.open_exceptions().get()
        assert (odd.outcome, odd.provider_id) == ("mismatch", "2")

    def test_money_for_no_payment_of_ours_is_kept_and_shown(self, order):
        assert send(told("P-UNKNOWN", amount=12_345)).status_code == 200

        assert (event().outcome, event().amount) == ("orphan", Decimal("123.45"))
        assert event().is_open_exception
        assert not Payment.objects.exists()

    def test_what_is_signed_and_cannot_be_read_is_kept_and_shown(self, order):
        assert send(b'{"event": "charge.success", "data": []}').status_code == 200
        assert send(b"not json").status_code == 200
        assert send(b"not json").status_code == 200

        assert [found.outcome for found in GatewayEvent.objects.open_exceptions()] == [
            "mismatch"
        ] * 2


class TestForged:
    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Paystack-Signature": ""},
            {"X-Paystack-Signature": "0" * 128},
            {"X-Paystack-Signature": "é" * 128},
            {"X-Paystack-Signature": "\x00"},
        ],
    )
    def test_a_bad_signature_is_refused_and_nothing_is_stored(self, order, payment, headers):
        answer = send(told(payment), **headers)

        assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")
        assert not GatewayEvent.objects.exists()
        assert state(order) == ("pending", "unpaid", 0)

    def test_with_another_secret_or_none_it_is_refused(self, order, payment, settings):
        assert send(told(payment), secret="sk_test_other").status_code == 403
        assert send(told(payment), secret="").status_code == 403
        settings.PAYSTACK_SECRET_KEY = ""
        assert send(told(payment), secret="").status_code == 404
        assert not GatewayEvent.objects.exists()

    def test_the_other_providers_door_does_not_take_it(self, order, payment):
        assert send(told(payment), path="/api/v1/webhooks/stripe").status_code in {403, 404}
        assert not GatewayEvent.objects.exists()

    def test_a_body_that_is_too_long_is_413(self, order, payment):
        answer = send(told(payment, padding="x" * 256 * 1024))

        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert not GatewayEvent.objects.exists()

    @pytest.mark.usefixtures("paystack")
    @pytest.mark.parametrize(
        "body", [b"", b"\xff", b"null", b"[]", b'{"event": 1}', b"[" * 100_000, b'{"data": NaN}']
    )
    def test_junk_never_fails(self, body):
        assert send(body).status_code == 200
        assert send(body, **{"X-Paystack-Signature": "junk"}).status_code == 403

    @pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
    def test_only_post_is_taken(self, client, method):
        assert getattr(client, method)("/api/v1/webhooks/paystack").status_code == 405


class TestStoredIsStored:
    @pytest.fixture
    def interrupted(self, monkeypatch, payment):
        """A notice that was stored, and whose process died before it was applied."""
        with monkeypatch.context() as patched:
            patched.setattr(take_events, "apply_event", lambda **_: event())
            assert send(told(payment)).status_code == 200
        assert event().outcome == "received"

    def test_the_job_applies_what_was_left(self, order, interrupted, run_jobs):
        assert apply_waiting_events(at=clock.now()) == 1
        assert apply_waiting_events(at=clock.now()) == 0

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    def test_what_was_applied_is_not_applied_again(self, order, interrupted):
        for _ in range(2):
            apply_event(event_id=event().pk, at=clock.now())

        assert state(order) == ("confirmed", "paid", Decimal("2000.00"))

    @pytest.mark.parametrize(
        "changes", [{"amount": Decimal(1)}, {"body": b"{}"}, {"fact": "other"}, {"result": "x"}]
    )
    def test_what_was_told_cannot_be_changed(self, order, interrupted, changes):
        with pytest.raises(IntegrityError), transaction.atomic():
            GatewayEvent.objects.update(**changes)
        with pytest.raises(IntegrityError), transaction.atomic():
            GatewayEvent.objects.all().delete()
