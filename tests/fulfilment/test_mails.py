"""What customers are written to about parcels: once each, after commit."""

import pytest
from django.core import mail as outgoing
from django.db import transaction

from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.mail.quiet import quietly
from mdv.store.services import update_store_settings
from shop.catalog.services import create_product
from shop.fulfilment import services
from shop.fulfilment.letters import write_delivered, write_ready, write_shipped
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from tests.catalog.shelf import make_variant, publish
from tests.fulfilment.packing import cash_order, deliver, paid, ready, ship

ABOUT_PARCELS = ["order_shipped", "order_delivered"]


@pytest.fixture
def number(shirts, run_jobs):
    number = paid(("SHIRT", 3), total="5000.00")
    run_jobs()
    outgoing.outbox.clear()
    return number


def kinds():
    found = Mail.objects.filter(kind__in=["order_ready", *ABOUT_PARCELS])
    return list(found.order_by("id").values_list("kind", flat=True))


def lines_of(kind):
    return [line for line in Mail.objects.get(kind=kind).text.splitlines() if line]


def test_a_parcel_that_left_is_told_with_what_is_in_it_and_what_follows(number, run_jobs):
    parcel = ship(number, ("SHIRT", 2))

    assert run_jobs() == ["fulfilment.mail_shipped", "mail.deliver"]

    found = Mail.objects.get(kind="order_shipped")
    assert found.to == "guest@example.com"
    assert found.subject == f"Your order {number} is on its way"
    assert lines_of("order_shipped") == [
        f"This parcel of your order {number} has left us:",
        "2 × Shirt",
        "Carrier: GIG",
        "Tracking number: GIG-1",
        "What is left follows in another parcel:",
        "1 × Shirt",
    ]
    assert "GIG-1" in found.html
    assert (found.about, found.about_id) == (
        "fulfilment.Shipment",
        str(Shipment.objects.get(number=parcel).pk),
    )
    assert len(outgoing.outbox) == 1


def test_one_that_arrived_is_told_too(number, run_jobs):
    deliver(number)

    run_jobs()

    assert kinds() == ABOUT_PARCELS
    assert lines_of("order_delivered") == [
        f"This parcel of your order {number} was delivered:",
        "3 × Shirt",
        "If you did not get it, please answer this mail.",
    ]


def test_the_job_may_run_twice_and_writes_once(number, run_jobs):
    shipment = Shipment.objects.get(number=deliver(number))
    run_jobs()

    write_shipped(shipment_id=shipment.pk)
    write_delivered(shipment_id=shipment.pk)

    assert kinds() == ABOUT_PARCELS


def test_nothing_is_written_of_what_did_not_happen(number, run_jobs):
    shipment = Shipment.objects.get(number=ready(number))

    write_shipped(shipment_id=shipment.pk)
    write_delivered(shipment_id=shipment.pk)

    assert kinds() == []


def test_two_parcels_are_two_mails(number, run_jobs):
    ship(number, ("SHIRT", 2))
    ship(number)

    run_jobs()

    assert kinds() == ["order_shipped", "order_shipped"]


def test_who_fetches_it_is_told_once_that_it_waits_for_them(shirts, run_jobs):
    update_store_settings(address="7 Broad Street\nLagos")
    number = paid(("SHIRT", 2), total="3000.00", delivery_method="pickup", shipping_address=None)
    parcel = Shipment.objects.get(number=ready(number, ("SHIRT", 1)))

    run_jobs()
    write_ready(shipment_id=parcel.pk)

    assert kinds() == ["order_ready"]
    found = Mail.objects.get(kind="order_ready")
    assert found.subject == f"Your order {number} is ready to be collected"
    assert lines_of("order_ready") == [
        f"This parcel of your order {number} waits for you:",
        "1 × Shirt",
        "Collect it here:",
        "7 Broad Street",
        "Lagos",
        "Please have the number of your order with you.",
    ]


def test_who_has_it_brought_is_not_told_that_it_is_packed(number, run_jobs):
    ready(number)

    run_jobs()

    assert kinds() == []


def test_a_parcel_that_was_unpacked_again_is_not_announced(shirts, run_jobs):
    number = paid(("SHIRT", 1), total="1500.00", delivery_method="pickup", shipping_address=None)
    services.cancel_shipment(number=ready(number), at=clock.now())

    run_jobs()

    assert kinds() == []


def test_who_fetches_it_is_told_when_they_have_it(shirts, run_jobs):
    number = paid(("SHIRT", 1), total="1500.00", delivery_method="pickup", shipping_address=None)

    deliver(number)
    run_jobs()

    assert kinds() == ["order_delivered"]
    assert lines_of("order_delivered")[0] == (
        f"This parcel of your order {number} was handed over:"
    )


def test_history_that_is_written_down_later_tells_nobody(shirts, run_jobs):
    with quietly():
        deliver(paid(("SHIRT", 1), total="2000.00"))

    run_jobs()

    assert kinds() == []


def test_an_address_that_no_mail_can_have_keeps_no_parcel(number, run_jobs):
    Order.objects.filter(number=number).update(email="a@example.com, b@example.com")

    parcel = ship(number)
    run_jobs()

    assert Shipment.objects.get(number=parcel).state == "dispatched"
    assert kinds() == []


def test_a_dispatch_that_is_taken_back_writes_nothing(number, run_jobs):
    parcel = ready(number)
    with transaction.atomic():
        services.dispatch_shipment(number=parcel, carrier="GIG", at=clock.now())
        transaction.set_rollback(True)

    run_jobs()

    assert kinds() == []


def test_titles_are_shown_as_they_are(shirts, run_jobs):
    product = create_product(title="O'Brien <b>")
    make_variant(product, "100.00", sku="BRIEN", stock=1)
    publish(product)
    number = cash_order(("BRIEN", 1), total="600.00")

    ship(number)
    run_jobs()

    found = Mail.objects.get(kind="order_shipped")
    assert "1 × O'Brien <b>" in found.text
    assert "<b>" not in found.html
