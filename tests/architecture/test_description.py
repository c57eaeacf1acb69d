"""The API's description is whole: what a stranger needs to write a client without asking."""

from collections import Counter

import jsonschema
import pytest

from mdv.http.problems import CONTENT_TYPE
from mdv.http.serializers import StrictSerializer
from tests.orders.ordering import deliver_everywhere, guest, order_of, place, sell
from tests.published import codes, schema

METHODS = {"get", "post", "put", "patch", "delete"}


def operations():
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_each_operation_has_a_sentence_of_its_own():
    said = {name: operation.get("summary") for name, operation in operations().items()}

    assert [name for name, summary in said.items() if not summary] == []
    repeated = {summary for summary, times in Counter(said.values()).items() if times > 1}
    assert [name for name, summary in said.items() if summary in repeated] == []
    assert [name for name, summary in said.items() if summary.endswith(".")] == []


def test_each_operation_says_more_than_its_summary_and_who_may_call_it():
    described = {name: operation.get("description", "") for name, operation in operations().items()}

    assert [
        n for n, text in described.items() if len(text) <= len(operations()[n]["summary"])
    ] == []
    assert "`pricing.change_coupon`" in described["PATCH /api/v1/staff/coupons/{code}"]
    assert described["GET /api/v1/products"].endswith("Open to everybody.")


def test_each_operation_is_in_an_area_that_has_a_sentence():
    areas = {tag["name"]: tag["description"] for tag in schema()["tags"]}

    stray = {n: o["tags"] for n, o in operations().items() if not set(o["tags"]) <= set(areas)}

    assert stray == {}
    assert all(areas.values())


def test_no_response_is_without_words():
    silent = [
        f"{name} {status}"
        for name, operation in operations().items()
        for status, response in operation["responses"].items()
        if not response["description"]
    ]

    assert silent == []


def test_the_introduction_names_what_holds_everywhere():
    said = schema()["info"]["description"]

    words = ("Authorization: Bearer", '"1500.00"', "page_size", "X-RateLimit", "`code`", "If-Match")
    assert [word for word in words if word not in said] == []
    assert [word for word in ("Idempotency-Key", "X-Order-Token") if word not in said] == []
    assert schema()["servers"][0]["url"] == "/"


@pytest.mark.parametrize(
    ("operation", "status", "header"),
    [
        ("POST /api/v1/orders", "201", "Location"),
        ("POST /api/v1/orders", "201", "Idempotent-Replayed"),
        ("GET /api/v1/products/{slug}", "200", "ETag"),
        ("GET /api/v1/products", "304", "ETag"),
        ("PATCH /api/v1/staff/products/{slug}", "200", "ETag"),
        ("GET /api/v1/orders", "429", "Retry-After"),
        ("GET /api/v1/orders", "200", "X-RateLimit-Remaining"),
        ("GET /api/v1/orders", "200", "X-Request-ID"),
    ],
)
def test_headers_that_matter_are_declared(operation, status, header):
    assert header in operations()[operation]["responses"][status]["headers"]


def test_codes_are_listed_by_status():
    placing = operations()["POST /api/v1/orders"]["responses"]

    assert {"price_changed", "out_of_stock", "not_deliverable"} <= set(codes(placing["409"]))
    assert "price_changed" not in codes(placing["400"])
    assert codes(placing["429"]) == ["rate_limited"]


@pytest.mark.django_db
def test_what_a_refusal_says_beyond_its_code_is_in_the_schema():
    sell()
    deliver_everywhere()
    refused = place(guest(), order_of(("SHIRT", 1), total="1.00"))

    described = schema()["components"]["schemas"]["PriceChangedProblem"]

    assert set(refused.json()) == set(described["properties"])
    whole = {**described, "components": schema()["components"]}
    jsonschema.validate(refused.json(), whole, cls=jsonschema.Draft202012Validator)
    conflict = operations()["POST /api/v1/orders"]["responses"]["409"]["content"][CONTENT_TYPE]
    assert {"$ref": "#/components/schemas/PriceChangedProblem"} in conflict["schema"]["anyOf"]


def test_words_that_are_for_us_stay_here():
    ours = StrictSerializer.__doc__

    said = [c.get("description", "") for c in schema()["components"]["schemas"].values()]

    assert [text for text in said if ours in text or "``" in text] == []


@pytest.mark.parametrize(
    ("component", "field"),
    [("PaymentInRequest", "amount"), ("PlaceOrderInRequest", "expected_total")],
)
def test_an_amount_has_no_minus_sign_where_none_is_accepted(component, field):
    described = schema()["components"]["schemas"][component]["properties"][field]

    assert described["pattern"] == r"^\d{1,12}(\.\d{1,2})?$"
    assert described["description"]
