"""What the database refuses or cannot do is told in the shop's words, never in its own."""

import json
from contextlib import contextmanager

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection

from mdv.accounts.models import RoleGrant, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.http.urls")]


@contextmanager
def elsewhere():
    """Another program's connection to the same database."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], dbname=settings["NAME"], user=settings["USER"]
    ) as other:
        yield other


@contextmanager
def database_setting(name, value):
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    with elsewhere() as other:
        other.autocommit = True
        other.execute(f"ALTER DATABASE {database} SET {name} = {value}")
        connection.close()
        try:
            yield
        finally:
            other.execute(f"ALTER DATABASE {database} RESET {name}")
            connection.close()


def add(client, **facts):
    return client.post("/api/v1/adding", json.dumps(facts), content_type="application/json")


def told(response):
    text = response.content.decode()
    for word in ("psycopg", "accounts_user", "duplicate", "DETAIL", "canceling", "INSERT"):
        assert word not in text.replace("urn:mdv:problem:", "").replace(response.json()["code"], "")
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("door", ["api", "plain"])
def test_a_broken_constraint_is_a_conflict_named_after_it(door, client):
    User.objects.create(email="eve@example.com")

    if door == "api":
        response = add(client, email="eve@example.com")
    else:
        response = client.get("/add?email=eve@example.com")

    assert told(response) == (409, "accounts_user_email_key")
    assert User.objects.count() == 1


def test_a_constraint_with_a_sentence_for_a_name_gives_its_code(client):
    assert told(add(client, email="EVE@example.com")) == (409, "email_is_stored_in_lower_case")
    assert not User.objects.exists()


def test_a_missing_value_that_no_serializer_stopped_is_a_conflict(client):
    assert told(add(client, email="eve@example.com", name=None)) == (409, "conflict")


def test_deleting_what_others_depend_on_is_a_conflict(client):
    user = User.objects.create(email="eve@example.com")
    RoleGrant.objects.create(user=user, group=Group.objects.first())

    response = client.delete(f"/api/v1/deleting/{user.pk}")

    assert told(response) == (409, "protected")
    assert RoleGrant.objects.filter(user=user).exists()


def test_a_row_that_somebody_else_holds_is_a_busy_shop(client):
    User.objects.create(email="eve@example.com")
    with elsewhere() as other, connection.cursor() as cursor:
        other.execute("UPDATE accounts_user SET email = 'bob@example.com'")
        cursor.execute("SET lock_timeout = '100ms'")
        response = add(client, email="bob@example.com")
        cursor.execute("RESET lock_timeout")
        other.rollback()

    assert told(response) == (503, "try_again")
    assert response["Retry-After"] == "1"
    assert User.objects.get().email == "eve@example.com"


def test_a_database_that_only_reads_is_out_of_service_for_writing(client):
    with database_setting("default_transaction_read_only", "on"):
        response = add(client, email="eve@example.com")

    assert told(response) == (503, "try_again")
    assert not User.objects.exists()


def test_a_connection_that_was_cut_is_a_busy_shop_and_the_next_request_has_a_new_one(client):
    User.objects.exists()
    with elsewhere() as other:
        other.autocommit = True
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    cut = add(client, email="eve@example.com")
    connection.close_if_unusable_or_obsolete()  # what ends every real request
    again = add(client, email="eve@example.com")

    assert (told(cut), again.status_code) == ((503, "try_again"), 201)


@pytest.mark.parametrize(
    "facts",
    [
        {"email": "eve@example.com", "id": 2**70},
        {"email": "eve@example.com", "name": "n" * 151},
        {"email": "eve@example.com", "last_login": "0000-99-99"},
    ],
)
def test_a_value_that_no_column_can_hold_is_the_clients_mistake(facts, client):
    response = add(client, **facts)

    assert told(response) == (400, "invalid")
    assert not User.objects.exists()


def test_a_nul_in_a_path_or_a_parameter_is_the_clients_mistake(client):
    assert told(client.get("/add?email=eve%00@example.com")) == (400, "invalid")
