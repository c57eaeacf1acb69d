"""A data folder of PostgreSQL with a migrated database in it, kept for as long as the code stays.

To migrate from nothing takes longer than most tests together. So it is done once for each state
of the code, and every database that only has to be migrated begins as a copy.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg

from mdv.ops.local.services import Postgres

CHECKOUT = Path(__file__).parents[1]
KEPT = CHECKOUT / ".pytest_cache" / "migrated"
TEMPLATE = "migrated"
# Whatever a migration may read or call: PostgreSQL itself comes from a package, too.
SOURCES = ("mdv/**/*.py", "shop/**/*.py", "refunds/**/*.py", "audit/**/*.py", "requirements*.txt")
KEPT_STATES = 4  # a branch or two, and what was tried in between


def fill(folder):
    """Put such data into the folder, for a PostgreSQL that is about to start there."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = KEPT / state_of_the_code()
        if not kept.exists():
            _make(kept)
        kept.touch()
        _copy(kept, folder / "postgres")
        for old in sorted(KEPT.glob("*/"), key=_age)[:-KEPT_STATES]:
            shutil.rmtree(old)


def url_of(server_url, name=TEMPLATE):
    """The address of another database on the server of this one."""
    return f"{server_url.rpartition('/')[0]}/{name}"


def state_of_the_code():
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(CHECKOUT.glob(pattern)):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(CHECKOUT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _make(kept):
    with ExitStack() as ending:
        folder = Path(tempfile.mkdtemp(prefix="mdv-"))
        ending.callback(shutil.rmtree, folder)
        postgres = Postgres(folder, durable=False)
        try:
            with psycopg.connect(postgres.url, autocommit=True) as session:
                session.execute(f"CREATE DATABASE {TEMPLATE}")
            _migrate(url_of(postgres.url))
        finally:
            postgres.stop()
        unfinished = KEPT / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _copy(folder / "postgres", unfinished)
        unfinished.rename(kept)


def _migrate(url):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=CHECKOUT,
        env={
            **plain,
            "MDV_ENV": "local",
            "DATABASE_URL": url,
            "REDIS_URL": "redis://localhost/0",  # not asked for anything
        },
        check=True,
    )


def _copy(data, place):
    # Not shutil: PostgreSQL wants to own its files, also where root runs the tests.
    subprocess.run(["cp", "-a", str(data), str(place)], check=True)  # noqa: S603, S607


def _age(kept):
    return kept.stat().st_mtime
