"""Ordering the same again."""

import pytest

from shop.carts.models import Cart
from shop.catalog.models import Variant
from tests.orders.ordering import (
    change_price,
    customer,
    deliver_everywhere,
    guest,
    order_of_cart,
    place,
    placed,
    sell,
)

pytestmark = pytest.mark.django_db

TOKEN = "X-Order-Token"


@pytest.fixture
def shirt(db):
    deliver_everywhere("500.00")
    return sell("SHIRT", "1500.00", stock=10)


@pytest.fixture
def belt(db):
    return sell("BELT", "700.00", stock=10)


def again(caller, order, **headers):
    return caller.send("POST", f"/orders/{order['number']}/reorder", **headers)


def archive(sku):
    Variant.objects.filter(sku=sku).update(is_archived=True)


def test_a_cart_has_the_same_at_todays_prices_and_can_be_ordered(shirt, belt):
    ada = customer()
    order = placed(ada, ("SHIRT", 2), ("BELT", 1), total="4200.00")
    change_price(shirt, "1600.00")

    answer = again(ada, order)

    cart = answer.json()["cart"]
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/carts/{cart['token']}"
    lines = [(line["sku"], line["quantity"], line["unit_price"]) for line in cart["lines"]]
    assert lines == [("SHIRT", 2, "1600.00"), ("BELT", 1, "700.00")]
    assert answer.json()["left_out"] == []
    assert place(ada, order_of_cart(cart["token"], total="4400.00")).status_code == 201


def test_what_is_no_longer_sold_is_left_out_and_named(shirt, belt):
    ada = customer()
    order = placed(ada, ("SHIRT", 2), ("BELT", 1), total="4200.00")
    archive("SHIRT")

    answer = again(ada, order).json()

    assert [line["sku"] for line in answer["cart"]["lines"]] == ["BELT"]
    assert [(line["sku"], line["quantity"]) for line in answer["left_out"]] == [("SHIRT", 2)]


def test_where_nothing_is_sold_any_more_no_cart_is_opened(shirt):
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00")
    archive("SHIRT")

    answer = again(ada, order)

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_is_sold")
    assert not Cart.objects.exists()


def test_the_cart_is_the_customers_own(shirt):
    ada = customer()
    order = placed(ada, ("SHIRT", 1), total="2000.00")

    token = again(ada, order).json()["cart"]["token"]

    assert ada.get(f"/carts/{token}").status_code == 200
    assert guest().get(f"/carts/{token}").status_code == 404


def test_a_guest_needs_the_orders_token_and_strangers_find_nothing(shirt):
    order = placed(guest(), ("SHIRT", 1), total="2000.00")

    assert again(guest(), order, **{TOKEN: order["access_token"]}).status_code == 201
    assert again(guest(), order).status_code == 404
    assert again(customer("eve@example.com"), order).status_code == 404
    assert Cart.objects.count() == 1


def test_it_takes_as_many_statements_for_twenty_lines_as_for_one(db, django_assert_num_queries):
    deliver_everywhere("500.00")
    skus = [sell(f"SKU{number:02}", "100.00", stock=10).sku for number in range(20)]
    ada = customer()
    one = placed(ada, (skus[0], 1), total="600.00")
    many = placed(ada, *[(sku, 1) for sku in skus], total="2500.00")
    again(ada, one)

    with django_assert_num_queries(10):
        again(ada, one)
    with django_assert_num_queries(10):
        again(ada, many)
