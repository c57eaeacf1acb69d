"""Every path that a change can take, and what the trail keeps of it."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat

from audit.models import AuditEntry
from mdv.accounts.models import Address, ApiToken, User

pytestmark = pytest.mark.django_db


def address_of(user, **changed):
    facts = {"label": "Home", "name": "Eve", "street": "1 Marina", "city": "Lagos", "country": "NG"}
    return Address(user=user, **{**facts, **changed})


def row_as_text(user):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, value FROM accounts_user, jsonb_each_text(to_jsonb(accounts_user)) "
            "WHERE id = %s",
            [user.pk],
        )
        return dict(cursor.fetchall())


def test_a_new_row_is_kept_with_every_value_that_it_has(from_ada, entries):
    user = User.objects.create(email="new@example.com", name="New")

    entry = entries.only()
    assert (entry.event, entry.action, entry.outcome) == ("created", 0, "ok")
    assert (entry.object_pk, entry.object_id, entry.object_repr) == (
        str(user.pk),
        user.pk,
        "new@example.com",
    )
    assert entry.content_type.model_class() is User
    expected = {name: [None, text] for name, text in row_as_text(user).items() if text is not None}
    assert entry.changes == {**expected, "password": [None, "***"]}
    assert (expected["name"], expected["is_active"]) == ([None, "New"], [None, "true"])


def test_an_entry_says_who_did_it_from_where_and_in_which_request(from_ada, entries):
    User.objects.create(email="new@example.com")

    entry = entries.only()
    assert (entry.actor_id, entry.actor_kind, entry.actor_role, entry.actor_email) == (
        7,
        "user",
        "admin",
        "ada@example.com",
    )
    assert (entry.source, entry.cid, entry.remote_addr, entry.user_agent) == (
        "api",
        "request-of-ada",
        "198.51.100.7",
        "curl/8",
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert entry.transaction_id == cursor.fetchone()[0]


def test_saving_keeps_the_old_and_the_new_value_of_what_changed_alone(customer, entries):
    customer.name = "Eve Ade"
    customer.save()

    assert entries.only().event == "changed"
    assert entries.changes() == [{"name": ["Eve", "Eve Ade"]}]


def test_saving_without_a_change_is_no_entry(customer, entries):
    customer.save()

    assert entries.none()


def test_an_update_by_expression_is_kept_as_the_value_it_led_to(customer, entries):
    User.objects.filter(pk=customer.pk).update(name=Concat(F("name"), Value(" II")))

    assert entries.changes() == [{"name": ["Eve", "Eve II"]}]


def test_an_update_of_many_rows_is_an_entry_per_row(customer, entries):
    User.objects.create(email="bob@example.com", name="Bob")
    entries.forget_earlier_ones()

    User.objects.update(name="Everyone")

    assert sorted(change["name"] for change in entries.changes()) == [
        ["Bob", "Everyone"],
        ["Eve", "Everyone"],
    ]


def test_bulk_create_is_an_entry_per_row(from_ada, entries):
    User.objects.bulk_create(User(email=f"{n}@example.com") for n in range(3))

    assert [entry.object_repr for entry in entries] == [f"{n}@example.com" for n in range(3)]
    assert {entry.actor_id for entry in entries} == {7}


def test_bulk_update_keeps_old_and_new_values(customer, entries):
    customer.name = "Bulk"

    User.objects.bulk_update([customer], ["name"])

    assert entries.changes() == [{"name": ["Eve", "Bulk"]}]


def test_an_upsert_is_kept_as_what_it_turned_out_to_be(customer, entries):
    again = User(email=customer.email, name="Again")
    new = User(email="new@example.com", name="New")

    User.objects.bulk_create(
        [again, new], update_conflicts=True, unique_fields=["email"], update_fields=["name"]
    )

    assert [entry.event for entry in entries] == ["changed", "created"]
    assert entries.changes()[0] == {"name": ["Eve", "Again"]}


def test_deleting_keeps_what_the_row_held(customer, entries):
    address = address_of(customer)
    address.save()
    entries.forget_earlier_ones()
    key = str(address.pk)

    address.delete()

    entry = entries.only()
    assert (entry.event, entry.action, entry.object_pk, entry.object_repr) == (
        "deleted",
        2,
        key,
        "Home",
    )
    assert entry.object_id is None
    assert entry.changes["street"] == ["1 Marina", None]


def test_deleting_a_queryset_is_an_entry_per_row(customer, entries):
    Address.objects.bulk_create([address_of(customer, label="A"), address_of(customer, label="B")])
    entries.forget_earlier_ones()

    Address.objects.filter(user=customer).delete()

    assert sorted((entry.event, entry.object_repr) for entry in entries) == [
        ("deleted", "A"),
        ("deleted", "B"),
    ]


def test_a_row_that_goes_with_its_parent_is_kept_too(customer, entries):
    address_of(customer).save()
    entries.forget_earlier_ones()

    customer.delete()

    assert [(entry.event, entry.object_repr) for entry in entries] == [
        ("deleted", "Home"),
        ("deleted", "eve@example.com"),
    ]


def test_raw_sql_is_kept_with_its_actor(customer, from_ada, entries):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET name = %s WHERE id = %s", ["Raw", customer.pk])
        assert cursor.rowcount == 1

    assert entries.changes() == [{"name": ["Eve", "Raw"]}]
    assert entries.only().actor_id == 7


def test_a_write_inside_a_query_is_kept_with_its_actor(customer, from_ada, entries):
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH changed AS (UPDATE accounts_user SET name = %s WHERE id = %s RETURNING name) "
            "SELECT name FROM changed",
            ["With", customer.pk],
        )
        assert cursor.fetchall() == [("With",)]

    assert entries.changes() == [{"name": ["Eve", "With"]}]
    assert entries.only().actor_id == 7


def test_executemany_is_kept_with_its_actor(customer, from_ada, entries):
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE accounts_user SET name = %s WHERE id = %s",
            [["One", customer.pk], ["100 %", customer.pk]],
        )

    assert entries.changes() == [{"name": ["Eve", "One"]}, {"name": ["One", "100 %"]}]
    assert {entry.actor_id for entry in entries} == {7}


def test_a_change_of_nothing_but_excluded_columns_is_no_entry(customer, entries):
    User.objects.filter(pk=customer.pk).update(last_login="2026-01-01T00:00Z")

    assert entries.none()


def test_an_excluded_column_is_left_out_of_an_entry(customer, entries):
    User.objects.filter(pk=customer.pk).update(last_login="2026-01-01T00:00Z", name="Both")

    assert entries.changes() == [{"name": ["Eve", "Both"]}]


def test_a_masked_column_shows_that_it_changed_and_never_how(customer, entries):
    customer.set_password("a secret of Eve's")
    customer.save()
    before = customer.password
    customer.set_password("another one")
    customer.save()

    assert entries.changes() == [{"password": ["***", "***"]}] * 2
    assert not anywhere_in_the_trail(before)
    assert not anywhere_in_the_trail(customer.password)


def test_no_part_of_a_token_is_kept_not_even_as_a_key(customer, entries):
    token, text = ApiToken.objects.create(user=customer)
    token.name = "Phone"
    token.save()
    token.delete()

    assert [entry.event for entry in entries] == ["created", "changed", "deleted"]
    assert {entry.object_pk for entry in entries} == {str(token.public_id)}
    for secret in (text, token.digest, token.token_key, text[:8]):
        assert not anywhere_in_the_trail(secret)


def test_what_is_recorded_about_a_token_identifies_it_as_its_changes_do(customer, entries):
    token, _ = ApiToken.objects.create(user=customer)

    assert [entry.event for entry in AuditEntry.objects.of(token)] == ["created"]


def anywhere_in_the_trail(text):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_auditentry AS entry WHERE strpos(entry::text, %s) > 0",
            [text],
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("0.10"), "0.10"),
        (Decimal("12345678901234567890.0123456789"), "12345678901234567890.0123456789"),
        (9_007_199_254_740_993, "9007199254740993"),
    ],
)
def test_numbers_are_kept_exactly_as_the_column_holds_them(value, kept, from_ada, entries):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE priced (id bigint, price numeric)")
        cursor.execute(
            "CREATE TRIGGER t AFTER INSERT ON priced FOR EACH ROW EXECUTE FUNCTION audit_capture("
            """'{"app":"a","model":"priced","pk":"id","label":"id","masked":[],"excluded":[]}')"""
        )
        cursor.execute("INSERT INTO priced VALUES (1, %s)", [value])

    assert entries.only().changes["price"] == [None, kept]


def test_an_entry_about_a_table_that_django_has_not_named_yet_is_kept_all_the_same(entries):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unheard_of (id uuid)")
        cursor.execute(
            "CREATE TRIGGER t AFTER INSERT ON unheard_of FOR EACH ROW EXECUTE FUNCTION "
            """audit_capture('{"app":"new","model":"thing","pk":"id","label":"id","masked":[],"""
            """"excluded":[]}')"""
        )
        cursor.execute("INSERT INTO unheard_of VALUES (%s)", [uuid.UUID(int=1)])

    entry = entries.only()
    assert (entry.content_type.app_label, entry.content_type.model) == ("new", "thing")
    assert entry.object_pk == "00000000-0000-0000-0000-000000000001"


def test_django_auditlogs_own_table_stays_empty(customer):
    customer.name = "Changed"
    customer.save()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auditlog_logentry")
        assert cursor.fetchone() == (0,)
