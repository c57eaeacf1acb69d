"""Databases beside the tests' own, and our commands on them, as processes of their own."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql

CHECKOUT = Path(__file__).parents[2]
PATIENCE_S = 300


@contextmanager
def database(name, *, template="template1"):
    """A database beside the tests' own; gives its URL."""
    server = os.environ["DATABASE_URL"]
    name = f"{name}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield server.removesuffix("postgres") + name
        finally:
            session.execute(f"DROP DATABASE {name} WITH (FORCE)")


def name_of(url):
    return url.rpartition("/")[2]


def manage(*arguments, typed="", **variables):
    return python("manage.py", *arguments, typed=typed, **variables)


def python(*arguments, typed="", **variables):
    """Run our Python to its end, with these environment variables changed."""
    return subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **variables},
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def count_all_rows():
    """The number of rows in each table of the tests' database."""
    with connection.cursor() as cursor:
        counts = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = cursor.fetchone()[0]
        return counts
