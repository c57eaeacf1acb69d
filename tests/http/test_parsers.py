"""JSON as the API reads it: what would break further down is refused at the door."""

import json

import pytest

from mdv.http.parsers import MAX_DEPTH, MAX_VALUES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.http.urls")]

BIGGEST = 1024 * 1024  # bytes


def send(client, body, content_type="application/json"):
    return client.generic("POST", "/api/v1/echo", body, content_type=content_type)


REFUSED = {
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "lone surrogate": b'{"a": "\\ud800"}',
    "lone surrogate in a key": b'{"\\udc00": 1}',
    "NUL": b'{"a": "x\\u0000y"}',
    "NUL in a key": b'{"x\\u0000y": 1}',
    "NUL deep inside": b'{"a": [{"b": ["x\\u0000"]}]}',
    "raw NUL": b'{"a": "x\x00y"}',
    "invalid UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "nested lists": b"[" * 100_000 + b"]" * 100_000,
    "open brackets": b"[" * 100_000,
    "one level too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "single quotes": b"{'a': 1}",
    "a trailing comma": b'{"a": 1,}',
    "a comment": b'{"a": 1} // b',
    "two documents": b"{}{}",
    "leading zeros": b'{"a": 01}',
    "half": b'{"a":',
    "nothing but space": b"   ",
    "text": b"hello",
    "a form": b"a=1&b=2",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_is_not_sound_json_is_refused(body, client):
    response = send(client, body)

    assert (response.status_code, response.json()["code"]) == (400, "malformed_json")


READ = {
    "an object": b'{"a": [1, -2.5, true, null, "x"]}',
    "text in any language": '{"a": "Ṣadé ₦ 💛"}'.encode(),
    "a pair of surrogates": b'{"a": "\\ud83d\\udc9b"}',
    "a backslash before u0000": b'{"a": "\\\\u0000"}',
    "as deep as allowed": b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
    "a bare value": b'"x"',
}


@pytest.mark.parametrize("body", READ.values(), ids=READ)
def test_what_is_sound_is_read_as_it_is(body, client):
    response = send(client, body)

    assert (response.status_code, response.json()) == (200, {"read": json.loads(body)})


def test_of_a_name_given_twice_the_last_counts(client):
    assert send(client, b'{"a": 1, "a": 2}').json() == {"read": {"a": 2}}


def test_an_empty_body_is_an_empty_object(client):
    assert send(client, b"").json() == {"read": {}}


def test_the_longest_body_is_read(client):
    body = b'["' + b"x" * (BIGGEST - 4) + b'"]'

    assert send(client, body).status_code == 200


def test_a_longer_body_is_refused_unread(client):
    response = send(client, b'["' + b"x" * (BIGGEST - 3) + b'"]')

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a"],
)
def test_anything_but_json_is_refused(content_type, client):
    response = send(client, b"{}", content_type)

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"1," * MAX_VALUES + b"1]",
        b"[" + b",".join([b"[" + b"1," * 99 + b"1]"] * (MAX_VALUES // 100)) + b"]",
        b'{"a": [[' + b"{}," * MAX_VALUES + b"{}]]}",
        b"{" + b",".join(b'"%d":1' % number for number in range(MAX_VALUES + 1)) + b"}",
    ],
)
def test_more_values_than_anybody_needs_are_refused(body, client):
    response = send(client, body)

    assert (response.status_code, response.json()["code"]) == (400, "too_many_values")
    assert len(response.content) < 1_000


def test_as_many_values_as_allowed_are_read(client):
    assert send(client, b"[" + b"1," * (MAX_VALUES - 1) + b"1]").status_code == 200
