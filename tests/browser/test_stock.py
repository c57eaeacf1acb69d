"""Counting the shelves and reading a stock card, on a desk and on a phone, light and dark."""

import pytest

from shop.stock import services
from shop.stock.models import StockItem, StockTake
from tests.orders.ordering import sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = """sku,counted,reason
SHIRT,8,Two have moths
BELT,3,
SCARF,4,
SOCKS,12,
SHIRT-XL,seven,
"""


@pytest.fixture
def at_work(visitor, shop):
    """The visitor, logged in, in a shop with a few more goods."""
    sell("SCARF", "20.00", stock=4)
    visitor.log_in()
    return visitor


def test_the_shelves_are_counted_and_the_levels_corrected(at_work, shop, tmp_path):
    file = tmp_path / "shelf-3.csv"
    file.write_text(ROWS)
    at_work.open("/admin/stock/stocktake/", shot="stock-takes")
    at_work.open("/admin/stock/stocktake/add/", shot="stock-take-add")

    at_work.page.locator("#content input[type=file]").set_input_files(file)
    at_work.press("Compare a count", shot="stock-take-preview")

    assert at_work.sees("Nothing has moved yet.")
    assert at_work.sees("There is no such SKU.")
    assert StockItem.objects.get(pk=shop.stock.pk).on_hand == 10
    belt = StockItem.objects.filter(variant__sku="BELT").first()
    assert belt is None or belt.on_hand == 0
    services.receive_stock(variant_id=shop.spare_variant.pk, quantity=2)

    at_work.press("Apply", shot="stock-take-apply")
    at_work.press("Apply", shot="stock-take-applied")

    assert at_work.sees("1 level corrected. 1 row is left alone, see why below.")
    assert at_work.sees("Moved since the preview: 0 were on hand, 2 are now. Count it again.")
    assert StockItem.objects.get(pk=shop.stock.pk).on_hand == 8
    number = StockTake.objects.latest("id").number
    with at_work.page.expect_download() as download:
        at_work.page.get_by_role("link", name="Download what is not applied").click()
    assert download.value.suggested_filename == f"{number}-not-applied.csv"

    at_work.open(f"/admin/stock/stockitem/{shop.stock.pk}/change/", shot="stock-card")
    assert at_work.sees("Two have moths")
    at_work.page.get_by_role("link", name=number).click()
    at_work.look()
    assert at_work.sees("Corrected 1")
    # A download ends the loading of a page: to a browser that is one which failed.
    assert [text for text in at_work.complaints if "not-applied.csv" not in text] == []


def test_a_stock_card_tells_who_holds_it(at_work, shop):
    at_work.open(f"/admin/stock/stockitem/{shop.stock.pk}/change/", shot="stock-card-held")
    assert at_work.sees(shop.order.number)

    at_work.page.get_by_role("link", name=shop.order.number).first.click()
    at_work.look()
    assert at_work.complaints == []


def test_the_stores_settings_say_who_is_told_of_low_stock(at_work, shop):
    at_work.open("/admin/store/storesettings/1/change/", shot="settings-low-stock")

    assert at_work.sees("Who is told of low stock")
    assert at_work.sees("Empty: all staff who may receive goods.")
    assert at_work.complaints == []
