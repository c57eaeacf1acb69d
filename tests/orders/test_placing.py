"""Placing an order: what it becomes, and what becomes of the cart, the stock and the coupon."""

from decimal import Decimal

import pytest

from shop.carts.models import Cart
from shop.orders.models import Order
from shop.pricing import services as pricing
from shop.pricing.models import Coupon, CouponRedemption
from shop.stock.models import StockMovement
from tests.orders.ordering import (
    LAGOS,
    available,
    customer,
    deliver_everywhere,
    fill_cart,
    guest,
    make_coupon,
    order_of,
    order_of_cart,
    place,
    placed,
    sell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _zone(db):
    deliver_everywhere("500.00")


def test_a_guest_places_an_order_and_learns_its_number_and_how_to_pay():
    sell("SHIRT", "1500.00", compare_at_price=Decimal("2000.00"))

    answer = place(guest(), order_of(("SHIRT", 2), total="3500.00"))

    order = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/orders/{order['number']}"
    assert order["number"].startswith("M-")
    assert len(order["number"]) == 10
    assert len(order.pop("access_token")) == 64
    assert order == {
        "number": order["number"],
        "status": "pending",
        "payment_status": "unpaid",
        "cancel_reason": "",
        "delivery_method": "delivery",
        "payment_method": "bank_transfer",
        "currency": "NGN",
        "total": "3500.00",
        "due": "3500.00",
        "created_at": order["created_at"],
        "name": "Ada Obi",
        "email": "guest@example.com",
        "phone": "+234 801 234 5678",
        "shipping_address": LAGOS,
        "items_total": "3000.00",
        "discount_total": "0.00",
        "shipping_total": "500.00",
        "tax_total": "0.00",
        "prices_include_tax": True,
        "captured_total": "0.00",
        "refunded_total": "0.00",
        "taken_back_total": "0.00",
        "expires_at": None,
        "confirmed_at": None,
        "cancelled_at": None,
        "lines": [
            {
                "position": 1,
                "sku": "SHIRT",
                "title": "Shirt",
                "options": [],
                "quantity": 2,
                "unit_price": "1500.00",
                "list_price": "2000.00",
                "discount": "0.00",
                "tax": "0.00",
                "total": "3000.00",
            }
        ],
        "payment": {
            "method": "bank_transfer",
            "due": "3500.00",
            "instructions": "We will send you our bank details. Transfer NGN 3500.00 and name "
            f"{order['number']}.",
            "reference": order["number"],
            "bank_details": "",
            "providers": [],
        },
    }


def test_an_order_holds_its_stock_from_the_moment_it_is_placed():
    sell("SHIRT", stock=10)

    order = placed(guest(), ("SHIRT", 4), total="6500.00")

    assert available("SHIRT") == 6
    held = StockMovement.objects.get(source=order["number"])
    assert (held.kind, held.d_on_hand, held.d_reserved) == ("reserve", 0, 4)
    assert (held.on_hand_after, held.reserved_after) == (10, 4)


def test_a_cart_is_gone_once_it_is_ordered():
    sell("SHIRT", "1500.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    first = place(visitor, order_of_cart(token, total="2000.00"))
    second = place(visitor, order_of_cart(token, total="2000.00"))

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (404, "not_found")
    assert Order.objects.count() == 1
    assert not Cart.objects.exists()


def test_the_coupon_of_the_cart_is_used_and_its_shares_are_on_the_lines():
    sell("SHIRT", "10.05")
    sell("CAP", "10.05")
    sell("SOCKS", "10.05")
    make_coupon("TEN", "10.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1), ("CAP", 1), ("SOCKS", 1))
    visitor.send("PUT", f"/carts/{token}/coupon", {"code": "TEN"})

    order = place(visitor, order_of_cart(token, total="527.13")).json()

    assert [line["discount"] for line in order["lines"]] == ["1.01", "1.01", "1.00"]
    assert (order["discount_total"], order["total"]) == ("3.02", "527.13")
    assert Coupon.objects.get().used_count == 1
    redemption = CouponRedemption.objects.get()
    assert redemption.customer_keys == ["email:guest@example.com"]
    assert redemption.order_number == order["number"]


def test_a_coupon_named_in_the_order_takes_the_place_of_the_carts():
    sell("SHIRT", "1000.00")
    make_coupon("TEN", "10.00")
    make_coupon("HALF", "50.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))
    visitor.send("PUT", f"/carts/{token}/coupon", {"code": "TEN"})

    order = place(visitor, order_of_cart(token, total="1000.00", coupon="half"))

    assert order.status_code == 201
    assert dict(Coupon.objects.values_list("code", "used_count")) == {"TEN": 0, "HALF": 1}


def test_the_same_sku_twice_is_one_line_and_checked_as_a_sum():
    sell("SHIRT", "1500.00", stock=5)

    too_many = place(guest(), order_of(("SHIRT", 3), ("SHIRT", 3), total="9500.00"))
    enough = placed(guest(), ("SHIRT", 3), ("SHIRT", 2), total="8000.00")

    assert (too_many.status_code, too_many.json()["code"]) == (409, "out_of_stock")
    assert too_many.json()["lines"] == [{"sku": "SHIRT", "requested": 6, "available": 5}]
    assert [(line["sku"], line["quantity"]) for line in enough["lines"]] == [("SHIRT", 5)]
    assert available("SHIRT") == 0


def test_lines_keep_what_they_cost_when_prices_change_later():
    shirt = sell("SHIRT", "1500.00")
    visitor = guest()
    order = placed(visitor, ("SHIRT", 1), total="2000.00")

    type(shirt).objects.filter(pk=shirt.pk).update(price=Decimal("9.99"), sku="RENAMED")

    now = visitor.get(
        f"/orders/{order['number']}", **{"X-Order-Token": order["access_token"]}
    ).json()
    assert now["lines"] == order["lines"]
    assert now["total"] == "2000.00"


def test_an_order_that_costs_nothing_is_confirmed_and_paid_at_once():
    sell("SHIRT", "100.00")
    make_coupon("ALL", "100.00")

    order = placed(
        guest(),
        ("SHIRT", 1),
        total="0.00",
        coupon="ALL",
        delivery_method="pickup",
        shipping_address=None,
    )

    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    assert order["payment"]["instructions"] == "There is nothing to pay."


def test_who_is_logged_in_need_not_say_who_they_are():
    sell("SHIRT", "1500.00")
    ada = customer("ada@example.com", "Ada Lovelace")

    order = placed(ada, ("SHIRT", 1), total="2000.00", email=None)
    for_bob = placed(ada, ("SHIRT", 1), total="2000.00", email="BOB@example.com", name="Bob")

    assert (order["email"], order["name"]) == ("ada@example.com", "Ada Obi")
    assert (for_bob["email"], for_bob["name"]) == ("bob@example.com", "Bob")
    assert set(Order.objects.values_list("user", flat=True)) == {ada.user.pk}


def test_a_pickup_has_no_address_and_no_shipping():
    sell("SHIRT", "1500.00")
    ada = customer("ada@example.com", "Ada Lovelace")

    order = placed(
        ada,
        ("SHIRT", 1),
        total="1500.00",
        delivery_method="pickup",
        shipping_address=None,
        payment_method="pay_at_pickup",
    )

    assert (order["shipping_address"], order["shipping_total"]) == (None, "0.00")
    assert order["name"] == "Ada Lovelace"


def test_addresses_may_be_written_in_any_script_and_with_emoji():
    sell("SHIRT", "1500.00")
    home = {**LAGOS, "name": "李小龍 🐉", "street": "Ọjà Ọba 5 🏠", "city": "Ìbàdàn"}

    order = placed(guest(), ("SHIRT", 1), total="2000.00", shipping_address=home)

    assert order["shipping_address"] == home
    assert order["name"] == "李小龍 🐉"


def test_added_tax_is_part_of_the_total_and_of_each_line():
    sell("SHIRT", "1000.00")
    pricing.create_tax_rate(country="NG", percent=Decimal("7.50"), is_included=False)

    order = placed(guest(), ("SHIRT", 2), total="2650.00")

    assert (order["tax_total"], order["prices_include_tax"]) == ("150.00", False)
    assert (order["lines"][0]["tax"], order["lines"][0]["total"]) == ("150.00", "2150.00")
