"""Logs: one line of JSON per event, with the request's id, without secrets or paths."""

import io
import json
import logging

import pytest
import structlog
from django.http import HttpResponse

from mdv.http.logs import configure_logging
from mdv.http.middleware import RequestMiddleware
from mdv.kernel import context
from mdv.kernel.context import Actor, Context
from shop.catalog.gateways import NotFetched

pytestmark = pytest.mark.urls("tests.http.urls")


@pytest.fixture
def lines(monkeypatch):
    """What is written to stdout from now on, parsed line by line."""
    root = logging.getLogger()
    before = root.handlers
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    configure_logging()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers = before


def only(lines):
    (line,) = lines()
    return line


log = structlog.get_logger("mdv.tests")
library = logging.getLogger("some.library")


def test_an_event_is_one_line_with_its_facts(lines):
    log.info("order_placed", number="M-1", lines=[1, 2], total=None)

    line = only(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "order_placed",
        "level": "info",
        "logger": "mdv.tests",
        "number": "M-1",
        "lines": [1, 2],
        "total": None,
    }


def test_a_job_that_others_kept_from_its_work_is_one_warning_and_a_fault_of_ours_is_not(lines):
    for fault in (NotFetched("unreachable", is_final=False), KeyError("oops")):
        logging.getLogger("procrastinate.worker").error("Job 12 ended", exc_info=fault)

    outside, ours = lines()
    assert (outside["event"], outside["level"]) == ("Job 12 ended: unreachable", "warning")
    assert "exception" not in outside
    assert ours["level"] == "error"
    assert "KeyError" in ours["exception"]


def test_a_librarys_line_has_the_same_shape(lines):
    library.warning("%s of %d\nlines", "One", 2)

    line = only(lines)
    assert (line["event"], line["level"], line["logger"]) == (
        "One of 2\nlines",
        "warning",
        "some.library",
    )


def test_lines_of_a_request_carry_its_id_and_address(lines):
    with context.use(Context(source="api", request_id="the-request", address="198.51.100.7")):
        log.info("one")
        library.error("two")

    assert {(line["request_id"], line["address"]) for line in lines()} == {
        ("the-request", "198.51.100.7")
    }


def log_in(password):
    raise RuntimeError(f"login failed, password={password}")


class TestSecrets:
    @pytest.mark.parametrize(
        "key",
        [
            "password", "new_password", "Authorization", "api_key", "apiKey", "API-KEY", "token",
            "access_token", "cookie", "Set-Cookie", "secret", "client_secret", "signature",
            "card_number",
        ],
    )  # fmt: skip
    def test_a_secret_is_known_by_its_key_however_deep(self, key, lines):
        log.info("event", **{key: "s3cr3t", "inside": {"list": [{key: ["s3cr3t"]}]}})

        line = only(lines)
        assert line[key] == "[redacted]"
        assert line["inside"]["list"][0][key] == "[redacted]"
        assert "s3cr3t" not in json.dumps(line)

    @pytest.mark.parametrize(
        "text",
        [
            "Authorization: Bearer s3cr3t",
            "bearer   s3cr3t next",
            "password=s3cr3t&x=1",
            'body {"password": "s3cr3t and s3cr3t", "email": "a@b.c"}',
            "{'token': 's3cr3t'}",
            "new_password: s3cr3t",
            "secret = s3cr3t",
            "postgres://shop:s3cr3t@db:5432/shop",
            "redis://:s3cr3t@cache/0",
            "https://x.example/?token=s3cr3t",
        ],
    )
    def test_a_secret_is_known_by_its_surroundings(self, text, lines):
        log.info(text, note=text, inside=[{"note": text}])
        library.info("%s", text)

        assert "[redacted]" in lines()[0]["event"]
        assert "s3cr3t" not in json.dumps(lines())

    def test_ordinary_words_are_left_alone(self, lines):
        text = "The password was changed. http://localhost:8000/admin a@b.c 10:30:00"

        log.info(text)

        assert only(lines)["event"] == text

    def test_an_exception_has_its_traceback_and_none_of_its_locals(self, lines):
        password = "3".join(["s", "cr", "t"])
        try:
            log_in(password)
        except RuntimeError:
            library.exception("It broke")

        line = only(lines)
        assert "RuntimeError: login failed, password=[redacted]" in line["exception"]
        assert "in log_in" in line["exception"]
        assert "s3cr3t" not in json.dumps(line)


@pytest.mark.parametrize(
    "value",
    ["lone \ud800 surrogate", 2**80, {1: "a"}, {2, 1}, b"bytes", object(), float("nan"), "a\nb\0"],
)
def test_no_value_is_a_reason_to_lose_a_line(value, lines, monkeypatch):
    # pytest's own handlers would keep the surrogate for a report that xdist cannot pass on.
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if type(handler) is logging.StreamHandler]
    monkeypatch.setattr(root, "handlers", ours)

    log.info("event", value=value)
    library.info("%s", value)

    assert [line["level"] for line in lines()] == ["info", "info"]


@pytest.mark.django_db
class TestRequests:
    def test_a_request_is_one_line_with_the_route_and_not_the_path(self, client, lines):
        client.get("/api/v1/cart/cart-token-123?token=abc", headers={"X-Request-ID": "the-request"})

        line = only(lines)
        assert line["milliseconds"] >= 0
        assert {key: line[key] for key in ("event", "method", "route", "status", "request_id")} == {
            "event": "request",
            "method": "GET",
            "route": "api/v1/cart/<str:token>",
            "status": 404,
            "request_id": "the-request",
        }
        assert "cart-token-123" not in json.dumps(line)

    @pytest.mark.parametrize(
        "path",
        ["/page", "/api/v1/protected", "/no/such/cart-token-123", "/api/v1/fails/conflict"],
    )
    def test_a_request_is_one_line_however_it_ends(self, path, client, lines):
        client.get(path)

        assert only(lines)["event"] == "request"
        assert "cart-token-123" not in json.dumps(lines())

    def test_a_fault_has_its_traceback_and_the_id_of_its_request(self, client, lines):
        client.get("/api/v1/broken-cart/cart-token-123", headers={"X-Request-ID": "the-request"})

        fault, request = lines()
        assert fault["event"] == "Internal Server Error: api/v1/broken-cart/<str:token>"
        assert "ZeroDivisionError: token=[redacted]" in fault["exception"]
        assert request["status"] == 500
        assert {line["request_id"] for line in lines()} == {"the-request"}
        assert "cart-token" not in json.dumps(lines())
        assert "hunter2" not in json.dumps(lines())

    def test_a_line_names_a_person_by_number_alone(self, rf, lines):
        def view(request):
            context.set_actor(Actor(kind="user", id=7, label="ada@example.com"))
            return HttpResponse()

        request = rf.get("/")
        request.resolver_match = None
        RequestMiddleware(view)(request)

        assert (only(lines)["actor"], only(lines)["actor_id"]) == ("user", 7)
        assert "ada@example.com" not in json.dumps(only(lines))
