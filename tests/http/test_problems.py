"""Every refusal has one shape, and says nothing about the inside of the house."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import RequestFactory

from mdv.http import problems
from mdv.kernel import context
from tests.accounts.people import make_staff
from tests.http.views import SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.http.urls")]

MEMBERS = {"type", "title", "status", "code", "detail", "errors", "request_id"}
ID = "request-id-of-this-test"


def problem_of(response):
    """Check what holds for every problem and return its document."""
    assert response["Content-Type"] == "application/problem+json"
    document = json.loads(response.content)
    assert document.keys() >= MEMBERS
    assert document["status"] == response.status_code
    assert document["type"] == f"urn:mdv:problem:{document['code']}"
    assert document["request_id"] == response["X-Request-ID"]
    for word in (SECRET, "SELECT", "/srv", "psycopg", "Traceback", "Django", ".py", "10.0.0.9"):
        assert word not in response.content.decode()
    return document


RAISED = [
    ("invalid", 400, "invalid"),
    ("forbidden", 403, "forbidden"),
    ("not-found", 404, "not_found"),
    ("conflict", 409, "out_of_stock"),
    ("too-many", 429, "rate_limited"),
    ("http404", 404, "not_found"),
    ("permission", 403, "forbidden"),
    ("suspicious", 400, "malformed"),
    ("unreadable", 400, "malformed"),
    ("too-big", 413, "too_large"),
    ("too-many-fields", 413, "too_large"),
    ("too-many-files", 413, "too_large"),
    ("validation", 400, "invalid"),
    ("fault", 500, "internal_error"),
]


@pytest.mark.parametrize(("name", "status", "code"), RAISED)
@pytest.mark.parametrize("door", ["/api/v1/fails/", "/api/v1/plain/", "/plain/"])
def test_what_a_view_raises_is_the_same_problem_through_every_door(
    door, name, status, code, client
):
    response = client.get(f"{door}{name}", headers={"X-Request-ID": ID})

    problem = problem_of(response)
    assert (problem["status"], problem["code"], problem["request_id"]) == (status, code, ID)


@pytest.mark.parametrize(
    ("asked", "options", "status", "code"),
    [
        ("get /api/v1/no-such-route", {}, 404, "not_found"),
        ("get /no-such-page", {}, 404, "not_found"),
        ("get /api/v1/protected", {}, 401, "not_authenticated"),
        ("get /api/v1/refused", {}, 403, "forbidden"),
        ("get /api/v1/fails/drf-token", {}, 401, "invalid_token"),
        ("get /api/v1/fails/drf-parse", {}, 400, "malformed"),
        ("put /api/v1/echo", {}, 405, "method_not_allowed"),
        ("get /api/v1/echo", {"headers": {"Accept": "image/png"}}, 406, "not_acceptable"),
        ("post /api/v1/echo", {"data": {"a": "b"}}, 415, "unsupported_media_type"),
        (
            "post /api/v1/echo",
            {"data": "<a/>", "content_type": "text/xml"},
            415,
            "unsupported_media_type",
        ),
        (
            "post /api/v1/echo",
            {"data": "{", "content_type": "application/json"},
            400,
            "malformed_json",
        ),
        ("get /api/v1/echo", {"headers": {"Host": "evil.example.com"}}, 400, "malformed"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(asked, options, status, code, client):
    method, path = asked.split(" ")
    problem = problem_of(getattr(client, method)(path, **options))

    assert (problem["status"], problem["code"]) == (status, code)


@pytest.mark.parametrize(("path", "back"), [("/admin/nowhere/", "/admin/"), ("/no-such-page", "/")])
def test_people_get_a_page_with_a_style_an_icon_and_a_way_back(path, back, client):
    client.force_login(make_staff())

    page = client.get(path, headers={"Accept": "text/html"}).content.decode()

    assert f'<a href="{back}">' in page
    for name in re.findall(r'href="/static/([^"]+)"', page):
        assert finders.find(name), name
    assert page.count("/static/") == 2
    assert "style=" not in page
    assert "<style" not in page


def test_a_domain_errors_facts_are_members_that_never_hide_the_standard_ones(client):
    problem = problem_of(client.get("/api/v1/fails/conflict"))

    assert problem.keys() == MEMBERS | {"lines"}
    assert problem["lines"] == [{"sku": "A", "available": 2}]
    assert (problem["title"], problem["status"], problem["detail"], problem["errors"]) == (
        "Conflict",
        409,
        "Some lines are out of stock.",
        [],
    )


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("invalid", [("sku", "unknown", "No such SKU.")]),
        ("validation", [("price", "dear", "Too dear.")]),
        ("validation-of-the-whole", [("", "sum", "It does not add up.")]),
        ("drf-validation", [("lines.1.sku", "invalid", "Unknown."), ("", "invalid", "Empty.")]),
    ],
)
def test_each_mistake_is_named_with_its_place_its_code_and_a_sentence(name, errors, client):
    problem = problem_of(client.get(f"/api/v1/fails/{name}"))

    assert problem["errors"] == [
        {"field": field, "code": code, "message": message} for field, code, message in errors
    ]


def test_who_has_to_wait_is_told_for_how_long(client):
    response = client.get("/api/v1/fails/too-many")

    assert (response["Retry-After"], response.json()["retry_after"]) == ("7", 7)


@pytest.mark.parametrize("path", ["/api/v1/protected", "/api/v1/fails/drf-token"])
def test_who_is_not_logged_in_is_told_how_to(path, client):
    assert client.get(path)["WWW-Authenticate"] == "Bearer"


def test_a_wrong_method_is_told_the_right_ones(client):
    assert client.delete("/api/v1/echo")["Allow"] == "GET, POST, HEAD, OPTIONS"


class TestPages:
    HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}

    @pytest.mark.parametrize(
        ("path", "status", "title"),
        [
            ("/no-such-page", 404, "Not Found"),
            ("/plain/fault", 500, "Internal Server Error"),
            ("/plain/permission", 403, "Forbidden"),
            ("/plain/suspicious", 400, "Bad Request"),
        ],
    )
    def test_a_person_at_a_browser_gets_a_page(self, path, status, title, client):
        response = client.get(path, headers=self.HTML)

        assert (response.status_code, response["Content-Type"]) == (
            status,
            "text/html; charset=utf-8",
        )
        page = response.content.decode()
        assert f"<h1>{title}</h1>" in page
        assert response["X-Request-ID"] in page
        assert SECRET not in page

    @pytest.mark.parametrize("path", ["/api/v1/no-such-route", "/api/v1/plain/fault"])
    def test_the_api_speaks_json_also_to_a_browser(self, path, client):
        problem_of(client.get(path, headers=self.HTML))

    @pytest.mark.parametrize("accept", ["*/*", "application/json", "text/plain", ""])
    def test_who_does_not_ask_for_a_page_gets_json(self, accept, client):
        problem_of(client.get("/no-such-page", headers={"Accept": accept}))


def test_a_stale_form_is_a_problem_with_a_way_out():
    request = RequestFactory().post("/admin/login/", headers={"Accept": "application/json"})

    with context.use(context.Context(source="admin", request_id=ID)):
        response = problems.csrf_failure(request, reason="CSRF cookie not set.")

    document = json.loads(response.content)
    assert (document["status"], document["code"]) == (403, "csrf_failed")
    assert "CSRF cookie" not in document["detail"]


def test_of_many_mistakes_the_first_are_named_and_the_rest_counted():
    found = [problems.FieldProblem(f"key{number}", "invalid", "No.") for number in range(345)]
    problem = problems.Problem(status=400, code="invalid", detail="No.", errors=found)

    told = problem.body()["errors"]

    assert [one["field"] for one in told[:20]] == [f"key{number}" for number in range(20)]
    assert told[20:] == [{"field": "", "code": "more_problems", "message": "And 325 more."}]
