"""Tokens: where one is logged in, and how that ends."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from mdv.accounts.models import ApiToken
from mdv.kernel import clock
from tests.accounts.people import deactivate


def test_one_sees_ones_own_devices_and_which_one_this_is(ada, as_ada, as_bob, elsewhere):
    phone = elsewhere("198.51.100.7")
    phone.client.defaults["HTTP_USER_AGENT"] = "Phone/1"
    phone.log_in()

    answer = as_ada.get("/auth/tokens")

    first, second = answer.json()["results"]
    assert set(first) == {
        "id",
        "name",
        "created_at",
        "expires_at",
        "last_used_at",
        "last_address",
        "last_device",
        "is_current",
    }
    assert (first["name"], first["last_address"], first["is_current"]) == (
        "Phone/1",
        "198.51.100.7",
        False,
    )
    assert (second["last_address"], second["is_current"]) == ("192.0.2.1", True)


def test_ending_a_device_works_at_once_and_is_written_down(ada, as_ada, elsewhere):
    phone = elsewhere()
    phone.log_in()
    token = as_ada.get("/auth/tokens").json()["results"][0]

    answer = as_ada.delete(f"/auth/tokens/{token['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert phone.get("/auth/me").status_code == 401
    assert as_ada.get("/auth/me").status_code == 200
    entry = AuditEntry.objects.get(event="token_ended")
    assert (entry.actor_id, entry.additional_data) == (ada.pk, {"token": token["id"]})


def test_a_stranger_cannot_end_a_device_and_learns_nothing(as_ada, as_bob):
    token = as_ada.get("/auth/tokens").json()["results"][0]

    answer = as_bob.delete(f"/auth/tokens/{token['id']}")
    unknown = as_bob.delete("/auth/tokens/00000000-0000-4000-8000-000000000000")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert {**answer.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert as_ada.get("/auth/me").status_code == 200


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 401)])
def test_a_token_expires(as_ada, days, status):
    with time_machine.travel(clock.now() + timedelta(days=days)):
        answer = as_ada.get("/auth/me")

    assert answer.status_code == status


def test_a_token_of_somebody_deactivated_is_refused_at_once(as_ada, ada):
    deactivate(ada)

    assert as_ada.get("/auth/me").json()["code"] == "invalid_token"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer  ", "Bearer x", "Bearer " + "f" * 64, "Bearer é", "Basic YTpi", "Token abc"],
)
def test_what_is_no_token_is_refused(as_ada, header):
    answer = as_ada.get("/auth/me", Authorization=header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_only_a_hash_of_a_token_is_stored(as_ada):
    token = ApiToken.objects.get()

    assert as_ada.token not in (token.digest, token.token_key)
    assert len(token.token_key) < len(as_ada.token) / 2


def test_use_is_noted_at_most_every_five_minutes(as_ada):
    at_log_in = ApiToken.objects.get().last_used_at
    as_ada.client.defaults["REMOTE_ADDR"] = "203.0.113.20"

    as_ada.get("/auth/me")
    soon = ApiToken.objects.get()
    with time_machine.travel(at_log_in + timedelta(minutes=5, seconds=1)):
        as_ada.get("/auth/me")
        later = ApiToken.objects.get()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            as_ada.get("/auth/me")

    assert (soon.last_used_at, soon.last_address) == (at_log_in, "192.0.2.1")
    assert later.last_used_at > at_log_in
    assert later.last_address == "203.0.113.20"
    assert [q["sql"] for q in queries if "UPDATE" in q["sql"]] == []
    assert not AuditEntry.objects.filter(event="changed", content_type__model="apitoken").exists()


def test_authenticating_takes_one_query(as_ada):
    with CaptureQueriesContext(connection) as queries:
        as_ada.get("/auth/addresses")

    about_tokens = [q["sql"] for q in queries if "accounts_apitoken" in q["sql"]]
    assert len(about_tokens) == 1
