"""Staff book money that they saw arrive, and see the order with all that belongs to it."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.orders.models import Order, OrderNote
from shop.orders.services import cancel_order
from shop.orders.states import CancelReason
from shop.payments.models import Payment
from tests.orders.ordering import (
    LAGOS,
    act,
    available,
    customer,
    deliver_everywhere,
    guest,
    make_coupon,
    placed,
    problems,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db

TRANSFER = {"amount": "2000.00", "channel": "bank_transfer", "reference": "GTB-778812"}


@pytest.fixture
def clerk(db):
    return staff(Role.OPERATIONS)


@pytest.fixture
def order(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    return placed(guest(), ("SHIRT", 1), total="2000.00")


def book(caller, order, body, **headers):
    return act(caller, f"/staff/orders/{order['number']}/payments", body, **headers)


@pytest.mark.parametrize(
    ("again", "status", "code"),
    [
        ("gtb-778812", 409, "payment_reference_is_used_once"),
        (" GTB-778812 ", 409, "payment_reference_is_used_once"),
        ("\uff27TB-778812", 409, "payment_reference_is_used_once"),
        ("GTB\u200b-778812", 400, "invalid"),
        ("GTB-778812\ufe0f", 400, "required"),
    ],
)
def test_a_reference_that_reads_the_same_is_booked_once(clerk, order, again, status, code):
    book(clerk, order, {**TRANSFER, "amount": "1.00"})

    answer = book(clerk, order, {**TRANSFER, "amount": "1.00", "reference": again})

    codes = {answer.json()["code"], *(error["code"] for error in answer.json().get("errors", ()))}
    assert answer.status_code == status
    assert code in codes or "invisible_characters" in codes
    assert Payment.objects.count() == 1


def test_the_database_refuses_it_too(clerk, order):
    book(clerk, order, {**TRANSFER, "amount": "1.00"})

    with pytest.raises(IntegrityError, match="manual_payment_reference"), transaction.atomic():
        Payment.objects.create(
            order_id=Payment.objects.get().order_id,
            provider="manual",
            reference="gtb-778812",
            currency="NGN",
            amount=Decimal(1),
        )


def test_an_order_is_confirmed_once_it_is_paid_in_full(clerk, order):
    part = book(clerk, order, {**TRANSFER, "amount": "1999.99"})
    rest = book(clerk, order, {"amount": "0.01", "channel": "cash", "reference": "TILL-1"})

    assert part.status_code == rest.status_code == 201
    assert [
        (answer.json()["status"], answer.json()["payment_status"], answer.json()["due"])
        for answer in (part, rest)
    ] == [("pending", "partly_paid", "0.01"), ("confirmed", "paid", "0.00")]
    now = Order.objects.get()
    assert (now.captured_total, now.version) == (Decimal("2000.00"), 3)
    assert now.confirmed_at is not None


def test_more_than_is_due_is_booked_only_by_who_says_so(clerk, order):
    answer = book(clerk, order, {**TRANSFER, "amount": "2000.01"})

    assert (answer.status_code, answer.json()["code"]) == (409, "more_than_due")
    assert answer.json()["due"] == "2000.00"
    assert problems(answer) == [("accept_excess", "more_than_due")]
    assert not Payment.objects.exists()
    assert Order.objects.get().captured_total == 0


def test_nothing_more_is_due_for_what_is_paid(clerk, order):
    book(clerk, order, TRANSFER)

    answer = book(clerk, order, {**TRANSFER, "amount": "0.01", "reference": "GTB-2"})

    assert (answer.status_code, answer.json()["due"]) == (409, "0.00")
    assert Payment.objects.count() == 1


def test_more_than_was_due_shows_as_overpaid(clerk, order):
    answer = book(clerk, order, {**TRANSFER, "amount": "2500.00", "accept_excess": True})

    assert (answer.json()["status"], answer.json()["payment_status"]) == ("confirmed", "overpaid")


def test_money_for_what_is_paid_on_delivery_comes_after_the_confirmation(clerk):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    order = placed(guest(), ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")

    confirmed = act(clerk, f"/staff/orders/{order['number']}/confirm")
    paid = book(clerk, order, {"amount": "2000.00", "channel": "cash", "reference": "DOOR-1"})

    assert (confirmed.json()["status"], confirmed.json()["payment_status"]) == (
        "confirmed",
        "unpaid",
    )
    assert (paid.json()["status"], paid.json()["payment_status"]) == ("confirmed", "paid")


def test_one_transfer_is_booked_once(clerk, order):
    other = placed(guest(), ("SHIRT", 1), total="2000.00")
    book(clerk, order, TRANSFER)

    again = book(clerk, other, {**TRANSFER, "reference": " GTB-778812 "})

    assert (again.status_code, again.json()["code"]) == (409, "payment_reference_is_used_once")
    assert Payment.objects.count() == 1
    assert Order.objects.get(number=other["number"]).captured_total == 0


def test_money_for_a_cancelled_order_is_not_booked_on_it(clerk, order):
    cancel_order(number=order["number"], reason=CancelReason.STAFF, at=clock.now())

    answer = book(clerk, order, TRANSFER)

    assert (answer.status_code, answer.json()["code"]) == (409, "order_is_cancelled")
    assert not Payment.objects.exists()
    assert available("SHIRT") == 10


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"amount": "0.00"}, ("amount", "min_value")),
        ({"amount": "-1.00"}, ("amount", "min_value")),
        ({"amount": "0.001"}, ("amount", "invalid")),
        ({"amount": 2000}, ("amount", "invalid")),
        ({"amount": "100000000000.00"}, ("amount", "max_value")),
        ({"channel": "cowries"}, ("channel", "invalid_choice")),
        ({"reference": "  "}, ("reference", "blank")),
        ({"reference": "a" * 101}, ("reference", "max_length")),
        ({"accept_excess": "yes"}, ("accept_excess", "invalid")),
        ({"reference": "a\nb"}, ("reference", "control_characters")),
        ({"currency": "USD"}, ("currency", "unknown_field")),
        ({"state": "captured"}, ("state", "unknown_field")),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(clerk, order, changes, problem):
    answer = book(clerk, order, {**TRANSFER, **changes})

    assert answer.status_code == 400
    assert problems(answer) == [problem]
    assert not Payment.objects.exists()
    assert Order.objects.get().captured_total == 0


def test_more_money_than_the_books_can_hold_is_refused_and_not_a_fault(clerk, order):
    for number in range(10):
        body = {**TRANSFER, "amount": "99999999999.99", "reference": f"R-{number}"}
        body["accept_excess"] = True
        assert book(clerk, order, body).status_code == 201

    answer = book(clerk, order, {**TRANSFER, "amount": "99999999999.99", "accept_excess": True})

    assert answer.status_code == 400
    assert Payment.objects.count() == 10


@pytest.mark.parametrize("action", ["confirm", "cancel", "payments"])
def test_what_must_not_happen_twice_needs_a_key(clerk, order, action):
    answer = clerk.send("POST", f"/staff/orders/{order['number']}/{action}", {})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("confirm", None),
        ("cancel", {"reason": "staff"}),
        ("payments", TRANSFER),
        ("notes", {"text": "x"}),
    ],
)
def test_an_order_that_does_not_exist_is_a_404(clerk, order, action, body):
    answer = act(clerk, f"/staff/orders/M-00000000/{action}", body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_staff_see_an_order_with_its_lines_payments_and_notes(clerk):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    make_coupon("TEN")
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="1850.00", coupon="TEN")
    book(clerk, order, {**TRANSFER, "amount": "1850.00"})
    note = act(clerk, f"/staff/orders/{order['number']}/notes", {"text": "Gift.\nNo invoice."})

    shown = clerk.get(f"/staff/orders/{order['number']}").json()

    assert note.status_code == 201
    assert shown["notes"] == [note.json()]
    assert (shown["notes"][0]["text"], shown["notes"][0]["author"]) == (
        "Gift.\nNo invoice.",
        "operations@example.com",
    )
    assert [
        (line["sku"], line["quantity"], line["discount"], line["total"]) for line in shown["lines"]
    ] == [("SHIRT", 1, "150.00", "1350.00")]
    (payment,) = shown["payments"]
    del payment["created_at"], payment["captured_at"]
    assert payment == {
        "provider": "manual",
        "reference": "GTB-778812",
        "channel": "bank_transfer",
        "state": "captured",
        "currency": "NGN",
        "amount": "1850.00",
        "captured": "1850.00",
        "refunded": "0.00",
    }
    assert (shown["customer"], shown["coupon"]) == ("ada@example.com", "TEN")
    assert shown["shipping_address"] == LAGOS
    assert (shown["status"], shown["due"]) == ("confirmed", "0.00")


def test_customers_never_see_notes_or_payments(clerk):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00")
    act(clerk, f"/staff/orders/{order['number']}/notes", {"text": "Difficult."})

    shown = ada.get(f"/orders/{order['number']}")

    assert b"Difficult" not in shown.content
    assert not {"notes", "payments", "customer"} & set(shown.json())


@pytest.mark.parametrize("text", ["", "   ", "a" * 4001, "a\u0007", 5, None])
def test_a_note_says_something_in_plain_text(clerk, order, text):
    answer = act(clerk, f"/staff/orders/{order['number']}/notes", {"text": text})

    assert answer.status_code == 400
    assert not OrderNote.objects.exists()
