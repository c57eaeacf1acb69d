"""/health as platforms ask for it: any host, no TLS, no limits, only to be read."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

from mdv.kernel import clock
from tests.accounts.people import make_staff
from tests.catalog.clients import Caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/health", "/health/books", "/health/live", "/health/ready"])
class TestEveryHealthPath:
    def test_any_host_may_ask(self, client, path):
        assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200
        assert client.get("/", headers={"Host": "10.0.0.7:8000"}).status_code == 400

    def test_it_is_not_sent_to_https(self, client, path, settings):
        settings.SECURE_SSL_REDIRECT = True

        assert Client().get(path).status_code == 200
        assert Client().get("/").status_code == 301

    def test_it_is_not_limited_and_not_kept(self, client, path, settings):
        settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1/d")

        answers = [client.get(path) for _ in range(5)]

        assert [answer.status_code for answer in answers] == [200] * 5
        assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
        assert not any("X-RateLimit-Limit" in answer for answer in answers)

    def test_head_has_the_status_alone(self, client, path):
        response = client.head(path)

        assert (response.status_code, response.content) == (200, b"")

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_it_can_only_be_read(self, path, method):
        response = Client(enforce_csrf_checks=True).generic(method, path)

        assert response.status_code == 405
        assert response["Content-Type"] == "application/problem+json"
        assert response["Allow"] == "GET, HEAD"
        assert response.json()["code"] == "method_not_allowed"


def test_the_timestamp_is_in_utc(client):
    told = client.get("/health").json()["timestamp"]

    assert datetime.fromisoformat(told).utcoffset() == timedelta(0)


def test_guessing_tokens_at_health_is_limited_like_everywhere(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api": "2/d"}
    guesser = Client()
    for _ in range(3):
        answer = guesser.get("/health", headers={"Authorization": "Bearer guess"})
        assert answer.status_code == 200

    assert Caller("guess").get("/auth/me").status_code == 429


@pytest.mark.parametrize(("minutes", "sees_figures"), [(59, True), (62, False)])
def test_figures_are_shown_to_a_session_as_long_as_it_lasts_in_the_back_office(
    minutes, sees_figures
):
    browser = Client()
    browser.force_login(make_staff())
    browser.get("/admin/")

    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        database = browser.get("/health").json()["checks"]["database"]

    assert ("latency_ms" in database) == sees_figures


def test_who_has_to_choose_a_password_sees_no_figures():
    browser = Client()
    person = make_staff()
    browser.force_login(person)
    type(person).objects.update(must_change_password=True)

    assert browser.get("/health").json()["checks"]["database"].keys() == {"status"}


def test_a_database_that_only_reads_is_degraded(client):
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        cursor.execute("SET TRANSACTION READ ONLY")
    try:
        answer = client.get("/health")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO before")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["database"] == {"status": "read_only"}
