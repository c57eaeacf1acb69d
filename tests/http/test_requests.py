"""What every request gets: an id, a context of its own, one line in the log."""

import re
from contextlib import closing

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import Client, RequestFactory

from mdv.http.middleware import RequestMiddleware
from mdv.kernel import context
from mdv.kernel.context import GUEST

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.http.urls")]


@pytest.mark.parametrize(
    "given", ["abcdefgh", "A-Z.0_9-client", "a" * 128, "0af7651916cd43dd8448eb211c80319c"]
)
def test_a_clients_harmless_id_is_kept(given, client):
    response = client.get("/api/v1/echo", headers={"X-Request-ID": given})

    assert response["X-Request-ID"] == response.json()["request_id"] == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "a" * 129, "with space", "semi;colon", "abcdefgh\n", "ünïcödé-id", '"quoted-id"'],
)
def test_another_one_is_replaced_by_ours(given, client):
    response = client.get("/api/v1/echo", headers={"X-Request-ID": given})

    assert re.fullmatch(r"[0-9a-f]{32}", response["X-Request-ID"])
    assert response.json()["request_id"] == response["X-Request-ID"]


def test_two_requests_have_two_ids(client):
    one, two = client.get("/page"), client.get("/page")

    assert one["X-Request-ID"] != two["X-Request-ID"]


@pytest.mark.parametrize("path", ["/page", "/api/v1/echo", "/no-such-page", "/plain/fault"])
def test_every_answer_says_how_long_it_took(path, client):
    assert re.fullmatch(r"\d+\.\dms", client.get(path)["X-Response-Time"])


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/api/v1/orders", "api"),
        ("/", "api"),
        ("/api/v1/webhooks/paystack", "webhook"),
        ("/admin", "admin"),
        ("/admin/", "admin"),
        ("/admin/accounts/user/", "admin"),
        ("/administrators", "api"),
    ],
)
def test_the_source_follows_from_the_path(path, source):
    assert seen_by_a_view(RequestFactory().get(path)).source == source


def test_a_request_begins_as_a_guests():
    seen = seen_by_a_view(RequestFactory().get("/"))

    assert (seen.actor, seen.address, seen.reason) == (GUEST, "127.0.0.1", "")
    assert context.current().source == "command"


@pytest.mark.parametrize(
    ("header", "kept"),
    [("curl/8", "curl/8"), ("x" * 300, "x" * 256), ("a\0b", "ab"), ("Ṣadé", "Ṣadé")],
)
def test_a_user_agent_is_kept_as_far_as_it_can_be_stored(header, kept):
    assert (
        seen_by_a_view(RequestFactory().get("/", headers={"User-Agent": header})).user_agent == kept
    )


def seen_by_a_view(request):
    seen = []

    def view(request):
        seen.append(context.current())
        return HttpResponse()

    request.resolver_match = None
    RequestMiddleware(view)(request)
    return seen[0]


def test_health_is_answered_under_any_host_and_nothing_else_is():
    client = Client(headers={"Host": "10.0.0.12:8000"})

    assert client.get("/health/live").status_code == 200
    assert client.get("/page").status_code == 400


@pytest.mark.parametrize("path", ["/health/live", "/no-such-page", "/static/mdv/icon.svg"])
def test_head_is_answered_without_a_body_but_with_its_length(path):
    def ask(method):
        told = []
        environ = RequestFactory().generic(method, path).environ
        answer = WSGIHandler()(environ, lambda *head: told.append(head))
        with closing(answer):
            ((status, headers),) = told
            return status, dict(headers).get("Content-Length"), b"".join(answer)

    status, length, body = ask("GET")

    assert len(body) == int(length) > 0
    assert ask("HEAD") == (status, length, b"")
