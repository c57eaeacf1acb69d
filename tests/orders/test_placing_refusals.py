"""Orders that are refused: each says why in a way that a shop can act on, and changes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mdv.idempotency.models import IdempotencyKey
from mdv.kernel import clock
from shop.carts.models import Cart
from shop.catalog.services import archive_variant
from shop.orders.models import Order
from shop.pricing.models import Coupon, ShippingZone
from shop.stock.models import StockMovement
from tests.orders.ordering import (
    LAGOS,
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
    problems,
    sell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shirt(db):
    deliver_everywhere("500.00")
    return sell("SHIRT", "1500.00", stock=10)


def assert_nothing_happened():
    assert not Order.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert available("SHIRT") == 10
    assert not StockMovement.objects.filter(kind="reserve").exists()
    assert not Coupon.objects.filter(used_count__gt=0).exists()


def raw(body):
    """Send bytes as they are."""
    return guest().client.generic(
        "POST",
        "/api/v1/orders",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "0123456789abcdef"},
    )


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
    assert_nothing_happened()


def test_a_coupon_is_used_as_often_as_it_may_and_by_each_customer_as_often_as_they_may():
    make_coupon("TEN", limit_total=3, limit_per_customer=1)
    body = order_of(("SHIRT", 1), total="1850.00", coupon="TEN")
    ada = customer()

    answers = [
        place(guest(), {**body, "email": "a@example.com"}),
        place(guest(), {**body, "email": "A@example.com"}),
        place(ada, {**body, "email": "a@example.com"}),
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


QUANTITIES = [-1, 0, 1000, 1.5, 1.0, "1", True, None, 2**31, 2**63]


@pytest.mark.parametrize("quantity", QUANTITIES, ids=repr)
def test_a_quantity_is_a_whole_number_from_1_to_999(quantity):
    answer = place(guest(), order_of(("SHIRT", quantity), total="2000.00"))

    assert answer.status_code == 400
    assert [field for field, _ in problems(answer)] == ["lines.0.quantity"]
    assert_nothing_happened()


@pytest.mark.parametrize("quantity", [b"NaN", b"1e400", b"-1e400", b"Infinity", b"1e0"])
def test_a_number_that_is_no_whole_number_is_refused_however_json_writes_it(quantity):
    body = b'{"lines":[{"sku":"SHIRT","quantity":%s}],"expected_total":"2000.00"}' % quantity

    answer = raw(body)

    assert answer.status_code == 400
    assert_nothing_happened()


NO_AMOUNTS = [
    2000,
    2000.0,
    None,
    True,
    "",
    "2000.000",
    "2,000.00",
    "2e3",
    "NaN",
    "Infinity",
    "-2000.00",
    "1" * 13,
    "2000.00 NGN",
    "٢٠٠٠",
]


@pytest.mark.parametrize("total", NO_AMOUNTS, ids=repr)
def test_an_expected_total_is_a_string_with_at_most_two_places(total):
    body = order_of(("SHIRT", 1), total="2000.00")

    answer = place(guest(), {**body, "expected_total": total})

    assert answer.status_code == 400
    assert [field for field, _ in problems(answer)] == ["expected_total"]
    assert_nothing_happened()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cart": "x" * 32}, ("lines", "cart_or_lines")),
        ({"lines": None}, ("lines", "cart_or_lines")),
        ({"lines": []}, ("lines", "min_length")),
        ({"lines": {}}, ("lines", "not_a_list")),
        ({"lines": ["SHIRT"]}, ("lines.0", "invalid")),
        ({"lines": [{"sku": "SHIRT", "quantity": 1}] * 101}, ("lines", "max_length")),
        (
            {"lines": [{"sku": "SHIRT", "quantity": 1, "price": "0.01"}]},
            ("lines.0.price", "unknown_field"),
        ),
        ({"total": "1.00"}, ("total", "unknown_field")),
        ({"shipping_total": "0.00"}, ("shipping_total", "unknown_field")),
        ({"status": "confirmed"}, ("status", "unknown_field")),
        ({"user": 1}, ("user", "unknown_field")),
        ({"delivery_method": "pigeon"}, ("delivery_method", "invalid_choice")),
        ({"delivery_method": None}, ("delivery_method", "required")),
        ({"payment_method": "gold"}, ("payment_method", "invalid_choice")),
        ({"payment_method": ["online"]}, ("payment_method", "invalid_choice")),
        ({"email": None}, ("email", "required")),
        ({"email": "nobody"}, ("email", "invalid")),
        ({"email": 7}, ("email", "invalid")),
        ({"phone": "call me"}, ("phone", "phone")),
        ({"name": "a\nb"}, ("name", "control_characters")),
        ({"name": "a" * 151}, ("name", "max_length")),
        ({"coupon": ""}, ("coupon", "blank")),
        ({"shipping_address": None}, ("shipping_address", "required")),
        ({"shipping_address": "1 Marina"}, ("shipping_address", "invalid")),
        ({"delivery_method": "pickup"}, ("shipping_address", "not_allowed")),
        (
            {"shipping_address": {**LAGOS, "planet": "Mars"}},
            ("shipping_address.planet", "unknown_field"),
        ),
        (
            {"shipping_address": {**LAGOS, "street": "  "}},
            ("shipping_address.street", "blank"),
        ),
        (
            {"shipping_address": {**LAGOS, "country": "ng"}},
            ("shipping_address.country", "country"),
        ),
        ({"shipping_address": {**LAGOS, "city": 5}}, ("shipping_address.city", "invalid")),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_naming_the_field(changes, problem):
    body = {**order_of(("SHIRT", 1), total="2000.00"), **changes}

    answer = place(guest(), {name: value for name, value in body.items() if value is not None})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert problems(answer) == [problem]
    assert_nothing_happened()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"order"',
        b'{"email": "a\x00b@example.com"}',
        b'{"email": "a\\u0000b@example.com"}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"lines":' * 50_000 + b"1" + b"}" * 50_000,
    ],
    ids=[
        "none",
        "torn",
        "null",
        "list",
        "text",
        "NUL",
        "escaped NUL",
        "surrogate",
        "latin",
        "[",
        "{",
    ],
)
def test_what_is_not_an_order_at_all_is_a_400(body):
    answer = raw(body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert_nothing_happened()


def test_a_body_of_another_type_is_a_415():
    answer = guest().client.post(
        "/api/v1/orders", {"lines": "1"}, headers={"Idempotency-Key": "0123456789abcdef"}
    )

    assert answer.status_code == 415
    assert_nothing_happened()


def test_more_than_a_hundred_different_items_in_one_order_are_refused():
    lines = [(f"SKU{n}", 1) for n in range(101)]

    answer = place(guest(), order_of(*lines, total="1.00"))

    assert problems(answer) == [("lines", "max_length")]
    assert_nothing_happened()


def test_a_refused_order_can_be_sent_again_with_the_same_key(shirt):
    key = "the-same-key-twice"
    refused = place(guest(), order_of(("SHIRT", 1), total="1.00"), key=key)
    accepted = place(guest(), order_of(("SHIRT", 1), total="2000.00"), key=key)

    assert (refused.status_code, accepted.status_code) == (409, 201)


def test_the_last_units_are_sold_to_who_comes_first():
    first = placed(guest(), ("SHIRT", 10), total="15500.00")
    second = place(guest(), order_of(("SHIRT", 1), total="2000.00"))

    assert first["lines"][0]["quantity"] == 10
    assert second.json()["lines"] == [{"sku": "SHIRT", "requested": 1, "available": 0}]
