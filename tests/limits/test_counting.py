"""Counting in Redis: every hit once, in windows that end when they end."""

from datetime import UTC, datetime, timedelta

import pytest
from django_redis import get_redis_connection

from mdv.kernel import context
from mdv.kernel.context import Context
from mdv.kernel.errors import TooMany
from mdv.limits.counting import count, parse_rate
from mdv.limits.models import Hit
from mdv.limits.services import enforce, forget_old_hits

pytestmark = pytest.mark.real_limits


def test_hits_are_counted_up_to_the_limit_and_refused_beyond_it(clock):
    usages = [count("login", "ada") for _ in range(8)]

    assert [usage.count for usage in usages] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [usage.remaining for usage in usages] == [4, 3, 2, 1, 0, 0, 0, 0]
    assert [usage.refused for usage in usages] == [False] * 5 + [True] * 3
    assert [usage.first_refusal for usage in usages] == [False] * 5 + [True] + [False] * 2


def test_who_waits_as_long_as_told_is_let_in_and_a_second_earlier_is_not(clock):
    told = [count("login", "ada") for _ in range(6)][-1]

    clock.shift(told.reset - 1)
    early = count("login", "ada")
    clock.shift(1)
    in_time = count("login", "ada")

    assert (early.refused, early.reset) == (True, 1)
    assert (in_time.count, in_time.refused, in_time.reset) == (1, False, 60)


def test_a_refused_hit_does_not_prolong_the_window(clock):
    end = count("login", "ada").reset

    for waited in range(1, end):
        clock.shift(1)
        assert count("login", "ada").reset == end - waited
    clock.shift(1)

    assert count("login", "ada").count == 1


@pytest.mark.parametrize(
    ("rate", "seconds"), [("2/s", 1), ("2/m", 60), ("2/h", 3600), ("2/d", 86400)]
)
def test_a_window_is_as_long_as_its_rate_says(rate, seconds, clock, settings):
    settings.RATE_LIMITS = {"login": rate}
    clock.shift(count("login", "ada").reset)

    assert parse_rate(rate) == (2, seconds)
    assert [count("login", "ada").refused for _ in range(3)] == [False, False, True]
    assert count("login", "ada").reset == seconds


def test_everybody_has_a_count_of_their_own_in_every_scope(clock):
    for _ in range(6):
        count("login", "ada")

    assert count("login", "eve").count == 1
    assert count("login_account", "ada").count == 1


def test_no_name_is_kept_in_redis(clock, settings):
    count("login", "account:ada@example.com")

    keys = get_redis_connection("default").keys("*")
    assert len(keys) == 1
    assert b"ada" not in keys[0]


def test_a_limit_that_is_switched_off_refuses_nobody(settings):
    settings.RATELIMIT_ENABLE = False

    assert {count("login", "ada").refused for _ in range(9)} == {False}


def test_a_door_refuses_with_the_seconds_to_wait(clock):
    for _ in range(5):
        enforce("login", "ada")

    with pytest.raises(TooMany) as refusal:
        enforce("login", "ada")

    assert refusal.value.retry_after == refusal.value.usage.reset
    assert refusal.value.usage.scope == "login"


def test_where_one_stands_is_noted_for_the_request_and_forgotten_with_it():
    with context.use(Context(source="api")) as request:
        enforce("api", "ada")
        enforce("api_write", "ada")
    enforce("login", "ada")

    assert request.extra[context.LIMIT_USAGE].scope == "api_write"
    assert context.OUTSIDE.extra == {}


@pytest.mark.django_db
def test_counts_of_windows_that_ended_are_forgotten():
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for seconds in (-3600, -1, 0, 1):
        Hit.objects.create(
            scope="login", key=str(seconds), window_ends=now + timedelta(seconds=seconds), count=1
        )

    assert forget_old_hits(at=now) == 2

    assert set(Hit.objects.values_list("key", flat=True)) == {"0", "1"}
    assert forget_old_hits(at=now) == 0
