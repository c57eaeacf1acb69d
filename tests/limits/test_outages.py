"""Without Redis, in any way of being without it, limits hold on and nobody waits long."""

import logging
import time
from types import SimpleNamespace

import pytest
from django_redis import get_redis_connection

from mdv.limits import counting
from mdv.limits.counting import BREAKER_OPEN_S, count
from mdv.limits.models import Hit

pytestmark = [pytest.mark.real_limits, pytest.mark.django_db]

LONGEST_CALL_S = 0.6  # one timeout of 100 ms, and a machine with other things to do
IN_POSTGRESQL = ["login", "login_account", "register", "password_reset"]


@pytest.fixture(params=["refusing", "no socket", "deaf", "read-only", "full"])
def outage(request, use_redis):
    """Redis is gone, hangs, only reads or is full."""
    if request.param == "refusing":
        use_redis("redis://127.0.0.1:9/0")
    elif request.param == "no socket":
        use_redis("unix:///nowhere/redis.sock?db=0")
    elif request.param == "deaf":
        use_redis(request.getfixturevalue("deaf").url)
    else:
        request.getfixturevalue("own_redis")
        redis = get_redis_connection("default")
        if request.param == "full":
            redis.config_set("maxmemory-policy", "noeviction")
            redis.config_set("maxmemory", 1)
        else:
            redis.execute_command("REPLICAOF", "127.0.0.1", "9")
    return request.param


@pytest.fixture
def later(monkeypatch):
    """Let time pass for the breaker: call it with seconds."""
    passed = [0.0]
    own = SimpleNamespace(time=time.time, monotonic=lambda: time.monotonic() + passed[0])
    monkeypatch.setattr(counting, "time", own)

    def wait(seconds):
        passed[0] += seconds

    return wait


def seconds_of(act):
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


@pytest.mark.parametrize("scope", IN_POSTGRESQL)
def test_what_guards_log_ins_is_counted_exactly_in_postgresql(scope, outage, clock, settings):
    settings.RATE_LIMITS = {scope: "5/m"}

    usages = [count(scope, "ada") for _ in range(7)]

    assert [usage.count for usage in usages] == [1, 2, 3, 4, 5, 6, 7]
    assert [usage.refused for usage in usages] == [False] * 5 + [True] * 2
    assert {usage.reset for usage in usages} == {30}
    assert Hit.objects.get().count == 7
    assert "ada" not in Hit.objects.get().key


def test_everything_else_is_counted_by_the_process(outage, clock):
    usages = [count("search", "ada") for _ in range(31)]

    assert [usage.refused for usage in usages] == [False] * 30 + [True]
    assert usages[-1].reset == 30
    assert not Hit.objects.exists()


def test_no_call_waits_long(outage):
    assert max(seconds_of(lambda: count("login", "ada")) for _ in range(6)) < LONGEST_CALL_S


def test_windows_also_end_while_redis_is_away(outage, clock):
    for scope in ("login", "search"):
        told = [count(scope, "ada") for _ in range(40)][-1]
        clock.shift(told.reset - 1)
        assert count(scope, "ada").refused
        clock.shift(1)
        assert (count(scope, "ada").count, count(scope, "ada").reset) == (1, 60)


class TestBreaker:
    def test_it_opens_after_three_errors_says_so_and_asks_again_after_a_while(
        self, deaf, use_redis, later, caplog
    ):
        use_redis(deaf.url)

        for _ in range(5):
            count("login", "ada")
        asked_at_first = len(deaf.connections)
        later(BREAKER_OPEN_S)
        for _ in range(5):
            count("login", "ada")

        assert asked_at_first == 3
        # One question is enough to know that nothing has changed.
        assert len(deaf.connections) == 4
        assert caplog.text.count("redis_away") == 2
        assert {record.levelno for record in caplog.records} == {logging.WARNING}

    def test_three_errors_with_a_success_between_them_do_not_open_it(self):
        breaker = counting.Breaker()

        for _ in range(5):
            breaker.failed()
            breaker.failed()
            breaker.succeeded()

        assert not breaker.is_open()

    def test_when_redis_is_back_it_counts_again(self, own_redis, later):
        redis = get_redis_connection("default")
        redis.execute_command("REPLICAOF", "127.0.0.1", "9")
        away = [count("login", "ada") for _ in range(4)]
        redis.execute_command("REPLICAOF", "NO", "ONE")

        still_away = count("login", "ada")
        later(BREAKER_OPEN_S)
        back = [count("login", "ada") for _ in range(2)]

        assert [usage.count for usage in [*away, still_away]] == [1, 2, 3, 4, 5]
        assert [usage.count for usage in back] == [1, 2]
        assert Hit.objects.get().count == 5

    def test_a_restart_of_redis_is_noticed_by_nobody(self, own_redis, tmp_path):
        count("login", "ada")
        own_redis.stop()
        again = type(own_redis)(tmp_path)
        try:
            assert again.url == own_redis.url
            assert count("login", "ada").count == 1
            assert counting._breaker.errors == 0  # noqa: SLF001
            assert not Hit.objects.exists()
        finally:
            again.stop()


def test_the_process_keeps_no_more_counts_than_it_has_room_for(monkeypatch, clock):
    monkeypatch.setattr(counting, "MAX_KEYS_PER_PROCESS", 10)
    counts = counting.ProcessCounts()

    for number in range(100):
        counts.count("api", str(number), 60, 60)

    assert len(counts.counts) <= 11
