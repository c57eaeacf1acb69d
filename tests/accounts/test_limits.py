"""The limits on logging in, registering and asking for a link: exact, whatever happens."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client, override_settings

from audit.models import AuditEntry
from mdv.accounts.models import KnownAddress
from mdv.kernel import clock
from mdv.limits import counting
from mdv.limits.models import Hit
from tests.accounts.conftest import Api
from tests.accounts.people import PASSWORD, make_customer

pytestmark = [pytest.mark.real_limits, pytest.mark.usefixtures("still_windows")]

WRONG = "not-the-password"


def statuses(answers):
    return [answer.status_code for answer in answers]


def test_the_sixth_attempt_from_an_address_within_a_minute_is_refused_unchecked(api, ada, hashes):
    hashes.clear()

    answers = [api.log_in(f"nobody{n}@example.com", WRONG) for n in range(5)]
    refused = api.log_in("ada@example.com")

    assert statuses(answers) == [401] * 5
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0"]
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    assert refused["X-RateLimit-Limit"] == "5"
    assert refused["X-RateLimit-Remaining"] == "0"
    assert refused["Retry-After"] == refused["X-RateLimit-Reset"]
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused.json()["retry_after"] == int(refused["Retry-After"])
    assert len(hashes) == 5


def test_log_ins_that_are_no_log_ins_are_counted_too(api):
    answers = [api.post("/auth/login", {"emali": "ada@example.com"}) for _ in range(31)]

    assert statuses(answers) == [400] * 30 + [429]


def test_a_flood_of_refused_attempts_is_one_entry_in_the_trail(api):
    for _ in range(12):
        api.log_in(password=WRONG)

    denied = AuditEntry.objects.get(outcome="denied", reason="rate_limited")
    assert denied.object_repr == "POST api/v1/auth/login"
    assert denied.remote_addr == "192.0.2.1"
    assert AuditEntry.objects.filter(event="login_failed").count() == 5


@pytest.mark.parametrize("is_known", [True, False])
def test_an_account_attacked_from_many_addresses_is_held_to_the_same_limit(
    elsewhere, is_known, hashes
):
    if is_known:
        make_customer()
    hashes.clear()

    answers = [elsewhere(f"198.51.100.{n}").log_in(password=WRONG) for n in range(1, 8)]

    assert statuses(answers) == [401] * 5 + [429] * 2
    assert len(hashes) == 5


def test_an_account_takes_twenty_attempts_an_hour_however_slow_they_come(
    elsewhere, settings, hashes
):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login": "100000/m"}

    answers = [elsewhere(f"198.51.100.{n}").log_in(password=WRONG) for n in range(1, 23)]

    assert statuses(answers) == [401] * 20 + [429] * 2
    assert answers[-1]["X-RateLimit-Limit"] == "20"
    assert len(hashes) == 20


def test_the_owner_gets_in_from_a_known_device_while_the_account_is_attacked(ada, elsewhere):
    at_home = elsewhere("203.0.113.5")
    at_home.log_in()
    attack = [elsewhere(f"198.51.100.{n}").log_in(password=WRONG) for n in range(1, 8)]

    from_home = at_home.log_in()
    from_a_cafe = elsewhere("203.0.113.77").log_in()

    assert statuses(attack)[-1] == 429
    assert from_home.status_code == 200
    assert from_a_cafe.status_code == 429


def sign_in(browser, email="admin@example.com"):
    return browser.post("/admin/login/?next=/admin/", {"username": email, "password": PASSWORD})


@pytest.mark.parametrize(("days", "status"), [(29, 302), (31, 429)])
def test_staff_get_into_the_back_office_from_where_they_did_lately(admin, elsewhere, days, status):
    browser = Client(REMOTE_ADDR="203.0.113.5")
    sign_in(browser)
    KnownAddress.objects.update(seen_at=clock.now() - timedelta(days=days))
    for n in range(1, 7):
        elsewhere(f"198.51.100.{n}").log_in("admin@example.com", WRONG)

    assert sign_in(Client(REMOTE_ADDR="203.0.113.5")).status_code == status
    assert sign_in(Client(REMOTE_ADDR="203.0.113.6")).status_code == 429


def test_when_all_log_ins_were_ended_no_device_is_known(ada, elsewhere):
    at_home = elsewhere("203.0.113.5")
    at_home.log_in()
    at_home.post("/auth/logout-all")
    for n in range(1, 7):
        elsewhere(f"198.51.100.{n}").log_in(password=WRONG)

    assert at_home.log_in().status_code == 429


def test_a_device_that_another_account_knows_is_not_known(ada, as_bob, elsewhere):
    for n in range(1, 6):
        elsewhere(f"198.51.100.{n}").log_in(password=WRONG)

    from_bobs = as_bob.post("/auth/login", {"email": "ada@example.com", "password": WRONG})

    assert from_bobs.status_code == 429


def test_a_known_device_is_still_held_to_the_limit_of_its_address(ada, elsewhere):
    at_home = elsewhere("203.0.113.5")
    at_home.log_in()

    answers = [at_home.log_in(password=WRONG) for _ in range(6)]

    assert statuses(answers) == [401] * 4 + [429] * 2


def test_an_ipv6_client_has_one_count_for_its_whole_network(elsewhere):
    answers = [
        elsewhere(f"2001:db8:1:2::{n:x}").log_in(f"n{n}@example.com", WRONG) for n in range(1, 8)
    ]
    neighbour = elsewhere("2001:db8:1:3::1").log_in("n@example.com", WRONG)

    assert statuses(answers) == [401] * 5 + [429] * 2
    assert neighbour.status_code == 401


def test_inventing_forwarded_addresses_changes_nothing(api):
    answers = [
        api.post(
            "/auth/login",
            {"email": f"n{n}@example.com", "password": WRONG},
            **{"X-Forwarded-For": f"198.51.100.{n}"},
        )
        for n in range(7)
    ]

    assert statuses(answers) == [401] * 5 + [429] * 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/auth/register", {"email": "a{}@example.com", "password": PASSWORD, "name": "A"}, 201),
        ("/auth/password/reset", {"email": "a{}@example.com"}, 202),
    ],
)
def test_registering_and_asking_for_a_link_are_allowed_three_times_a_minute(
    api, as_known_nowhere, path, body, status
):
    answers = [api.post(path, {**body, "email": body["email"].format(n)}) for n in range(4)]
    other = as_known_nowhere.post(path, {**body, "email": "b@example.com"})

    assert statuses(answers) == [status] * 3 + [429]
    assert answers[-1]["X-RateLimit-Limit"] == "3"
    assert other.status_code == status


@pytest.fixture
def as_known_nowhere(elsewhere):
    return elsewhere("198.51.100.99")


def test_a_token_does_not_buy_another_count(ada, elsewhere):
    somebody = elsewhere("203.0.113.5")
    somebody.log_in()

    answers = [
        somebody.post("/auth/password/reset", {"email": f"n{n}@example.com"}) for n in range(4)
    ]

    assert statuses(answers) == [202, 202, 202, 429]


def test_the_current_password_cannot_be_guessed_with_an_open_log_in(as_ada, hashes):
    hashes.clear()

    answers = [
        as_ada.post("/auth/password", {"current": f"guess-{n}", "new": "copper-heron-58"})
        for n in range(7)
    ]

    assert statuses(answers) == [400] * 5 + [429] * 2
    assert len(hashes) == 5


def test_the_back_offices_log_in_form_is_held_to_the_same_limit_with_a_page_that_says_so(
    admin, hashes
):
    browser = Client(REMOTE_ADDR="192.0.2.1", headers={"Accept": "text/html"})
    form = {"username": "admin@example.com", "password": WRONG}
    hashes.clear()

    pages = [browser.post("/admin/login/", form) for _ in range(5)]
    refused = browser.post("/admin/login/", {**form, "password": PASSWORD})

    assert statuses(pages) == [200] * 5
    assert refused.status_code == 429
    assert refused["Content-Type"].startswith("text/html")
    assert "Too many requests. Please wait." in refused.content.decode()
    assert refused["Retry-After"] == refused["X-RateLimit-Reset"]
    assert len(hashes) == 5
    assert not browser.session.get("_auth_user_id")


def test_the_form_and_the_api_count_together(admin):
    browser = Client(REMOTE_ADDR="192.0.2.1")
    form = {"username": "admin@example.com", "password": WRONG}

    for _ in range(3):
        browser.post("/admin/login/", form)
    answers = [Api().log_in("admin@example.com", WRONG) for _ in range(3)]

    assert statuses(answers) == [401, 401, 429]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("redis", ["here", "gone"])
def test_of_sixty_four_parallel_log_ins_exactly_five_passwords_are_checked(redis, hashes, request):
    make_customer()
    hashes.clear()
    if redis == "gone":
        request.getfixturevalue("redis_gone")

    answers = in_parallel(64, lambda: Api().log_in(password=WRONG).status_code)

    assert sorted(answers) == [401] * 5 + [429] * 59
    assert len(hashes) == 5


def in_parallel(number, act):
    gate = threading.Barrier(number)
    answers = []

    def run():
        gate.wait()
        try:
            answers.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def redis_gone(settings, monkeypatch):
    """Point the cache at a port where nobody listens."""
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}
    monkeypatch.setattr(counting, "_breaker", counting.Breaker())
    with override_settings(CACHES={"default": away}):
        yield


@pytest.mark.django_db
def test_without_redis_log_ins_are_counted_exactly_in_postgresql(redis_gone, hashes):
    make_customer()
    hashes.clear()

    answers = [Api().log_in(password=WRONG) for _ in range(8)]

    assert statuses(answers) == [401] * 5 + [429] * 3
    assert len(hashes) == 5
    assert set(Hit.objects.values_list("scope", "count")) == {
        ("login", 8),
        ("login", 5),
        ("login_account", 5),
    }
