"""The hold that every test's client has on the API: what an operation does not declare is told."""

import orjson
import pytest
from django.http import HttpResponse

from tests.published import PROBLEM, undeclared

ORDERS = "api/v1/orders"


def refusal(status, code):
    return HttpResponse(orjson.dumps({"code": code}), status=status, content_type=PROBLEM)


@pytest.mark.parametrize(
    ("method", "response", "complaint"),
    [
        ("POST", refusal(409, "price_changed"), ""),
        ("POST", refusal(409, "sold_to_a_friend"), "sold_to_a_friend"),
        ("GET", refusal(409, "price_changed"), "answers 409"),
        ("GET", refusal(401, "not_authenticated"), ""),
        ("GET", refusal(429, "rate_limited"), ""),
        ("GET", HttpResponse(headers={"ETag": '"1"'}), "with ETag"),
        ("GET", HttpResponse(headers={"Location": "/api/v1/orders/M-1"}), "with Location"),
        ("GET", HttpResponse(headers={"Retry-After": "5"}), "with Retry-After"),
        ("GET", HttpResponse(headers={"Idempotent-Replayed": "true"}), "with Idempotent-Replayed"),
        ("POST", HttpResponse(status=201, headers={"Idempotent-Replayed": "true"}), ""),
        ("POST", HttpResponse(status=201, headers={"Location": "/api/v1/orders/M-1"}), ""),
        ("POST", HttpResponse(status=201, headers={"Location": "http://x/o"}), "not a path"),
        ("DELETE", HttpResponse(status=405), ""),
        ("GET", HttpResponse(status=500), ""),
    ],
)
def test_an_answer_that_its_operation_does_not_declare_is_told(method, response, complaint):
    told = undeclared(method, ORDERS, response)

    assert complaint in told
    assert bool(told) == bool(complaint)


def test_routes_with_parameters_are_found():
    assert "gone" in undeclared("GET", "api/v1/orders/<plain:number>", refusal(404, "gone"))
