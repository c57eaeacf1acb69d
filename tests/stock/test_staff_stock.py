"""Stock over the API: levels, ledgers, receiving, adjusting, warnings."""

import uuid

import pytest

from shop.catalog import services as catalogue
from shop.stock import services
from shop.stock.models import StockMovement
from tests.catalog.shelf import make_product
from tests.stock.ledgers import level

pytestmark = pytest.mark.django_db

NAME = "/staff/stock/SHIRT"


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def test_a_level_and_its_ledger_the_newest_first(staff, shirt):
    services.reserve_stock(quantities={shirt.pk: 4}, source="M-1")
    services.set_low_level(variant_id=shirt.pk, low_at=2)

    shown = staff.get(NAME).json()

    newest, oldest = shown["ledger"].pop("results")
    assert shown == {
        "sku": "SHIRT",
        "product": "shirt",
        "title": "Shirt",
        "option_values": [],
        "is_archived": False,
        "on_hand": 10,
        "reserved": 4,
        "available": 6,
        "low_at": 2,
        "ledger": {"next": None},
    }
    assert newest.pop("created_at").endswith("Z")
    assert newest == {
        "seq": 2,
        "kind": "reserve",
        "d_on_hand": 0,
        "d_reserved": 4,
        "on_hand_after": 10,
        "reserved_after": 4,
        "reason": "",
        "source": "M-1",
        "actor_label": "system",
        "request_id": "",
    }
    assert (oldest["seq"], oldest["kind"]) == (1, "receipt")


def test_the_ledger_comes_in_pages(staff, shirt):
    for number in range(5):
        services.receive_stock(variant_id=shirt.pk, quantity=1, reason=f"delivery {number}")

    url, seen = f"/api/v1{NAME}?page_size=4", []
    while url:
        page = staff.client.get(url, headers=staff.headers).json()["ledger"]
        seen += [movement["seq"] for movement in page["results"]]
        url = page["next"]

    assert seen == [6, 5, 4, 3, 2, 1]
    assert staff.get(f"{NAME}?colour=red").status_code == 400


def test_a_variant_that_never_had_stock_has_a_level_too(staff):
    make_product("Shirt", stock=0)

    shown = staff.get(NAME).json()

    assert (shown["on_hand"], shown["reserved"], shown["available"]) == (0, 0, 0)
    assert shown["ledger"] == {"next": None, "results": []}


def test_a_correction_is_made_once_however_often_it_is_sent(staff, shirt):
    same = key()

    first = staff.send("POST", f"{NAME}/adjust", {"delta": -3, "reason": "broken"}, **same)
    again = staff.send("POST", f"{NAME}/adjust", {"delta": -3, "reason": "broken"}, **same)

    assert (first.status_code, first.json()["on_hand"]) == (200, 7)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    movement = StockMovement.objects.order_by("-seq")[0]
    assert (movement.seq, movement.reason) == (2, "broken")
    assert movement.actor_label == "logistics@example.com"
    assert movement.request_id


def test_a_correction_without_a_key_is_refused(staff, shirt):
    answer = staff.send("POST", f"{NAME}/adjust", {"delta": -3, "reason": "broken"})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert level(shirt) == (10, 0)


def test_a_key_is_not_used_for_another_correction(staff, shirt):
    same = key()
    staff.send("POST", f"{NAME}/adjust", {"delta": -3, "reason": "broken"}, **same)

    answer = staff.send("POST", f"{NAME}/adjust", {"delta": -4, "reason": "broken"}, **same)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert level(shirt) == (7, 0)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"delta": 0, "reason": "x"}, "delta", "out_of_range"),
        ({"delta": "3", "reason": "x"}, "delta", "invalid"),
        ({"delta": 1.5, "reason": "x"}, "delta", "invalid"),
        ({"delta": True, "reason": "x"}, "delta", "invalid"),
        ({"delta": 10**9, "reason": "x"}, "delta", "max_value"),
        ({"delta": 1}, "reason", "required"),
        ({"delta": 1, "reason": ""}, "reason", "blank"),
        ({"delta": 1, "reason": " "}, "reason", "blank"),
        ({"delta": 1, "reason": "x" * 256}, "reason", "max_length"),
        ({"delta": 1, "reason": "x", "on_hand": 5}, "on_hand", "unknown_field"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(staff, shirt, body, field, code):
    answer = staff.send("POST", f"{NAME}/adjust", body, **key())

    assert answer.status_code == 400
    assert (field, code) in [(e["field"], e["code"]) for e in answer.json()["errors"]]
    assert level(shirt) == (10, 0)


def test_what_orders_hold_is_not_adjusted_away(staff, shirt):
    services.reserve_stock(quantities={shirt.pk: 8}, source="M-1")

    answer = staff.send("POST", f"{NAME}/adjust", {"delta": -3, "reason": "lost"}, **key())

    assert (answer.status_code, answer.json()["code"]) == (409, "below_reserved")
    assert level(shirt) == (10, 8)


def test_goods_are_received(staff, shirt):
    answer = staff.send("POST", f"{NAME}/receive", {"quantity": 5, "reason": "DN 12"}, **key())

    assert (answer.status_code, answer.json()["available"]) == (200, 15)
    assert StockMovement.objects.order_by("-seq")[0].kind == "receipt"


@pytest.mark.parametrize("quantity", [0, -1, "5", None, 1_000_001])
def test_a_receipt_is_some_units(staff, shirt, quantity):
    answer = staff.send("POST", f"{NAME}/receive", {"quantity": quantity}, **key())

    assert answer.status_code == 400
    assert level(shirt) == (10, 0)


def test_staff_are_warned_from_the_level_they_choose(staff, shirt):
    make_product("Hat", stock=1)

    assert staff.send("PUT", f"{NAME}/low-level", {"low_at": 10}).json()["low_at"] == 10
    assert skus(staff.get("/staff/stock/low")) == ["SHIRT"]
    assert staff.send("PUT", f"{NAME}/low-level", {"low_at": 9}).status_code == 200
    assert skus(staff.get("/staff/stock/low")) == []
    assert staff.send("PUT", f"{NAME}/low-level", {"low_at": -1}).status_code == 400


def skus(answer):
    assert answer.status_code == 200, answer.content
    return [shown["sku"] for shown in answer.json()["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["HAT", "LAMP", "SHIRT"]),
        ("ordering=-available", ["SHIRT", "HAT", "LAMP"]),
        ("ordering=available", ["LAMP", "HAT", "SHIRT"]),
        ("low=true", ["HAT"]),
        ("low=false", ["LAMP", "SHIRT"]),
        ("sku=sh", ["SHIRT"]),
        ("product=hat", ["HAT"]),
        ("is_archived=true", ["SHIRT"]),
    ],
)
def test_levels_are_listed_filtered_and_ordered(staff, shirt, query, expected):
    hat = make_product("Hat", stock=2).variants.get()
    services.set_low_level(variant_id=hat.pk, low_at=5)
    make_product("Lamp", stock=0)
    catalogue.archive_variant(variant_id=shirt.pk)

    assert skus(staff.get(f"/staff/stock?{query}")) == expected


def test_what_is_no_longer_sold_is_not_warned_of(staff, shirt):
    services.set_low_level(variant_id=shirt.pk, low_at=50)
    catalogue.archive_variant(variant_id=shirt.pk)

    assert skus(staff.get("/staff/stock/low")) == []


def test_the_list_comes_in_pages_by_what_is_available(staff):
    for number in range(5):
        make_product(f"Shirt {number}", stock=number % 3)

    url, seen = "/api/v1/staff/stock?ordering=available&page_size=2", []
    while url:
        page = staff.client.get(url, headers=staff.headers).json()
        seen += [shown["sku"] for shown in page["results"]]
        url = page["next"]

    assert seen == ["SHIRT-0", "SHIRT-3", "SHIRT-1", "SHIRT-4", "SHIRT-2"]


@pytest.mark.parametrize("query", ["low=1", "colour=red", "sku=", "ordering=reserved"])
def test_a_question_that_makes_no_sense_is_refused(staff, query):
    assert staff.get(f"/staff/stock?{query}").status_code == 400


def test_an_unknown_variant_is_a_404(staff):
    assert staff.get("/staff/stock/NOTHING").status_code == 404
    body = {"delta": 1, "reason": "x"}
    assert staff.send("POST", "/staff/stock/NOTHING/adjust", body, **key()).status_code == 404
