"""The story on an order's page: everything that happened, once, in plain words, page by page."""

from decimal import Decimal

import pytest
from django.db import transaction

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.context import Actor, refined
from mdv.mail.services import send_mail
from refunds.states import ReturnState
from shop.fulfilment import services as parcels
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from shop.payments.models import GatewayEvent, Payment
from tests.backoffice.many import copy
from tests.backoffice.shop import browser_of, nonce
from tests.backoffice.test_workbench import press, seen, url_of
from tests.fulfilment.packing import deliver, paid, ship
from tests.refunds.returning import bring


@pytest.fixture
def number(shop):
    """A paid order of five shirts."""
    return paid(("SHIRT", 5), total="8000.00")


def told(number, browser, **asked):
    steps = seen(number, browser, **asked)["timeline"].steps
    return [(step.who, step.what) for step in steps]


def texts(number, browser, **asked):
    return [text for _, what in told(number, browser, **asked) for text in what]


def test_the_story_tells_of_a_parcel_once_with_what_was_remarked(number, operations):
    press(operations, number, "pack")
    parcel = Shipment.objects.get(order__number=number)
    page = f"/admin/fulfilment/shipment/{parcel.pk}"
    operations.post(f"{page}/ready/", {"nonce": nonce()})
    form = {"nonce": nonce(), "carrier": "GIG", "tracking": "T1"}
    operations.post(f"{page}/dispatch/", form)
    operations.post(f"{page}/deliver/", {"nonce": nonce(), "note": "At the gate."})

    story = told(number, operations)

    who = "operations@example.com"
    assert story[:4] == [
        (who, [f"Parcel {number}-1 was delivered: At the gate.", "Status: confirmed → completed"]),
        (who, [f"Parcel {number}-1 has left: GIG T1"]),
        (who, [f"Parcel {number}-1 is ready"]),
        (who, [f"Parcel {number}-1 is being packed: 5 × SHIRT"]),
    ]
    assert story[-1] == ("guest", ["Order placed"])


def test_what_came_back_is_told_once(number, operations):
    parcel = ship(number)
    parcels.return_to_sender(number=parcel, restock=None, note="Nobody there", at=clock.now())

    story = texts(number, operations)

    assert f"Parcel {parcel} came back: Nobody there" in story
    assert not [text for text in story if "returned" in text]


def test_a_cancelled_order_is_told_once_and_not_line_by_line(shop, operations):
    press(operations, shop.order.number, "cancel", reason="staff")

    story = told(shop.order.number, operations)

    assert story[0] == (
        "operations@example.com",
        [
            "Status: pending → cancelled",
            "Cancel reason: nothing → staff",
            "Mail “Order cancelled” is on its way",
        ],
    )


def test_the_story_tells_of_mails_about_the_order_and_its_parcels(number, operations):
    parcel = Shipment.objects.get(number=ship(number))
    order = parcel.order
    about = {"context": {"name": "Ada"}, "to": order.email, "kind": "welcome"}
    send_mail(**about, about=order)
    send_mail(**about, about=parcel)
    send_mail(**about, about=Order.objects.exclude(pk=order.pk).first())

    mails = [text for text in texts(number, operations) if "Welcome" in text]

    assert mails == ["Mail “Welcome” is on its way"] * 2


def provider_pays(order, *, outcome="applied", amount="2000.00"):
    """Money for `order` that a provider told of."""
    payment = Payment.objects.create(
        order=order,
        provider="paystack",
        reference="P-1",
        currency="NGN",
        amount=order.total,
    )
    with transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(
            state="captured", captured=amount, captured_at=clock.now()
        )
        Order.objects.filter(pk=order.pk).update(captured_total=amount)
    return GatewayEvent.objects.create(
        provider="paystack",
        fact=f"charge.success:{payment.pk}",
        kind="charge.success",
        source="webhook",
        reference="P-1",
        result="succeeded",
        amount=Decimal(amount),
        currency="NGN",
        payment=payment,
        received_at=clock.now(),
        processed_at=clock.now(),
        outcome=outcome,
    )


def test_what_a_provider_told_is_told_once(shop, operations):
    provider_pays(shop.order)

    story = told(shop.order.number, operations)

    assert ("Paystack", ["NGN 2,000.00 succeeded"]) in story
    assert not [text for _, what in story for text in what if "captured" in text.lower()]


def test_who_may_not_see_what_providers_told_learns_of_the_money_from_the_payment(shop):
    provider_pays(shop.order)

    story = texts(shop.order.number, browser_of(role=Role.LOGISTICS))

    assert "Captured: NGN 0.00 → NGN 2,000.00" in story
    assert "NGN 2,000.00 succeeded" not in story


def test_an_exception_and_how_it_was_settled_are_told(shop, operations):
    event = provider_pays(shop.order, outcome="short", amount="500.00")
    event.resolution, event.resolved_by = "Left as it is", operations.user
    event.resolved_at = clock.now()
    event.save()

    story = told(shop.order.number, operations)

    assert story[0] == ("operations@example.com", ["Settled: Left as it is"])
    assert story[1] == ("Paystack", ["NGN 500.00 succeeded: less than was due"])


def test_a_long_story_has_pages_and_no_fact_is_on_two_or_on_none(shop, operations):
    order = shop.order
    press(operations, order.number, "note", text="Note 0.")
    copy(
        AuditEntry.objects.get(event="created", object_repr="Note 0."),
        129,
        transaction_id="n",
        cid="'request-' || n",
        object_repr="'Note ' || n || '.'",
        timestamp="kept.timestamp + n * interval '1 minute'",
    )

    pages = [texts(order.number, operations, timeline=page) for page in (1, 2, 3)]

    notes = [text for page in pages for text in page if text.startswith("Note:")]
    assert notes == [f"Note: Note {place}." for place in reversed(range(130))]
    first = seen(order.number, operations)["timeline"]
    last = seen(order.number, operations, timeline=3)["timeline"]
    assert (first.newer, first.older) == (0, 2)
    assert (last.newer, last.older) == (2, 0)
    assert pages[2][-1] == "Order placed"


@pytest.mark.parametrize("asked", ["0", "-1", "x", "²", "99999999999", ""])
def test_a_page_of_the_story_that_is_none_is_the_first(shop, operations, asked):
    assert texts(shop.order.number, operations, timeline=asked)[-1] == "Order placed"


def test_the_story_tells_of_a_return_from_the_request_to_what_came(number, operations, run_jobs):
    deliver(number)
    with refined(actor=Actor(kind="user", label="operations@example.com")):
        returned = bring(number, ReturnState.CLOSED)
    run_jobs()

    story = texts(number, operations)
    page = operations.get(url_of(number)).content.decode()

    assert [text for text in story if "eturn" in text] == [
        "Mail “Return received” sent",
        "Mail “Return requested” sent",
        f"Return {returned} asked for",
        f"Return {returned} state: requested → approved",
        f"Return {returned} state: approved → receiving",
        "SHIRT returned: 0 → 1",
        f"Return {returned} state: receiving → closed",
    ]
    assert f"{returned}</a>" in page
