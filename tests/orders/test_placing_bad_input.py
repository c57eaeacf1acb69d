"""Orders that make no sense are refused with a 400 that names the field, and change nothing."""

import pytest

from tests.orders.nothing import assert_nothing_happened
from tests.orders.ordering import LAGOS, deliver_everywhere, guest, order_of, place, problems, sell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)


def raw(body):
    """Send bytes as they are."""
    return guest().client.generic(
        "POST",
        "/api/v1/orders",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "0123456789abcdef-bad-input"},
    )


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
        "/api/v1/orders", {"lines": "1"}, headers={"Idempotency-Key": "0123456789abcdef-bad-input"}
    )

    assert answer.status_code == 415
    assert_nothing_happened()


def test_more_than_a_hundred_different_items_in_one_order_are_refused():
    lines = [(f"SKU{n}", 1) for n in range(101)]

    answer = place(guest(), order_of(*lines, total="1.00"))

    assert problems(answer) == [("lines", "max_length")]
    assert_nothing_happened()
