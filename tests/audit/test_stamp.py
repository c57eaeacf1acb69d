"""How who is acting reaches the database: with every statement that writes, whatever its shape."""

import psycopg
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import IntegrityError, connection, transaction
from psycopg import sql

from audit.stamp import stamp
from mdv.accounts.models import User
from mdv.kernel import context

pytestmark = pytest.mark.django_db


def run(statement, params=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.fixture
def sent():
    """What goes to the driver, as a wrapper inside ours sees it."""
    statements = []

    def wrapper(execute, statement, *arguments):
        statements.append(statement)
        return execute(statement, *arguments)

    with connection.execute_wrapper(wrapper):
        yield statements


WRITING = [
    "UPDATE accounts_user SET name = 'x'",
    "update accounts_user set name = 'x'",
    "\n\t UPDATE accounts_user SET name = 'x'",
    "/* from a page */ UPDATE accounts_user SET name = 'x'",
    "/* SELECT */ UPDATE accounts_user SET name = 'x' /* SELECT */",
    "-- SELECT 1\nUPDATE accounts_user SET name = 'x'",
    "with c as (update accounts_user set name = 'x' returning 1) select * from c",
    "(WITH c AS (UPDATE accounts_user SET name = 'x' RETURNING 1) SELECT * FROM c)",
    "SELECT 1; UPDATE accounts_user SET name = 'x'",
    "DO $$ BEGIN UPDATE accounts_user SET name = 'x'; END $$",
    "EXPLAIN (ANALYZE, COSTS OFF) UPDATE accounts_user SET name = 'x'",
    "MERGE INTO accounts_user u USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET name = 'x'",
]


@pytest.mark.parametrize("statement", WRITING)
def test_every_statement_that_can_write_carries_its_actor(statement, customer, from_ada, entries):
    run(statement)

    assert entries.only().actor_email == "ada@example.com"


def test_a_prepared_write_carries_its_actor(customer, from_ada, entries):
    run("PREPARE rename AS UPDATE accounts_user SET name = $1")

    run("EXECUTE rename('x')")

    assert entries.only().actor_email == "ada@example.com"


def test_a_composed_statement_carries_its_actor(customer, from_ada, entries):
    statement = sql.SQL("UPDATE {} SET name = {} WHERE name = %s").format(
        sql.Identifier("accounts_user"), sql.Literal("50 %")
    )

    assert run(sql.SQL("UPDATE accounts_user SET phone = {}").format("5 %")) == 1
    assert run(statement.as_string().replace("50 %", "50 %%"), ["Eve"]) == 1

    assert [entry.actor_email for entry in entries] == ["ada@example.com"] * 2
    assert entries.changes() == [{"phone": ["0801", "5 %"]}, {"name": ["Eve", "50 %"]}]


def test_the_callers_results_are_the_callers(customer, from_ada):
    assert run("UPDATE accounts_user SET name = %s", ["100 %"]) == 1
    assert run("UPDATE accounts_user SET name = 'a' RETURNING name, 100 % 7") == [("a", 2)]
    assert run("UPDATE accounts_user SET name = 'b' WHERE id = -1") == 0
    assert run("SELECT 1; SELECT 2") == [(1,)]
    assert run("VALUES (1), (2)") == [(1,), (2,)]


def test_reading_sends_nothing_else(customer, from_ada, sent):
    run("SELECT 1")
    run("/* c */ (SELECT 1) UNION (SELECT 2)")
    list(User.objects.all().union(User.objects.all()).iterator())

    assert len(sent) == 3
    assert not any("set_config" in statement for statement in sent)


@pytest.mark.parametrize(
    "text",
    [
        "100 % sure, %s, %(name)s, %%",
        "O'Brien; DROP TABLE accounts_user --",
        "back\\slash \\' \\u0041 E'x'",
        'double "quotes" and {braces}',
        "two\nlines\r\n\tand a tab",
        "Ṣadé ₦ 💛 \x85 \u2028",
        "$$ $1 :name ?",
    ],
)
@pytest.mark.parametrize(
    ("statement", "params"),
    [
        ("UPDATE accounts_user SET name = 'x'", None),
        ("UPDATE accounts_user SET name = %s", ["x"]),
        ("UPDATE accounts_user SET name = %(name)s", {"name": "x"}),
    ],
)
def test_any_text_in_the_context_arrives_as_it_was(text, statement, params, customer, entries):
    with context.refined(user_agent=text, reason=text):
        run(statement, params)

    entry = entries.only()
    assert (entry.user_agent, entry.reason) == (text, text)


def test_a_context_that_is_longer_than_its_columns_is_cut_not_refused(customer, entries):
    with context.refined(command="c" * 200, actor=context.Actor(kind="system", role="r" * 200)):
        run("UPDATE accounts_user SET name = 'x'")

    assert (len(entries.only().command), len(entries.only().actor_role)) == (128, 128)


def test_a_connection_that_opens_inside_a_wrapper_keeps_its_stamp_and_drops_the_wrapper(db):
    fresh = connection.copy()

    def wrapper(execute, *arguments):
        return execute(*arguments)

    try:
        with fresh.execute_wrapper(wrapper):
            fresh.ensure_connection()
        assert fresh.execute_wrappers == [stamp]
        fresh.close()
        fresh.ensure_connection()
        assert fresh.execute_wrappers == [stamp]
    finally:
        fresh.close()


def test_the_context_travels_in_the_same_message_as_the_write(customer, from_ada, entries, sent):
    User.objects.filter(pk=customer.pk).update(name="x")

    assert len(sent) == 1
    assert sent[0].startswith("SELECT set_config('mdv.context', ")
    assert sent[0].endswith(
        ' UPDATE "accounts_user" SET "name" = %s WHERE "accounts_user"."id" = %s'
    )


def test_work_in_a_coroutine_carries_its_actor(customer, entries):
    async def rename():
        with context.use(context.Context(source="job", command="rename")):
            await sync_to_async(User.objects.filter(pk=customer.pk).update)(name="Async")

    async_to_sync(rename)()

    assert (entries.only().source, entries.only().command) == ("job", "rename")


class TestTransactions:
    def test_what_a_savepoint_took_back_left_no_entry(self, customer, from_ada, entries):
        with transaction.atomic():
            run("UPDATE accounts_user SET name = 'x'")
            transaction.set_rollback(True)

        assert entries.none()

    def test_the_write_after_a_rolled_back_savepoint_has_its_actor(
        self, customer, from_ada, entries
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(email=customer.email)

        run("UPDATE accounts_user SET name = 'x'")

        assert entries.only().actor_email == "ada@example.com"

    def test_two_actors_in_one_transaction_are_kept_apart(self, customer, from_ada, entries):
        run("UPDATE accounts_user SET name = 'x'")
        with context.refined(actor=context.SYSTEM):
            run("UPDATE accounts_user SET name = 'y'")
        run("UPDATE accounts_user SET name = 'z'")

        assert [entry.actor_email for entry in entries] == [
            "ada@example.com",
            "system",
            "ada@example.com",
        ]

    def test_a_failed_write_leaves_the_connection_in_order(self, customer, from_ada, entries):
        for _ in range(2):
            with pytest.raises(IntegrityError), transaction.atomic():
                run("INSERT INTO accounts_user (email) VALUES (NULL)")

        assert run("UPDATE accounts_user SET name = 'x' RETURNING name") == [("x",)]


@pytest.mark.django_db(transaction=True)
class TestAutocommit:
    def test_a_write_of_its_own_has_its_actor(self, customer, from_ada, entries):
        User.objects.filter(pk=customer.pk).update(name="x")

        assert entries.only().actor_email == "ada@example.com"

    def test_a_rolled_back_transaction_leaves_no_entry(self, customer, from_ada, entries):
        with transaction.atomic():
            User.objects.filter(pk=customer.pk).update(name="x")
            transaction.set_rollback(True)

        assert entries.none()
        assert User.objects.get(pk=customer.pk).name == "Eve"

    def test_executemany_has_its_actor(self, customer, from_ada, entries):
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE accounts_user SET name = %s", [["x"], ["y"]])

        assert [entry.actor_email for entry in entries] == ["ada@example.com"] * 2

    def test_a_context_does_not_outlive_its_transaction(self, customer, from_ada, entries):
        User.objects.filter(pk=customer.pk).update(name="x")

        # The driver itself, past Django and its wrappers, on the same connection.
        connection.connection.execute("UPDATE accounts_user SET name = 'y'")

        assert [entry.source for entry in entries] == ["api", "database"]

    def test_statements_that_must_stand_alone_still_do(self, db):
        run("VACUUM limits_hit")
        run("/* alone */ CREATE INDEX CONCURRENTLY stands_alone ON limits_hit (count)")
        run("DROP INDEX CONCURRENTLY stands_alone")

    def test_another_program_is_written_down_by_its_database_role(self, customer, outside, entries):
        outside.execute("UPDATE accounts_user SET name = 'Psql'")

        entry = entries.only()
        role = outside.execute("SELECT session_user").fetchone()[0]
        assert (entry.actor_kind, entry.actor_email, entry.source) == ("database", role, "database")
        assert (entry.actor_id, entry.cid, entry.remote_addr) == (None, "", None)
        assert entry.changes == {"name": ["Eve", "Psql"]}

    def test_rows_copied_in_are_kept_and_named_by_the_database_role(
        self, customer, from_ada, entries
    ):
        with connection.cursor() as cursor, cursor.copy(COPY_ADDRESSES) as copy:
            copy.write_row([*COPIED, customer.pk])

        entry = entries.only()
        assert (entry.event, entry.source) == ("created", "database")


COPY_ADDRESSES = (
    "COPY accounts_address (id, label, name, phone, street, city, state, country, is_default,"
    " created_at, user_id) FROM STDIN"
)
COPIED = ["00000000-0000-0000-0000-000000000001", *["x"] * 6, "NG", "false", "2026-01-01 00:00Z"]


def test_reads_through_a_server_side_cursor_are_left_alone(customer, from_ada, entries):
    with connection.chunked_cursor() as cursor:
        assert isinstance(cursor.cursor, psycopg.ServerCursor)
        cursor.execute("WITH people AS (SELECT name FROM accounts_user) SELECT name FROM people")
        assert cursor.fetchall() == [("Eve",)]
