"""Who looked at whom, and what they searched for, is in the trail."""

import pytest
from django.db import connection

from audit.models import AuditEntry
from tests.backoffice.pages import pages_of
from tests.backoffice.shop import subjects

PERSONAL = ["orders.order", "accounts.user", "mail.mail"]


def looks():
    found = AuditEntry.objects.filter(event__in=["viewed", "searched"]).order_by("id")
    return list(found)


def detail_pages(shop):
    found = [page for page in pages_of(subjects(shop)) if page.name.endswith(" detail")]
    return [page for page in found if page.method == "GET"]


def test_each_look_at_somebodys_page_is_one_entry_and_at_other_pages_none(shop, admin):
    for page in detail_pages(shop):
        before = len(looks())
        assert admin.get(page.url).status_code == 200

        label = page.name.removesuffix(" detail")
        assert len(looks()) - before == (label in PERSONAL), label

    for entry in looks():
        assert entry.event == "viewed"
        assert entry.actor_email == admin.user.email
    kinds = {entry.content_type.app_labeled_name for entry in looks()}
    assert len(kinds) == 3
    assert str(shop.order.pk) in {entry.object_pk for entry in looks()}


@pytest.mark.parametrize("label", PERSONAL)
def test_a_search_for_people_is_an_entry_with_the_term_and_a_list_is_none(shop, admin, label):
    url = f"/admin/{label.replace('.', '/')}/"

    admin.get(url)
    admin.get(url, {"q": "ada@example.com"})

    (entry,) = looks()
    assert (entry.event, entry.additional_data) == ("searched", {"term": "ada@example.com"})


def test_a_search_for_goods_is_nobodys_business(shop, admin):
    admin.get("/admin/catalog/product/", {"q": "shirt"})

    assert looks() == []


@pytest.mark.parametrize(("term", "count"), [("ada@", 1), ("ad", 0), ("", 0)])
def test_what_is_typed_into_the_search_box_is_an_entry(shop, admin, term, count):
    admin.get("/admin/search/", {"s": term, "extended": "1"})

    assert [entry.additional_data for entry in looks()] == [{"term": "ada@"}] * count


@pytest.mark.django_db(transaction=True)
def test_a_database_that_only_reads_keeps_nobody_from_looking(shop, admin):
    url = f"/admin/orders/order/{shop.order.pk}/change/"
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        status = admin.get(url).status_code
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")

    assert status == 200
    assert looks() == []
