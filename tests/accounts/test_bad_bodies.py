"""Bodies that are not what a route expects: a 400 with a code, fast, and nothing happens."""

import pytest

from mdv.accounts.models import User

PUBLIC = [
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/password/reset"),
    ("POST", "/auth/password/reset/confirm"),
]
PERSONAL = [
    ("PATCH", "/auth/me"),
    ("POST", "/auth/password"),
    ("POST", "/auth/addresses"),
]
BEHIND_A_LOG_IN = [
    *PERSONAL,
    ("GET", "/auth/me"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/logout-all"),
    ("GET", "/auth/tokens"),
    ("DELETE", "/auth/tokens/00000000-0000-4000-8000-000000000000"),
    ("GET", "/auth/addresses"),
    ("GET", "/auth/addresses/00000000-0000-4000-8000-000000000000"),
    ("PATCH", "/auth/addresses/00000000-0000-4000-8000-000000000000"),
    ("DELETE", "/auth/addresses/00000000-0000-4000-8000-000000000000"),
]
MALFORMED = {
    "not JSON": b"{",
    "NUL": b'{"email": "ada\\u0000@example.com"}',
    "lone surrogate": b'{"email": "\\ud800"}',
    "not UTF-8": b'{"email": "\xff"}',
    "100,000 brackets": b"[" * 100_000,
    "deep": b'{"email": ' + b"[" * 30 + b"]" * 30 + b"}",
    "NaN": b'{"email": NaN}',
}
WRONG_SHAPES = {"list": b"[]", "string": b'"ada"', "number": b"7", "null": b"null"}


@pytest.mark.parametrize(("method", "path"), PUBLIC + PERSONAL)
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_sound_json_is_refused(as_ada, method, path, body, hashes):
    hashes.clear()

    answer = as_ada(method, path, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert answer["Content-Type"] == "application/problem+json"
    assert hashes == []


@pytest.mark.parametrize(("method", "path"), PUBLIC + PERSONAL)
@pytest.mark.parametrize("body", WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_what_is_no_object_is_refused(as_ada, method, path, body):
    answer = as_ada(method, path, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(("method", "path"), PUBLIC + PERSONAL)
def test_unknown_fields_are_named(as_ada, method, path):
    answer = as_ada(method, path, {"is_staff": True})

    assert answer.status_code == 400
    errors = {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert ("is_staff", "unknown_field") in errors


@pytest.mark.parametrize(("method", "path"), PUBLIC + PERSONAL)
@pytest.mark.parametrize("value", [None, True, 7, 7.5, [], {}, [["x"]]])
def test_values_of_another_type_are_refused(as_ada, method, path, value):
    fields = ("email", "password", "name", "current", "new", "uid", "token", "street")
    users = User.objects.count()

    answer = as_ada(method, path, dict.fromkeys(fields, value))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert User.objects.count() == users


@pytest.mark.parametrize(("method", "path"), PUBLIC)
def test_forms_are_not_accepted(api, method, path):
    answer = api.client.generic(
        method, f"/api/v1{path}", b"email=ada", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 415


@pytest.mark.parametrize(("method", "path"), PUBLIC)
def test_more_than_a_megabyte_is_not_read(api, method, path, hashes):
    answer = api(method, path, {"email": "ada@example.com", "password": "x" * 2**20})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert hashes == []


@pytest.mark.parametrize(("method", "path"), BEHIND_A_LOG_IN)
def test_a_visitor_is_asked_to_log_in(api, method, path):
    answer = api(method, path, {} if method in {"POST", "PATCH"} else None)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/auth/tokens/1", "/auth/addresses/1", "/auth/addresses/%00"])
def test_what_is_no_id_does_not_exist(as_ada, path):
    assert as_ada.get(path).status_code == 404
