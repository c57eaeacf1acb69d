"""Notices that are signed and odd all the same: too long, for a test, of money that goes back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.payments import services
from shop.payments.models import GatewayEvent, Payment
from shop.payments.services import record_payment, waiting_events
from shop.payments.states import Channel
from tests.accounts.people import make_staff
from tests.payments.notices import begun, event, now, online_order, payment_of, send, told

pytestmark = pytest.mark.django_db


def state(order):
    found = now(order)
    return found.status, found.payment_status, found.captured_total


@pytest.mark.parametrize("length", [64, 65, 100])
def test_a_kind_with_a_long_name_is_stored_as_far_as_it_fits(order, length):
    answer = send({"event": "k" * length, "data": {"id": 1}})

    assert answer.status_code == 200
    assert (event().kind, event().outcome) == ("k" * 64, "ignored")


@pytest.mark.parametrize("accept", ["application/xml", "text/html", ";;", ""])
def test_whatever_answer_a_provider_takes_the_money_is_booked(order, payment, accept):
    answer = send(told(payment), Accept=accept)

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert state(order) == ("confirmed", "paid", Decimal("2000.00"))


@pytest.mark.parametrize("currency", ["NAIRA", "N1N", "NG", "", 1, None])
@pytest.mark.parametrize("status", ["success", "failed"])
def test_what_is_no_currency_is_kept_for_staff(order, payment, currency, status):
    answer = send(told(payment, currency=currency, status=status))

    assert answer.status_code == 200
    assert (event().outcome, event().kind) == ("mismatch", "unreadable")
    assert state(order) == ("pending", "unpaid", 0)


@pytest.mark.parametrize("amount", ["200000", 200_000.0, -200_000, True, None, 2**63])
def test_an_amount_that_is_no_whole_number_is_not_guessed_at(order, payment, amount):
    assert send(told(payment, amount=amount)).status_code == 200

    assert (event().outcome, event().kind) == ("mismatch", "unreadable")
    assert state(order) == ("pending", "unpaid", 0)


def test_money_beyond_any_order_waits_and_keeps_no_other_money_waiting(order, payment):
    record_payment(
        number=order["number"],
        amount=Decimal("1.00"),
        channel=Channel.CASH,
        reference="R-1",
        at=clock.now(),
    )
    other = begun(online_order(("SHIRT", 1), total="2000.00"))

    assert send(told(payment, amount=99_999_999_999_999)).status_code == 200
    ended(other)
    services.apply_waiting_events(at=clock.now())

    assert state(order) == ("pending", "partly_paid", Decimal("1.00"))
    waits, booked = GatewayEvent.objects.order_by("id").values_list("outcome", flat=True)
    assert (waits, booked) == ("received", "applied")


def ended(payment, result="failed", *, is_live=False):
    """A look-up that found a payment at its end, stored and not applied yet."""
    GatewayEvent.objects.create(
        provider="paystack",
        fact=f"ended {result}",
        kind=f"look-up {result}",
        source="look_up",
        reference=payment.reference,
        result=result,
        is_live=is_live,
        received_at=clock.now(),
    )


@pytest.mark.parametrize("result", ["failed", "abandoned"])
def test_a_payment_that_came_to_nothing_ends_and_the_order_waits_for_another(
    order, payment, result
):
    ended(payment, result)

    services.apply_waiting_events(at=clock.now())

    found = payment_of(order)
    assert (found.state, found.next_look_at, found.captured) == (result, None, 0)
    assert event().outcome == "applied"
    assert state(order) == ("pending", "unpaid", 0)


def test_a_failure_told_after_the_money_came_changes_nothing(order, payment):
    send(told(payment))
    ended(payment)

    services.apply_waiting_events(at=clock.now())

    late = GatewayEvent.objects.get(result="failed")
    assert (late.outcome, late.error) == ("ignored", "The payment is captured already.")
    assert payment_of(order).state == "captured"
    assert state(order) == ("confirmed", "paid", Decimal("2000.00"))


def test_a_payment_is_not_ended_by_what_is_about_another_mode(order, payment):
    ended(payment, is_live=True)

    services.apply_waiting_events(at=clock.now())

    assert payment_of(order).state == "initiated"
    assert (event().outcome, event().error) == (
        "mismatch",
        "It is about real money, and the shop's keys are not.",
    )


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("charge.dispute.create", "The customer's bank asks for the money back."),
        ("charge.dispute.resolve", "The dispute with the customer's bank has ended."),
    ],
)
def test_money_that_goes_back_is_shown_to_staff(order, payment, kind, why):
    send(told(payment))

    send({"event": kind, "data": {"id": 9, "transaction_reference": payment.reference}})

    shown = GatewayEvent.objects.open_exceptions().get()
    assert (shown.kind, shown.outcome, shown.error) == (kind, "mismatch", why)
    assert state(order) == ("confirmed", "paid", Decimal("2000.00"))


def test_many_that_cannot_be_applied_keep_nobody_else_waiting(order, payment, monkeypatch):
    monkeypatch.setattr(waiting_events, "APPLIED_AT_A_TIME", 1)
    without_keys = Payment.objects.create(
        order=now(order), provider="stripe", reference="S-1", currency="NGN", amount=1
    )
    for reference, provider, moment in (
        (without_keys.reference, "stripe", clock.now() - timedelta(hours=1)),
        (payment.reference, "paystack", clock.now()),
    ):
        GatewayEvent.objects.create(
            provider=provider,
            fact=reference,
            kind="charge.success",
            source="webhook",
            reference=reference,
            provider_id="1",
            result="succeeded",
            amount=Decimal("2000.00"),
            currency="NGN",
            is_live=False,
            received_at=moment,
        )

    assert services.apply_waiting_events(at=clock.now()) == 1

    assert state(order) == ("confirmed", "paid", Decimal("2000.00"))
    assert GatewayEvent.objects.unapplied().get().provider == "stripe"


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "received", "processed_at": None},
        {"outcome": "applied"},
        {"error": "nothing"},
        {"payment": None},
        {"resolution": "Nothing was wrong."},
        {"resolved_at": None},
        {"resolved_by": None},
    ],
)
def test_what_became_of_an_event_is_a_fact_once_it_is_settled(order, payment, changes):
    clerk = make_staff(Role.OPERATIONS)
    send(told(payment, amount=200_001))
    services.keep_for_refund(event_id=event().pk, note="a kobo", user_id=clerk.pk, at=clock.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        GatewayEvent.objects.update(**changes)

    assert (event().outcome, event().resolution) == ("excess", "To be refunded: a kobo")
