"""A day in the back office, by mouse and keyboard, on a desk and on a phone, light and dark."""

import pytest

from shop.catalog.models import Product
from shop.orders.models import Order
from shop.stock.models import StockItem
from tests.catalog.shelf import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_work(visitor, shop):
    """The visitor, logged in by the log-in form."""
    visitor.log_in(shot="login")
    return visitor


def test_the_landing_page_is_good(visitor, shop):
    visitor.open("/", shot="landing")

    assert visitor.sees("Back office")
    assert visitor.complaints == []


def test_home_shows_the_day(at_work):
    at_work.open("/admin/", shot="home")

    assert at_work.sees("NGN 3,400.00")
    assert at_work.sees("Best sellers")
    assert at_work.complaints == []


def test_an_order_is_found_paid_and_remarked_on(at_work, shop):
    at_work.open("/admin/orders/order/", shot="orders")
    at_work.page.get_by_role("link", name=shop.order.number).click()
    at_work.look("order")

    at_work.press("Book payment", shot="book-payment")
    at_work.fill(reference="TRX-9")
    at_work.press("Book payment", shot="order-paid")
    at_work.press("Add note")
    at_work.fill(text="Rings twice.")
    at_work.press("Add note", shot="order-with-note")

    assert at_work.sees("Rings twice.")
    assert at_work.sees("Status: pending → confirmed")
    assert Order.objects.get(pk=shop.order.pk).payment_status == "paid"
    assert at_work.complaints == []


def test_a_product_is_edited_and_gets_a_picture(at_work, shop, tmp_path):
    file = tmp_path / "side.png"
    file.write_bytes(picture((800, 600)))
    at_work.open("/admin/catalog/product/", shot="products")
    at_work.open(f"/admin/catalog/product/{shop.product.pk}/change/", shot="product")

    at_work.fill(vendor="Acme")
    at_work.press("Save and continue editing")
    at_work.press("Add picture", shot="add-picture")
    at_work.page.locator("#content input[type=file]").set_input_files(file)
    at_work.fill(alt="Its side")
    at_work.press("Add picture", shot="product-with-picture")

    assert at_work.sees("Its side")
    assert Product.objects.get(pk=shop.product.pk).vendor == "Acme"
    assert at_work.complaints == []


CUT_CELLS = """[...document.querySelectorAll("#result_list td, #result_list th")]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1
    || cell.scrollHeight > cell.clientHeight + 1)
  .map((cell) => cell.innerText)"""
WITHOUT_CUE = """[...document.querySelectorAll(".mdv-table")]
  .filter((table) => table.scrollWidth > table.clientWidth)
  .filter((table) => !getComputedStyle(table).backgroundAttachment.includes("local"))
  .map((table) => table.innerText)"""
CARD_HEIGHT = "document.querySelector('#result_list tbody tr').getBoundingClientRect().height"
TALLEST_CARD = 240  # pixels: three orders on the screen of a phone


def test_lists_and_tables_are_readable_at_every_width(at_work, shop):
    for path in ("audit/auditentry", "orders/order", "stock/stockitem", "accounts/user"):
        at_work.open(f"/admin/{path}/")
        assert at_work.page.evaluate(CUT_CELLS) == [], path
        assert at_work.page.evaluate(CARD_HEIGHT) <= TALLEST_CARD, path
    for path in (f"orders/order/{shop.order.pk}", f"stock/stockitem/{shop.stock.pk}"):
        at_work.open(f"/admin/{path}/change/")
        assert at_work.page.evaluate(WITHOUT_CUE) == [], path


def test_stock_is_adjusted(at_work, shop):
    at_work.open("/admin/stock/stockitem/", shot="stock")
    at_work.open(f"/admin/stock/stockitem/{shop.stock.pk}/change/")

    at_work.press("Adjust", shot="adjust")
    at_work.fill(delta="-2", reason="Counted")
    at_work.press("Adjust", shot="stock-item")

    assert at_work.sees("Counted")
    assert StockItem.objects.get(pk=shop.stock.pk).on_hand == 8
    assert at_work.complaints == []


def test_the_trail_the_people_and_the_settings_are_good_to_look_at(at_work, shop):
    at_work.open("/admin/audit/auditentry/", shot="audit")
    at_work.open(f"/admin/audit/auditentry/{shop.entry.pk}/change/", shot="audit-entry")
    at_work.open(f"/admin/accounts/user/{shop.customer.pk}/change/", shot="person")
    at_work.open("/admin/store/storesettings/1/change/", shot="settings")
    at_work.open(f"/admin/catalog/variant/{shop.variant.pk}/delete/", shot="delete")
    at_work.open("/admin/orders/order/?q=nothing", shot="nothing-found")
    at_work.open("/admin/password_change/", shot="password")

    assert at_work.complaints == []


def test_the_apis_description_is_good(visitor, shop):
    visitor.open("/api/docs/", shot="docs")

    assert visitor.sees("The API of a shop run on mdv.")
    assert visitor.complaints == []
