"""Where a drill plays: on databases that nobody uses, and never on the shop's own."""

import os
import secrets
from contextlib import nullcontext
from io import StringIO
from urllib.parse import quote, urlsplit

import psycopg
import pytest
import redis
from django.core.management import CommandError, call_command

from mdv import env
from mdv.ops.drill import scratch
from mdv.ops.drill.scratch import NoScratch, scratch_folder, scratch_services
from mdv.ops.drill.stage import Stage, Wanted
from mdv.ops.management.commands import drill as command

URL, REDIS_URL = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]


@pytest.fixture
def server():
    with psycopg.connect(URL, autocommit=True) as session:
        yield session


@pytest.fixture(autouse=True)
def prefix(monkeypatch):
    """Other tests play on the same server: by this our databases are known, and there is room."""
    prefix = f"mdv_drill_{secrets.token_hex(4)}_"
    monkeypatch.setattr(scratch, "DATABASE_PREFIX", prefix)
    monkeypatch.setattr(scratch, "SPARE_CONNECTIONS", -100_000)
    return prefix


@pytest.fixture
def humble_role(server):
    """The address of a role that may not create databases."""
    role = f"humble_{secrets.token_hex(4)}"
    server.execute(f"CREATE ROLE {role} LOGIN")
    yield urlsplit(URL)._replace(netloc=f"{role}@{quote(host_of(URL), safe='')}").geturl()
    server.execute(f"DROP ROLE {role}")


def host_of(url):
    with psycopg.connect(url) as session:
        return session.info.host


def databases(server, prefix):
    found = server.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
    )
    return [name for (name,) in found]


def name_in(url):
    return urlsplit(url).path.lstrip("/")


class TestServices:
    def test_both_are_new_and_empty_and_go_afterwards(self, server, prefix):
        with scratch_services(URL, REDIS_URL, keeps=False) as services:
            assert databases(server, prefix) == [name_in(services["DATABASE_URL"])]
            with psycopg.connect(services["DATABASE_URL"]) as session:
                tables = session.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
                assert tables.fetchall() == []
            with redis.Redis.from_url(services["REDIS_URL"]) as taken:
                assert taken.keys() == [scratch.CLAIM.encode()]
                taken.set("anything", 1)
            assert services["REDIS_URL"] != REDIS_URL

        assert databases(server, prefix) == []
        with redis.Redis.from_url(services["REDIS_URL"]) as taken:
            assert taken.get("anything") is None

    def test_they_are_not_the_shops_own_also_where_its_addresses_name_those_in_options(self):
        ours = urlsplit(URL)
        options = f"{ours.query}&dbname={name_in(URL)}".lstrip("&")
        url = ours._replace(query=f"{options}&options=-c%20jit%3Doff").geturl()

        with scratch_services(url, f"{REDIS_URL.split('?')[0]}?db=0", keeps=False) as services:
            with psycopg.connect(services["DATABASE_URL"]) as session:
                assert session.info.dbname == name_in(services["DATABASE_URL"]) != name_in(URL)
                assert session.execute("SHOW jit").fetchone() == ("off",)
            with redis.Redis.from_url(services["REDIS_URL"]) as taken:
                assert taken.get_connection_kwargs()["db"] != 0

    def test_they_go_also_while_somebody_is_connected(self, server, prefix):
        with scratch_services(URL, REDIS_URL, keeps=False) as services:
            session = psycopg.connect(services["DATABASE_URL"])

        assert databases(server, prefix) == []
        session.close()

    def test_they_stay_where_that_is_asked_for(self, server, prefix):
        with scratch_services(URL, REDIS_URL, keeps=True):
            pass

        (kept,) = databases(server, prefix)
        server.execute(f"DROP DATABASE {kept}")

    def test_a_second_drill_beside_it_gets_others(self):
        with (
            scratch_services(URL, REDIS_URL, keeps=False) as one,
            scratch_services(URL, REDIS_URL, keeps=False) as other,
        ):
            assert one["DATABASE_URL"] != other["DATABASE_URL"]
            assert one["REDIS_URL"] != other["REDIS_URL"]

    def test_a_redis_database_with_anything_in_it_is_left_alone(self):
        with (
            scratch_services(URL, REDIS_URL, keeps=False) as one,
            redis.Redis.from_url(one["REDIS_URL"]) as somebodys,
        ):
            somebodys.set("somebodys", 1)
            somebodys.delete(scratch.CLAIM)

            with scratch_services(URL, REDIS_URL, keeps=False) as other:
                assert other["REDIS_URL"] != one["REDIS_URL"]

            assert somebodys.keys() == [b"somebodys"]

    def test_it_takes_no_more_connections_than_it_says(self, server):
        with scratch_services(URL, REDIS_URL, keeps=False) as services:
            (limit,) = server.execute(
                "SELECT datconnlimit FROM pg_database WHERE datname = %s",
                [name_in(services["DATABASE_URL"])],
            ).fetchone()

        assert limit == scratch.MOST_CONNECTIONS == 40

    def test_a_server_without_room_is_not_used(self, server, prefix, monkeypatch):
        monkeypatch.setattr(scratch, "SPARE_CONNECTIONS", 100_000)

        with pytest.raises(NoScratch, match="connections left"):
            scratch_services(URL, REDIS_URL, keeps=False).__enter__()

        assert databases(server, prefix) == []

    def test_a_role_that_may_not_create_one_gets_services_of_its_own(
        self, server, prefix, humble_role
    ):
        with scratch_services(humble_role, REDIS_URL, keeps=False) as services:
            assert host_of(services["DATABASE_URL"]) != host_of(URL)
            assert services["REDIS_URL"].split("?")[0] != REDIS_URL.split("?")[0]
            assert databases(server, prefix) == []

    def test_where_none_can_be_started_either_it_says_what_to_do(self, humble_role, monkeypatch):
        monkeypatch.setattr(scratch, "EMBEDDED_SERVICES", "not_installed_here")

        with pytest.raises(NoScratch, match="CREATEDB"):
            scratch_services(humble_role, REDIS_URL, keeps=False).__enter__()

    @pytest.mark.parametrize(
        ("url", "other"),
        [
            (
                "redis://:secret@cache.example.com:6379/0",
                "redis://:secret@cache.example.com:6379/7",
            ),
            ("rediss://cache.example.com", "rediss://cache.example.com/7"),
            ("redis://cache.example.com/0?db=3", "redis://cache.example.com/7"),
            (
                "redis://cache.example.com?db=3&protocol=3",
                "redis://cache.example.com/7?protocol=3",
            ),
            ("unix:///run/redis.sock?db=3", "unix:///run/redis.sock?db=7"),
            ("unix:///run/redis.sock", "unix:///run/redis.sock?db=7"),
        ],
    )
    def test_another_database_of_a_redis_server_is_named_in_its_own_way(self, url, other):
        assert scratch.with_database(url, 7) == other


def test_the_folder_goes_also_when_something_fails():
    played = scratch_folder(keeps=False)
    folder = played.__enter__()
    (folder / "journal").touch()

    is_swallowed = played.__exit__(RuntimeError, RuntimeError(), None)

    assert not is_swallowed
    assert not folder.exists()


def test_nothing_of_the_shop_reaches_the_scratch_shop(tmp_path, monkeypatch):
    for name in (
        "MIGRATE_DATABASE_URL",
        "SECRET_KEY",
        "EMAIL_URL",
        "STRIPE_SECRET_KEY",
        "MEDIA_ROOT",
    ):
        monkeypatch.setenv(name, "of-the-shop")
    wanted = Wanted(attempts=1, clients=1, kills=0, seed=0)
    services = {"DATABASE_URL": "postgres://scratch", "REDIS_URL": "redis://scratch"}

    given = Stage(wanted, folder=tmp_path, services=services, asked=None).environment

    assert "of-the-shop" not in given.values()
    assert (given["DATABASE_URL"], given["REDIS_URL"]) == ("postgres://scratch", "redis://scratch")
    assert given["MDV_STATE_DIR"] == str(tmp_path)
    assert given["PATH"] == os.environ["PATH"]
    rates = {name: value for name, value in given.items() if name.startswith("RATE_LIMIT_")}
    assert rates.keys() == {f"RATE_LIMIT_{scope.upper()}" for scope in env.DEFAULT_RATES}


def test_in_production_it_has_to_be_asked_for(settings, monkeypatch):
    settings.MDV_LOCAL = False
    monkeypatch.setattr(command, "scratch_services", None)  # a drill that begins would fail

    with pytest.raises(CommandError, match="--in-production"):
        call_command("drill")


def test_what_is_kept_is_told_without_the_servers_password(monkeypatch, tmp_path):
    address = "postgres://shop:secret@db.example.com/mdv_drill_1"
    monkeypatch.setattr(command, "scratch_folder", lambda **_: nullcontext(tmp_path))
    kept = nullcontext({"DATABASE_URL": address, "REDIS_URL": "redis://cache.example.com/7"})
    monkeypatch.setattr(command, "scratch_services", lambda *_, **__: kept)
    monkeypatch.setattr(command.Stage, "play", lambda _: {"figures": {}, "proofs": []})
    monkeypatch.setattr(command, "lines_of", lambda _: [])
    said = StringIO()

    call_command("drill", "--keep", stdout=said)

    assert f"the database mdv_drill_1 and {tmp_path}" in said.getvalue()
    assert "secret" not in said.getvalue()


@pytest.mark.parametrize("option", ["--attempts=0", "--clients=0", "--clients=-1", "--attempts=x"])
def test_a_drill_of_nothing_is_refused(option, monkeypatch):
    monkeypatch.setattr(command, "scratch_services", None)

    with pytest.raises(CommandError, match=option.split("=")[0]):
        call_command("drill", option)
