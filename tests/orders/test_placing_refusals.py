"""Orders that are refused: each says why in a way that a shop can act on, and changes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mdv.kernel import clock
from shop.carts.models import Cart
from shop.catalog.services import archive_variant
from shop.orders.models import Order
from shop.pricing.models import Coupon, ShippingZone
from tests.orders.nothing import assert_nothing_happened
from tests.orders.ordering import (
    available,
    change_price,
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
def shirt(db):
    deliver_everywhere("500.00")
    return sell("SHIRT", "1500.00", stock=10)


def test_a_changed_price_names_old_and_new_per_line_and_the_new_total(shirt):
    sell("CAP", "200.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 2), ("CAP", 1))
    change_price(shirt, "1600.00")

    answer = place(visitor, order_of_cart(token, total="3700.00"))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "price_changed")
    assert (problem["expected_total"], problem["total"], problem["currency"]) == (
        "3700.00",
        "3900.00",
        "NGN",
    )
    assert problem["lines"] == [
        {"sku": "SHIRT", "quantity": 2, "old": "1500.00", "new": "1600.00"},
        {"sku": "CAP", "quantity": 1, "old": "200.00", "new": "200.00"},
    ]
    assert Cart.objects.filter(token=token).exists()
    assert not Order.objects.exists()
    assert available("SHIRT") == 10


@pytest.mark.parametrize("total", ["1999.99", "2000.01", "0.00"])
def test_an_expected_total_that_is_off_by_a_kobo_is_refused(total):
    answer = place(guest(), order_of(("SHIRT", 1), total=total))

    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["lines"] == [
        {"sku": "SHIRT", "quantity": 1, "old": None, "new": "1500.00"}
    ]
    assert_nothing_happened()


def test_too_little_stock_names_each_line_that_is_short():
    sell("CAP", "1.00", stock=1)
    sell("SOCKS", "1.00", stock=5)

    answer = place(guest(), order_of(("SHIRT", 11), ("CAP", 2), ("SOCKS", 5), total="17007.00"))

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["lines"] == [
        {"sku": "SHIRT", "requested": 11, "available": 10},
        {"sku": "CAP", "requested": 2, "available": 1},
    ]
    assert not Order.objects.exists()
    assert (available("SHIRT"), available("SOCKS")) == (10, 5)


def test_a_sku_that_never_had_stock_is_out_of_stock():
    sell("NEW", "1.00", stock=0)

    answer = place(guest(), order_of(("NEW", 1), total="501.00"))

    assert answer.json()["lines"] == [{"sku": "NEW", "requested": 1, "available": 0}]
    assert_nothing_happened()


def test_a_cart_with_something_that_is_no_longer_sold_is_refused_by_name(shirt):
    sell("CAP", "200.00")
    visitor = guest()
    token = fill_cart(visitor, ("SHIRT", 1), ("CAP", 1))
    archive_variant(variant_id=shirt.pk)

    answer = place(visitor, order_of_cart(token, total="700.00"))

    assert (answer.status_code, answer.json()["code"]) == (409, "unavailable")
    assert answer.json()["lines"] == [{"sku": "SHIRT", "title": "Shirt"}]
    assert_nothing_happened()
    assert Cart.objects.filter(token=token).exists()


def test_a_sku_that_is_not_sold_is_bad_input(shirt):
    archived = sell("CAP")
    archive_variant(variant_id=archived.pk)

    answer = place(guest(), order_of(("NONE", 1), ("CAP", 1), ("SHIRT", 1), total="2000.00"))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_sku")
    assert answer.json()["skus"] == ["NONE", "CAP"]
    assert not Order.objects.exists()


def test_an_empty_cart_cannot_be_ordered():
    visitor = guest()
    token = fill_cart(visitor)

    answer = place(visitor, order_of_cart(token, total="500.00"))

    assert (answer.status_code, answer.json()["code"]) == (400, "empty_order")
    assert_nothing_happened()


def test_somebody_elses_cart_cannot_be_ordered():
    ada, eve = customer(), customer("eve@example.com")
    token = fill_cart(ada, ("SHIRT", 1))

    for stranger in (eve, guest()):
        answer = place(stranger, order_of_cart(token, total="2000.00"))
        assert answer.status_code == 404

    assert_nothing_happened()
    assert Cart.objects.get().user == ada.user


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ends_at": -1}, "coupon_not_valid"),
        ({"starts_at": 1}, "coupon_not_valid"),
        ({"is_active": False}, "coupon_not_valid"),
        ({"min_subtotal": Decimal("1500.01")}, "coupon_not_valid"),
    ],
)
def test_a_coupon_that_is_not_open_is_refused(fields, code):
    moments = {
        name: clock.now() + timedelta(days=value) if name.endswith("_at") else value
        for name, value in fields.items()
    }
    make_coupon("TEN", **moments)

    answer = place(guest(), order_of(("SHIRT", 1), total="1850.00", coupon="TEN"))

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert_nothing_happened()


def test_a_coupon_that_does_not_exist_is_refused():
    answer = place(guest(), order_of(("SHIRT", 1), total="2000.00", coupon="NONE"))

    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_not_valid")
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("coupon", "coupon_not_valid")
    ]
    assert_nothing_happened()


@pytest.mark.parametrize("guest_first", [True, False])
@pytest.mark.parametrize("own_email", ["ada@example.com", "elsewhere@example.com"])
def test_who_orders_as_a_guest_and_logged_in_is_one_customer_of_a_coupon(guest_first, own_email):
    make_coupon("TEN", limit_per_customer=1)
    body = order_of(("SHIRT", 1), total="1850.00", coupon="TEN")
    as_guest = (guest(), {**body, "email": "ADA@example.com"})
    logged_in = (customer("ada@example.com"), {**body, "email": own_email})
    pair = [as_guest, logged_in] if guest_first else [logged_in, as_guest]

    first, second = (place(caller, wanted) for caller, wanted in pair)

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "coupon_exhausted")
    assert Coupon.objects.get().used_count == 1


def test_a_coupon_is_used_as_often_as_it_may_and_by_each_customer_as_often_as_they_may():
    make_coupon("TEN", limit_total=3, limit_per_customer=1)
    body = order_of(("SHIRT", 1), total="1850.00", coupon="TEN")
    ada = customer()

    answers = [
        place(guest(), {**body, "email": "a@example.com"}),
        place(guest(), {**body, "email": "A@example.com"}),
        place(ada, {**body, "email": "ada@example.com"}),
        place(guest(), {**body, "email": "b@example.com"}),
        place(guest(), {**body, "email": "c@example.com"}),
    ]

    assert [answer.status_code for answer in answers] == [201, 409, 201, 201, 409]
    assert {answers[1].json()["code"], answers[4].json()["code"]} == {"coupon_exhausted"}
    assert Coupon.objects.get().used_count == 3
    assert available("SHIRT") == 7


def test_where_nobody_delivers_nothing_can_be_ordered():
    ShippingZone.objects.all().delete()

    answer = place(guest(), order_of(("SHIRT", 1), total="1500.00"))

    assert (answer.status_code, answer.json()["code"]) == (409, "not_deliverable")
    assert_nothing_happened()


def test_an_order_worth_more_than_the_shop_can_count_is_refused():
    for number in range(2):
        sell(f"YACHT{number}", "99999999.99", stock=999)
    make_coupon("ALL", "100.00")
    two_yachts = [("YACHT0", 999), ("YACHT1", 999)]

    answers = [
        place(guest(), order_of(*two_yachts, total="199799999980.02", coupon=coupon))
        for coupon in (None, "ALL")
    ]

    assert [(a.status_code, a.json()["code"]) for a in answers] == [(400, "order_too_large")] * 2
    assert_nothing_happened()


def test_a_refused_order_can_be_sent_again_with_the_same_key(shirt):
    key = "the-same-key-a-second-time"
    refused = place(guest(), order_of(("SHIRT", 1), total="1.00"), key=key)
    accepted = place(guest(), order_of(("SHIRT", 1), total="2000.00"), key=key)

    assert (refused.status_code, accepted.status_code) == (409, 201)


def test_the_last_units_are_sold_to_who_comes_first():
    first = placed(guest(), ("SHIRT", 10), total="15500.00")
    second = place(guest(), order_of(("SHIRT", 1), total="2000.00"))

    assert first["lines"][0]["quantity"] == 10
    assert second.json()["lines"] == [{"sku": "SHIRT", "requested": 1, "available": 0}]
