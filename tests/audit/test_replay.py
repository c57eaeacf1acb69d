"""What a row was at an instant, out of the trail: whole transactions, and nothing guessed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from audit.models import AuditEntry
from audit.replay import Standing, Unknown, entries_of_rows, moments_of, row_at
from mdv.accounts.models import User
from mdv.kernel import clock
from shop.catalog.models import Category, Product, Variant
from shop.orders.models import Order
from tests.ops.books import break_books
from tests.orders.ordering import act, deliver_everywhere, guest, order_of, sell

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE_EVERYTHING = datetime(2020, 1, 1, tzinfo=UTC)
A_MICROSECOND = timedelta(microseconds=1)


def moments(row):
    return [one.at for one in moments_of(reversed(AuditEntry.objects.of(row)))]


def test_a_row_is_not_there_before_it_was_written_and_is_gone_after_it_was_deleted():
    category = Category.objects.create(name="Shirts", slug="shirts")
    Category.objects.filter(pk=category.pk).update(name="Caps")
    (made, renamed) = moments(category)
    key = category.pk
    category.delete()
    gone = moments_of(entries_of_rows().filter(object_repr="Caps"))[-1].at

    states = [row_at(Category, key, at=at) for at in (BEFORE_EVERYTHING, made, renamed, gone)]

    assert [one.standing for one in states] == [
        Standing.NOT_YET,
        Standing.THERE,
        Standing.THERE,
        Standing.DELETED,
    ]
    assert [one["name"] for one in states] == [Unknown.UNWRITTEN, "Shirts", "Caps", "Caps"]
    assert row_at(Category, key, at=made - A_MICROSECOND).standing == Standing.NOT_YET
    assert row_at(Category, key, at=renamed - A_MICROSECOND)["name"] == "Shirts"
    assert row_at(Category, key).standing == Standing.DELETED


def test_a_transaction_that_was_still_writing_is_not_there_at_all():
    category = Category.objects.create(name="Shirts", slug="shirts")
    with transaction.atomic():
        Category.objects.filter(pk=category.pk).update(name="Caps")
        between = clock_of_the_database()
        Category.objects.filter(pk=category.pk).update(slug="caps")

    then, after = row_at(Category, category.pk, at=between), row_at(Category, category.pk)

    assert (then["name"], then["slug"]) == ("Shirts", "shirts")
    assert (after["name"], after["slug"]) == ("Caps", "caps")
    assert len(moments(category)) == 2


def clock_of_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_columns_have_the_values_of_the_model_whatever_their_kind():
    deliver_everywhere()
    sell("SHIRT", "1500.00")
    Variant.objects.filter(sku="SHIRT").update(option_values=["red", "L, wide"])
    number = act(guest(), "/orders", order_of(("SHIRT", 2), total="3500.00")).json()["number"]

    for model, found in (
        (Order, Order.objects.get(number=number)),
        (Variant, Variant.objects.get(sku="SHIRT")),
        (Product, Product.objects.get()),
    ):
        then = row_at(model, found.pk)
        columns = {column.column: column.attname for column in model._meta.concrete_fields}
        known = {name for name in columns if not isinstance(then[name], Unknown)}
        assert {name: then[name] for name in known} == {
            name: getattr(found, columns[name]) for name in known
        }
        assert len(known) > len(columns) / 2
    then = row_at(Order, Order.objects.get(number=number).pk)
    assert then["total"] == Decimal("3500.00")
    assert isinstance(then["created_at"], datetime)
    assert (then["pay_on_delivery"], then["cancelled_at"]) == (False, None)
    assert then["shipping_address"]["city"] == "Lagos"
    assert then["payment_status"] == "unpaid"


def test_what_is_masked_or_not_followed_is_unknown_and_never_guessed():
    user = User.objects.create(email="eve@example.com", password="!", last_login=clock.now())

    then = row_at(User, user.pk)

    assert then["password"] is Unknown.MASKED
    assert then["last_login"] is Unknown.EXCLUDED
    assert then["email"] == "eve@example.com"


def test_of_a_row_whose_creation_the_trail_lacks_only_what_changed_is_known():
    category = Category.objects.create(name="Shirts", slug="shirts")
    Category.objects.filter(pk=category.pk).update(name="Caps")
    break_books("DELETE FROM audit_auditentry WHERE event = 'created' AND object_repr = 'Shirts'")

    then = row_at(Category, category.pk)

    assert (then["name"], then["slug"]) == ("Caps", Unknown.UNWRITTEN)


def test_a_moment_names_who_did_it_and_holds_all_that_they_wrote(from_ada):
    with transaction.atomic():
        category = Category.objects.create(name="Shirts", slug="shirts")
        Category.objects.filter(pk=category.pk).update(name="Caps")

    (moment,) = moments_of(entries_of_rows().filter(actor_email="ada@example.com"))

    assert moment.who == "ada@example.com"
    assert [entry.event for entry in moment.entries] == ["created", "changed"]
    assert moment.at == moment.entries[-1].timestamp
