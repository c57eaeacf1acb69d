"""Logging in: what it answers, to whom, and what it leaves behind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.dateparse import parse_datetime

from audit.models import AuditEntry
from mdv.accounts import services
from mdv.accounts.backends import PasswordBackend
from mdv.accounts.models import ApiToken
from mdv.accounts.roles import Role
from mdv.kernel import clock
from tests.accounts.people import (
    OTHER_PASSWORD,
    PASSWORD,
    deactivate,
    make_customer,
    make_guest,
    make_staff,
)


def without_request_id(answer):
    return {key: value for key, value in answer.json().items() if key != "request_id"}


def test_logging_in_gives_a_token_for_thirty_days_and_says_who_one_is(api, ada):
    before = clock.now()

    answer = api.log_in()

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"token", "expires_at", "user"}
    assert body["user"] == {
        "email": "ada@example.com",
        "name": "Ada",
        "phone": "",
        "roles": [],
        "must_change_password": False,
        "date_joined": ada.date_joined.isoformat().replace("+00:00", "Z"),
    }
    lifetime = parse_datetime(body["expires_at"]) - before
    assert timedelta(days=30) <= lifetime < timedelta(days=30, minutes=1)
    assert api.get("/auth/me").status_code == 200


def test_staff_get_a_token_for_twelve_hours(api):
    make_staff(Role.SUPPORT)
    before = clock.now()

    answer = api.log_in("support@example.com")

    lifetime = parse_datetime(answer.json()["expires_at"]) - before
    assert answer.json()["user"]["roles"] == ["support"]
    assert timedelta(hours=12) <= lifetime < timedelta(hours=12, minutes=1)


def test_an_address_is_the_same_in_capitals(api, ada):
    answer = api.log_in("ADA@Example.Com")

    assert answer.status_code == 200


@pytest.mark.parametrize("who", ["unknown", "wrong password", "inactive", "without password"])
def test_every_failure_is_answered_alike_after_exactly_one_hash(api, who, hashes):
    if who == "without password":
        make_guest()
    elif who != "unknown":
        user = make_customer()
        if who == "inactive":
            deactivate(user)
    hashes.clear()

    answer = api.log_in(password=OTHER_PASSWORD if who == "wrong password" else PASSWORD)

    assert answer.status_code == 401
    assert without_request_id(answer) == {
        "type": "urn:mdv:problem:invalid_credentials",
        "title": "Unauthorized",
        "status": 401,
        "code": "invalid_credentials",
        "detail": "The e-mail or the password is wrong.",
        "errors": [],
    }
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["X-RateLimit-Remaining"] == "99999"
    assert len(hashes) == 1
    assert not ApiToken.objects.exists()


def test_a_log_in_is_written_to_the_trail_with_who_where_and_which_request(api, ada):
    answer = api.post(
        "/auth/login",
        {"email": "ada@example.com", "password": PASSWORD},
        **{"User-Agent": "Phone/1", "X-Request-ID": "req-00000001"},
    )

    entry = AuditEntry.objects.get(event="logged_in")
    assert answer["X-Request-ID"] == "req-00000001"
    assert (entry.actor_id, entry.actor_email, entry.actor_role) == (
        ada.pk,
        "ada@example.com",
        "customer",
    )
    assert (entry.outcome, entry.object_pk, entry.cid) == ("ok", str(ada.pk), "req-00000001")
    assert (entry.remote_addr, entry.user_agent, entry.source) == ("192.0.2.1", "Phone/1", "api")


def test_a_failed_log_in_is_written_to_the_trail_with_the_address_that_was_typed(api, ada):
    api.log_in("Nobody@example.com", "wrong")
    api.log_in("ada@example.com", "wrong")

    unknown, known = AuditEntry.objects.filter(event="login_failed").order_by("id")
    assert (unknown.outcome, unknown.object_repr, unknown.object_pk) == (
        "failed",
        "nobody@example.com",
        "",
    )
    assert (known.outcome, known.object_repr, known.object_pk) == (
        "failed",
        "ada@example.com",
        str(ada.pk),
    )
    assert unknown.actor_kind == known.actor_kind == "guest"
    assert unknown.remote_addr == "192.0.2.1"


def test_no_password_and_no_token_is_readable_in_any_table(api, run_jobs):
    api.post("/auth/register", {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"})
    run_jobs()
    api.log_in(password="a wrong one, typed")
    api.log_in()

    for secret in (PASSWORD, "a wrong one, typed", api.token):
        assert tables_with(secret) == []


def tables_with(text):
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f"SELECT count(*) FROM {connection.ops.quote_name(table)} AS row "  # noqa: S608
                "WHERE position(%s IN row::text) > 0",
                [text],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_a_log_in_whose_password_is_changed_meanwhile_opens_nothing(ada, monkeypatch):
    check = PasswordBackend.authenticate

    def check_and_lose_the_race(*args, **kwargs):
        user = check(*args, **kwargs)
        services.change_password(user=ada, current=PASSWORD, new=OTHER_PASSWORD)
        return user

    monkeypatch.setattr(PasswordBackend, "authenticate", check_and_lose_the_race)

    with pytest.raises(services.InvalidCredentials):
        services.log_in(email="ada@example.com", password=PASSWORD)

    assert not ApiToken.objects.exists()


def test_the_fifty_first_log_in_ends_the_oldest(api, ada):
    api.log_in()
    oldest = ApiToken.objects.get()
    for _ in range(50):
        services.log_in(email="ada@example.com", password=PASSWORD)

    assert ApiToken.objects.count() == 50
    assert not ApiToken.objects.filter(pk=oldest.pk).exists()


def test_a_token_that_is_stale_does_not_keep_anybody_from_logging_in(api, ada):
    api.token = "0" * 64

    answer = api.log_in()

    assert answer.status_code == 200


def test_logging_out_ends_this_token_at_once_and_no_other(as_ada, elsewhere):
    other = elsewhere()
    other.log_in()

    answer = as_ada.post("/auth/logout")

    assert (answer.status_code, answer.content) == (204, b"")
    assert as_ada.get("/auth/me").status_code == 401
    assert as_ada.get("/auth/me").json()["code"] == "invalid_token"
    assert other.get("/auth/me").status_code == 200
    entry = AuditEntry.objects.get(event="logged_out")
    assert entry.actor_email == "ada@example.com"


def test_logging_out_everywhere_ends_all_of_ones_tokens_and_nobody_elses(as_ada, as_bob, elsewhere):
    other = elsewhere()
    other.log_in()

    answer = as_ada.post("/auth/logout-all")

    assert answer.status_code == 204
    assert [who.get("/auth/me").status_code for who in (as_ada, other, as_bob)] == [401, 401, 200]
    assert AuditEntry.objects.get(event="logged_out_everywhere").actor_email == "ada@example.com"
