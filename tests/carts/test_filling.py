"""Filling a cart, without a log-in and with one."""

from decimal import Decimal

import pytest

from shop.carts.models import Cart, CartLine
from shop.catalog.services import archive_variant, set_product_status
from tests.orders.ordering import (
    add,
    available,
    change_price,
    customer,
    fill_cart,
    guest,
    problems,
    sell,
)

pytestmark = pytest.mark.django_db


def test_a_new_cart_is_empty_and_is_found_where_its_location_says():
    visitor = guest()

    answer = visitor.send("POST", "/carts")

    cart = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/carts/{cart['token']}"
    assert len(cart["token"]) == 32
    assert cart["lines"] == []
    assert cart["coupon"] is None
    assert cart["totals"] == {"items_total": "0.00", "discount_total": "0.00", "total": "0.00"}
    assert cart["currency"] == "NGN"
    assert visitor.get(f"/carts/{cart['token']}").json() == cart


def test_a_cart_shows_its_lines_at_todays_prices_and_holds_no_stock():
    sell("SHIRT", "1500.00", stock=3, compare_at_price=Decimal("2000.00"))
    sell("CAP", "0.10", stock=0)
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 2), ("CAP", 3))

    cart = visitor.get(f"/carts/{token}").json()

    assert cart["lines"] == [
        {
            "sku": "SHIRT",
            "product": "shirt",
            "title": "Shirt",
            "options": [],
            "quantity": 2,
            "unit_price": "1500.00",
            "seen_price": "1500.00",
            "total": "3000.00",
            "is_available": True,
            "in_stock": True,
        },
        {
            "sku": "CAP",
            "product": "cap",
            "title": "Cap",
            "options": [],
            "quantity": 3,
            "unit_price": "0.10",
            "seen_price": "0.10",
            "total": "0.30",
            "is_available": True,
            "in_stock": False,
        },
    ]
    assert cart["totals"]["total"] == "3000.30"
    assert available("SHIRT") == 3


def test_adding_the_same_sku_again_adds_up_in_one_line():
    sell()
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 2))

    cart = add(visitor, token, "SHIRT", 3).json()

    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [("SHIRT", 5)]


def test_a_line_is_set_and_taken_out():
    sell("SHIRT")
    sell("CAP")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 2), ("CAP", 1))

    set_to_seven = visitor.send("PATCH", f"/carts/{token}/lines/SHIRT", {"quantity": 7})
    taken_out = visitor.send("DELETE", f"/carts/{token}/lines/SHIRT")
    again = visitor.send("DELETE", f"/carts/{token}/lines/SHIRT")

    assert [line["quantity"] for line in set_to_seven.json()["lines"]] == [7, 1]
    assert [line["sku"] for line in taken_out.json()["lines"]] == ["CAP"]
    assert again.status_code == 404


def test_a_cart_can_be_thrown_away():
    sell()
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    assert visitor.send("DELETE", f"/carts/{token}").status_code == 204

    assert visitor.get(f"/carts/{token}").status_code == 404
    assert not CartLine.objects.exists()


QUANTITIES = [-1, 0, 1000, 1.5, 1.0, "1", True, None, 2**31, 2**63, [1], {"value": 1}]


@pytest.mark.parametrize("quantity", QUANTITIES, ids=repr)
def test_a_quantity_is_a_whole_number_from_1_to_999(quantity):
    sell()
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1))

    added = add(visitor, token, "SHIRT", quantity)
    changed = visitor.send("PATCH", f"/carts/{token}/lines/SHIRT", {"quantity": quantity})

    for answer in (added, changed):
        assert answer.status_code == 400
        assert [field for field, _ in problems(answer)] == ["quantity"]
    assert CartLine.objects.get().quantity == 1


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "1e400", "-1e400", "1e3", str(2**64)])
def test_numbers_that_json_cannot_say_exactly_are_refused(quantity):
    sell()
    visitor = guest()
    token = fill_cart(visitor)

    answer = visitor.client.generic(
        "POST",
        f"/api/v1/carts/{token}/lines",
        f'{{"sku": "SHIRT", "quantity": {quantity}}}',
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert not CartLine.objects.exists()


def test_a_line_never_adds_up_to_more_than_999():
    sell()
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 998))

    answer = add(visitor, token, "SHIRT", 2)

    assert answer.status_code == 400
    assert problems(answer) == [("quantity", "out_of_range")]
    assert CartLine.objects.get().quantity == 998


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"sku": "SHIRT", "quantity": 1, "price": "0.01"}, ("price", "unknown_field")),
        ({"sku": "SHIRT", "quantity": 1, "seen_price": "0.01"}, ("seen_price", "unknown_field")),
        ({"sku": 7, "quantity": 1}, ("sku", "invalid")),
        ({"sku": "NONE", "quantity": 1}, ("sku", "unknown_sku")),
        ({"sku": "shirt", "quantity": 1}, ("sku", "unknown_sku")),
        ({"quantity": 1}, ("sku", "required")),
        ([], ("", "invalid")),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(body, problem):
    sell()
    visitor = guest()
    token = fill_cart(visitor)

    answer = visitor.send("POST", f"/carts/{token}/lines", body)

    assert answer.status_code == 400
    assert problems(answer) == [problem]
    assert not CartLine.objects.exists()


def test_a_new_cart_takes_no_fields():
    answer = guest().send("POST", "/carts", {"token": "mine", "total": "0.00"})

    assert answer.status_code == 400
    assert problems(answer) == [("token", "unknown_field"), ("total", "unknown_field")]
    assert not Cart.objects.exists()


def test_a_cart_holds_at_most_a_hundred_different_items():
    visitor = guest()
    token = fill_cart(visitor, *((sell(f"SKU{n}", stock=0).sku, 1) for n in range(100)))
    sell("ONE-MORE")

    refused = add(visitor, token, "ONE-MORE", 1)
    known = add(visitor, token, "SKU0", 1)

    assert (refused.status_code, refused.json()["code"]) == (409, "cart_is_full")
    assert known.status_code == 200
    assert CartLine.objects.count() == 100


def archive_product(variant):
    set_product_status(product_id=variant.product_id, status="archived")


def redraft_product(variant):
    set_product_status(product_id=variant.product_id, status="draft")


@pytest.mark.parametrize(
    "withdraw",
    [lambda variant: archive_variant(variant_id=variant.pk), archive_product, redraft_product],
    ids=["variant archived", "product archived", "product back in draft"],
)
def test_what_is_no_longer_sold_stays_in_the_cart_as_unavailable_and_out_of_its_totals(withdraw):
    shirt = sell("SHIRT", "1500.00")
    sell("CAP", "200.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1), ("CAP", 1))

    withdraw(shirt)

    cart = visitor.get(f"/carts/{token}").json()
    assert [(line["sku"], line["is_available"]) for line in cart["lines"]] == [
        ("SHIRT", False),
        ("CAP", True),
    ]
    assert cart["totals"]["total"] == "200.00"
    assert add(visitor, token, "SHIRT", 1).status_code == 400
    assert visitor.send("DELETE", f"/carts/{token}/lines/SHIRT").status_code == 200


def test_a_price_that_changed_shows_beside_the_one_that_was_seen():
    shirt = sell("SHIRT", "1500.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 2))

    change_price(shirt, "1600.00")

    (line,) = visitor.get(f"/carts/{token}").json()["lines"]
    assert (line["seen_price"], line["unit_price"], line["total"]) == (
        "1500.00",
        "1600.00",
        "3200.00",
    )


def test_a_cart_with_a_log_in_is_ones_own_and_nobody_elses():
    sell()
    ada, eve = customer(), customer("eve@example.com")
    token = fill_cart(ada, ("SHIRT", 1))

    for stranger in (eve, guest()):
        assert stranger.get(f"/carts/{token}").status_code == 404
        assert stranger.send("DELETE", f"/carts/{token}").status_code == 404
        assert add(stranger, token, "SHIRT", 1).status_code == 404
        line = f"/carts/{token}/lines/SHIRT"
        assert stranger.send("PATCH", line, {"quantity": 5}).status_code == 404
        assert stranger.send("DELETE", line).status_code == 404
        assert stranger.send("PUT", f"/carts/{token}/coupon", {"code": "X1"}).status_code == 404
        assert stranger.send("DELETE", f"/carts/{token}/coupon").status_code == 404
        quote = {"delivery_method": "pickup"}
        assert stranger.send("POST", f"/carts/{token}/quote", quote).status_code == 404
    assert eve.send("POST", f"/carts/{token}/claim").status_code == 404
    assert CartLine.objects.get().quantity == 1
    assert Cart.objects.get().user == ada.user


@pytest.mark.parametrize("token", ["nothing", "%00", "%F0%9F%9B%92", "a" * 200, "..%2F.."])
def test_a_token_that_opens_nothing_is_a_404(token):
    assert guest().get(f"/carts/{token}").status_code == 404
    assert add(guest(), token, "SHIRT", 1).status_code == 404


@pytest.mark.parametrize("lines", [1, 20])
def test_reading_a_cart_takes_two_statements_however_full_it_is(lines, django_assert_num_queries):
    visitor = guest()
    token = fill_cart(visitor, *((sell(f"SKU{n}").sku, 1) for n in range(lines)))

    with django_assert_num_queries(2):
        visitor.get(f"/carts/{token}")
