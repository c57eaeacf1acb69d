"""What a cart would cost, and what changed since it was filled."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mdv.kernel import clock
from shop.catalog.services import archive_variant
from shop.pricing import services as pricing
from shop.pricing.models import Coupon
from tests.orders.ordering import (
    LAGOS,
    change_price,
    customer,
    deliver_everywhere,
    fill_cart,
    guest,
    make_coupon,
    order_of_cart,
    place,
    problems,
    sell,
)

pytestmark = pytest.mark.django_db

PICKUP = {"delivery_method": "pickup"}
DELIVERY = {"delivery_method": "delivery", "shipping_address": LAGOS}


def quote(caller, token, body=DELIVERY):
    return caller.send("POST", f"/carts/{token}/quote", body)


def use_coupon(caller, token, code):
    return caller.send("PUT", f"/carts/{token}/coupon", {"code": code})


def test_a_quote_adds_shipping_tax_and_the_coupon():
    sell("SHIRT", "1000.00")
    deliver_everywhere("500.00")
    pricing.create_tax_rate(country="NG", percent=Decimal("7.50"), is_included=False)
    make_coupon("TEN", "10.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 2))
    use_coupon(visitor, token, "ten")

    answer = quote(visitor, token)

    assert answer.status_code == 200
    assert answer.json() == {
        "totals": {
            "items_total": "2000.00",
            "discount_total": "200.00",
            "total": "2435.00",
            "shipping_total": "500.00",
            "tax_total": "135.00",
            "prices_include_tax": False,
        },
        "shipping_zone": "Everywhere",
        "currency": "NGN",
        "changes": {"prices": [], "unavailable": [], "out_of_stock": []},
    }


def test_a_pickup_is_quoted_without_shipping():
    sell("SHIRT", "1000.00")
    deliver_everywhere("500.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    answer = quote(visitor, token, PICKUP).json()

    assert (answer["totals"]["total"], answer["shipping_zone"]) == ("1000.00", None)


def test_a_quote_needs_no_more_of_the_address_than_the_state():
    pricing.create_zone(name="Lagos", states=["Lagos"], fee=Decimal(300))
    sell("SHIRT", "1000.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    answer = quote(
        visitor, token, {"delivery_method": "delivery", "shipping_address": {"state": "Lagos"}}
    )

    assert answer.json()["totals"]["total"] == "1300.00"


def test_a_quote_names_what_changed_since_the_cart_was_filled():
    shirt, cap = sell("SHIRT", "1000.00", stock=5), sell("CAP", "200.00")
    sell("SOCKS", "50.00", stock=3)
    deliver_everywhere("500.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 2), ("CAP", 1), ("SOCKS", 4))

    change_price(shirt, "1100.00")
    archive_variant(variant_id=cap.pk)

    answer = quote(visitor, token).json()
    assert answer["changes"] == {
        "prices": [{"sku": "SHIRT", "quantity": 2, "old": "1000.00", "new": "1100.00"}],
        "unavailable": [{"sku": "CAP", "title": "Cap"}],
        "out_of_stock": [{"sku": "SOCKS", "requested": 4, "available": 3}],
    }
    # 2 × 1100 + 4 × 50 + 500, without the cap.
    assert answer["totals"]["total"] == "2900.00"


def test_an_order_at_the_quoted_total_is_placed_although_prices_changed_since():
    shirt = sell("SHIRT", "1000.00")
    deliver_everywhere("500.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))
    change_price(shirt, "1100.00")
    total = quote(visitor, token).json()["totals"]["total"]

    answer = place(visitor, order_of_cart(token, total=total))

    assert (answer.status_code, answer.json()["total"]) == (201, "1600.00")


def test_a_place_that_nobody_delivers_to_is_a_conflict():
    sell()
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    answer = quote(visitor, token)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_deliverable")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, ("delivery_method", "required")),
        ({"delivery_method": "pigeon"}, ("delivery_method", "invalid_choice")),
        ({**PICKUP, "shipping_address": LAGOS}, ("shipping_address", "not_allowed")),
        (
            {**DELIVERY, "shipping_address": {**LAGOS, "planet": "Mars"}},
            ("shipping_address.planet", "unknown_field"),
        ),
        (
            {**DELIVERY, "shipping_address": {"country": "Nigeria"}},
            ("shipping_address.country", "country"),
        ),
        (
            {**DELIVERY, "shipping_address": {"country": "ZZ"}},
            ("shipping_address.country", "country"),
        ),
        ({**DELIVERY, "total": "0.00"}, ("total", "unknown_field")),
    ],
)
def test_a_quote_for_what_makes_no_sense_is_refused(body, problem):
    sell()
    deliver_everywhere()
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    answer = quote(visitor, token, body)

    assert answer.status_code == 400
    assert problems(answer) == [problem]


def test_a_coupon_is_put_on_and_taken_off():
    sell("SHIRT", "1000.00")
    make_coupon("TEN", "10.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    with_coupon = use_coupon(visitor, token, " ten ")
    without = visitor.send("DELETE", f"/carts/{token}/coupon")

    assert with_coupon.json()["coupon"] == {"code": "TEN", "problem": None}
    assert with_coupon.json()["totals"] == {
        "items_total": "1000.00",
        "discount_total": "100.00",
        "total": "900.00",
    }
    assert without.json()["coupon"] is None
    assert without.json()["totals"]["total"] == "1000.00"


def test_a_coupon_that_cannot_be_used_is_not_put_on():
    sell("SHIRT", "1000.00")
    yesterday = clock.now() - timedelta(days=1)
    make_coupon("EXPIRED", ends_at=yesterday)
    make_coupon("DEAR", min_subtotal=Decimal("1000.01"))
    make_coupon("SPENT", limit_total=1)
    Coupon.objects.filter(code="SPENT").update(used_count=1)
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    codes = {
        code: use_coupon(visitor, token, code) for code in ("EXPIRED", "DEAR", "SPENT", "NONE")
    }

    assert {answer.status_code for answer in codes.values()} == {409}
    assert {code: answer.json()["code"] for code, answer in codes.items()} == {
        "EXPIRED": "coupon_not_valid",
        "DEAR": "coupon_not_valid",
        "SPENT": "coupon_exhausted",
        "NONE": "coupon_not_valid",
    }
    assert [answer.json()["errors"][0]["field"] for answer in codes.values()] == ["code"] * 4
    assert visitor.get(f"/carts/{token}").json()["coupon"] is None


def test_a_coupon_that_closed_meanwhile_does_not_break_the_cart_and_stops_the_quote():
    sell("SHIRT", "1000.00")
    deliver_everywhere()
    coupon = make_coupon("TEN", "10.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))
    use_coupon(visitor, token, "TEN")

    pricing.update_coupon(coupon_id=coupon.pk, is_active=False)

    cart = visitor.get(f"/carts/{token}")
    assert cart.status_code == 200
    assert cart.json()["coupon"]["problem"]["code"] == "coupon_not_valid"
    assert cart.json()["totals"]["total"] == "1000.00"
    assert quote(visitor, token).json()["code"] == "coupon_not_valid"


def test_a_customer_who_used_a_coupon_up_hears_so_in_the_cart():
    sell("SHIRT", "1000.00")
    coupon = make_coupon("ONCE", limit_per_customer=1)
    ada = customer()
    pricing.redeem_coupon(
        coupon=coupon, customer_keys=[f"user:{ada.user.pk}"], order_number="M-EARLIER"
    )
    token = fill_cart(ada, ("SHIRT", 1))

    answer = use_coupon(ada, token, "ONCE")

    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_exhausted")
