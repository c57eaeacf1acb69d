"""Packing and shipping from the order's page, and two people at one form."""

import pytest

from mdv.kernel import clock
from mdv.store.models import StoreSettings
from mdv.store.services import update_store_settings
from shop.catalog.models import Product
from shop.catalog.services import update_product
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from shop.payments.services import record_payment
from shop.payments.states import Channel
from tests.accounts.people import make_staff
from tests.backoffice.shop import place_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALLEST_TARGET = 40  # pixels: what a thumb hits
TOO_SMALL = f"""[...document.querySelectorAll("#object-actions a, .mdv-buttons a")]
  .filter((link) => link.getBoundingClientRect().height < {SMALLEST_TARGET})
  .map((link) => link.innerText)"""
PHONE = "window.innerWidth < 1024"


@pytest.fixture
def order(shop):
    """A paid order of three shirts and two gloves."""
    order = place_order("SHIRT", 3, total="5200.00", lines=LINES)
    record_payment(
        number=order.number,
        amount=order.total,
        channel=Channel.BANK_TRANSFER,
        reference="TRF-1",
        at=clock.now(),
    )
    return order


LINES = [{"sku": "SHIRT", "quantity": 3}, {"sku": "GLOVE", "quantity": 2}]


def test_an_order_is_packed_and_shipped_in_two_parcels(visitor, order):
    make_staff("logistics")
    visitor.log_in("logistics@example.com")
    visitor.open(f"/admin/orders/order/{order.pk}/change/", shot="bench-paid")
    assert visitor.sees("NOTHING PACKED")
    if visitor.page.evaluate(PHONE):
        assert visitor.page.evaluate(TOO_SMALL) == []

    visitor.press("Pack parts", shot="bench-pack-parts")
    shirts = order.lines.get(sku="SHIRT")
    visitor.fill(**{f"units_{shirts.pk}": "1"})
    visitor.press("Pack parts", shot="bench-partly-packed")
    assert visitor.sees("PARTLY PACKED")
    visitor.press("Pack everything", shot="bench-pack-all")
    assert visitor.sees("2 × SHIRT, 2 × GLOVE")
    visitor.press("Pack everything", shot="bench-packed")
    visitor.press("Ready")
    visitor.press("Ready")
    visitor.press("Dispatch", shot="bench-dispatch")
    visitor.fill(carrier="GIG", tracking="GIG-4711")
    visitor.press("Dispatch", shot="bench-shipped")

    assert visitor.sees("PARTLY SHIPPED")
    assert visitor.sees("GIG GIG-4711")
    assert visitor.sees(f"Parcel {order.number}-2 has left: GIG GIG-4711")
    assert visitor.page.url.endswith(f"/admin/orders/order/{order.pk}/change/")
    states = list(Shipment.objects.filter(order=order).order_by("place").values_list("state"))
    assert states == [("packing",), ("dispatched",)]
    if visitor.page.evaluate(PHONE):
        assert visitor.page.evaluate(TOO_SMALL) == []
    assert visitor.complaints == []


def test_what_was_done_is_shown_when_all_has_arrived(visitor, order):
    visitor.log_in()
    visitor.open(f"/admin/orders/order/{order.pk}/change/")
    for step in ("Pack everything", "Ready"):
        visitor.press(step)
        visitor.press(step)
    visitor.press("Dispatch")
    visitor.fill(carrier="GIG")
    visitor.press("Dispatch")
    visitor.press("Delivered", shot="bench-deliver")
    visitor.press("Delivered", shot="bench-delivered")

    assert visitor.sees("Status: confirmed → completed")
    assert Order.objects.get(pk=order.pk).status == "completed"
    assert visitor.complaints == []


def test_the_second_save_of_a_stale_page_is_refused_and_keeps_what_was_typed(visitor, shop):
    visitor.log_in()
    page = f"/admin/catalog/product/{shop.product.pk}/change/"
    visitor.open(page)
    visitor.fill(vendor="Typed")
    update_product(product_id=shop.product.pk, title="Sea shirt")

    visitor.press("Save", shot="two-tabs")

    assert visitor.sees("Someone else changed this since you read it. Nothing was saved.")
    assert visitor.sees("changed title.")
    assert visitor.page.locator("[name=vendor]").input_value() == "Typed"
    saved = Product.objects.get(pk=shop.product.pk)
    assert (saved.title, saved.vendor) == ("Sea shirt", "")
    assert only_the_refusal(visitor, page)


def test_two_tabs_at_the_settings_do_not_overwrite_each_other_either(visitor, shop):
    visitor.log_in()
    page = "/admin/store/storesettings/1/change/"
    visitor.open(page)
    visitor.fill(tax_id="Typed")
    update_store_settings(legal_name="Sea Shirts Ltd")

    visitor.press("Save", shot="two-tabs-settings")

    assert visitor.sees("Someone else changed this since you read it.")
    assert visitor.sees("changed legal name.")
    assert visitor.page.locator("[name=tax_id]").input_value() == "Typed"
    saved = StoreSettings.objects.get()
    assert (saved.legal_name, saved.tax_id) == ("Sea Shirts Ltd", "")
    assert only_the_refusal(visitor, page)


def only_the_refusal(visitor, page):
    """Whether the browser complained about the refused save, 412, and about nothing else."""
    return all("412" in text for text in visitor.complaints) and any(
        page in text for text in visitor.complaints
    )
