"""Goods that come back: from the customer's wish to the shelf, on a desk and on a phone."""

import pytest

from refunds.models import Return
from shop.stock.models import StockItem
from tests.fulfilment.packing import deliver, pay
from tests.orders.ordering import act, guest, placed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WISH = {
    "lines": [{"sku": "SHIRT", "quantity": 2}],
    "reason": "does_not_fit",
    "note": "Too wide at the neck.",
}


@pytest.fixture
def wish(shop):
    """A customer's wish to return the two shirts that they got; eight are on the shelf."""
    order = placed(guest(), ("SHIRT", 2), total="3500.00")
    pay(order["number"], "3500.00")
    deliver(order["number"])
    token = {"X-Order-Token": order["access_token"]}
    asked = act(guest(), f"/orders/{order['number']}/returns", WISH, **token)
    assert asked.status_code == 201, asked.content
    return Return.objects.get(number=asked.json()["number"])


@pytest.mark.parametrize("visitor", ["1400-light", "390-dark"], indirect=True)
def test_a_return_goes_from_the_customers_wish_to_the_shelf(visitor, shop, wish):
    visitor.log_in()
    visitor.page.locator("#tiles").get_by_role("link", name="Returns to decide").click()
    visitor.look("returns-to-decide")
    visitor.follow(wish.number, shot="return-asked")
    assert visitor.sees("Too wide at the neck.")

    visitor.press("Approve", shot="return-approve")
    visitor.press("Approve", shot="return-approved")
    assert visitor.sees(f"{wish.number} is approved.")
    visitor.press("Receive", shot="return-receive")
    assert visitor.sees("Waited for: 2 × SHIRT Shirt.")
    visitor.fill(new_shelf_0="1", damaged_0="1")
    visitor.press("Receive", shot="return-received")
    assert visitor.sees(f"{wish.number}: 2 came, 1 back on the shelf.")
    visitor.press("Close return", shot="return-close")
    visitor.press("Close return", shot="return-closed")
    assert visitor.sees(f"{wish.number} is closed.")
    assert visitor.page.locator("#object-actions a").count() == 0

    visitor.follow(wish.order.number, shot="bench-with-return")
    assert visitor.sees(wish.number)
    visitor.open(f"/admin/stock/stockitem/{shop.stock.pk}/change/", shot="stock-card-restocked")
    assert visitor.sees(wish.number)
    assert StockItem.objects.get(pk=shop.stock.pk).on_hand == 9
    line = Return.objects.get(pk=wish.pk).lines.get()
    assert (line.received, line.restocked) == (2, 1)
    assert visitor.complaints == []
