"""Limits as clients meet them, and what the trail keeps of it."""

import pytest
from django.test import Client

from audit.models import AuditEntry

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real_limits,
    pytest.mark.urls("tests.http.urls"),
    pytest.mark.usefixtures("clock"),
]

LIMIT, REMAINING, RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"


def visitor(address):
    return Client(REMOTE_ADDR=address, raise_request_exception=False)


@pytest.fixture
def ada():
    return visitor("192.0.2.1")


def get(client, times, path="/api/v1/echo"):
    return [client.get(path) for _ in range(times)][-1]


def denials():
    found = AuditEntry.objects.filter(outcome="denied").order_by("id")
    return list(found.values_list("reason", "object_repr", "remote_addr"))


def test_every_limited_answer_says_where_one_stands(ada, clock):
    first, second = get(ada, 1), get(ada, 1)
    clock.shift(7)
    third = get(ada, 1)

    assert [answer[LIMIT] for answer in (first, second, third)] == ["60"] * 3
    assert [answer[REMAINING] for answer in (first, second, third)] == ["59", "58", "57"]
    assert int(first[RESET]) == int(second[RESET]) == int(third[RESET]) + 7


def test_one_too_many_is_a_problem_that_says_how_long_to_wait(ada, clock):
    last, refused = get(ada, 60), get(ada, 1)

    assert (last.status_code, last[REMAINING]) == (200, "0")
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert refused.json()["code"] == "rate_limited"
    assert (refused[LIMIT], refused[REMAINING]) == ("60", "0")
    assert refused["Retry-After"] == refused[RESET] == str(refused.json()["retry_after"])

    clock.shift(int(refused["Retry-After"]) - 1)
    assert get(ada, 1)["Retry-After"] == "1"
    clock.shift(1)
    assert get(ada, 1).status_code == 200


def test_another_address_is_not_concerned(ada):
    get(ada, 61)

    assert get(visitor("192.0.2.2"), 1)[REMAINING] == "59"


def test_a_write_counts_twice_and_is_shown_the_tighter_limit(ada):
    answers = [ada.post("/api/v1/echo", {}, "application/json") for _ in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert (answers[0][LIMIT], answers[0][REMAINING]) == ("30", "29")
    assert get(ada, 1)[REMAINING] == "28"


def test_who_is_not_let_in_is_counted_too(ada):
    refused, one_more = get(ada, 60, "/api/v1/protected"), get(ada, 1, "/api/v1/protected")

    assert (refused.status_code, refused[REMAINING]) == (401, "0")
    assert one_more.status_code == 429


def test_what_a_view_refuses_by_itself_is_counted_once(ada):
    assert [get(ada, 1, "/api/v1/refused")[REMAINING] for _ in range(3)] == ["59", "58", "57"]


def test_a_flood_of_refused_requests_is_one_entry_per_window_and_address(ada, clock):
    get(ada, 70)
    get(visitor("192.0.2.2"), 62)
    clock.shift(60)
    get(ada, 65)

    route = "GET api/v1/echo"
    assert denials() == [
        ("rate_limited", route, "192.0.2.1"),
        ("rate_limited", route, "192.0.2.2"),
        ("rate_limited", route, "192.0.2.1"),
    ]


def test_strangers_at_a_closed_door_cannot_fill_the_trail(ada):
    get(ada, 200, "/api/v1/protected")

    reasons = [reason for reason, *_ in denials()]
    assert reasons == ["not_authenticated"] * 60 + ["rate_limited"]


@pytest.mark.parametrize("path", ["/health/live", "/page", "/no-such-page"])
def test_what_is_not_limited_says_nothing_of_limits(path, ada):
    answer = get(ada, 1, path)

    assert not {LIMIT, REMAINING, RESET} & answer.headers.keys()
