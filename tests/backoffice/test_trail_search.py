"""Searching the trail stays quick when it is long: each way to search has its index."""

import pytest
from django.contrib.admin import site
from django.db import connection

from audit.models import AuditEntry
from audit.services import record
from tests.accounts.people import make_staff
from tests.backoffice.many import copy

LONG = 100_000


@pytest.fixture
def long_trail(db):
    record("looked")
    copy(
        AuditEntry.objects.earliest(),
        LONG,
        object_repr="'M-' || n",
        cid="'req-' || n",
        remote_addr="('10.' || n % 250 || '.' || n / 1000 || '.' || n % 99)::inet",
        actor_id="n",
        outcome="CASE WHEN n % 5000 = 0 THEN 'denied' ELSE 'ok' END",
    )


@pytest.mark.slow
@pytest.mark.parametrize("term", ["M-777", "req-777", "10.7.0.7", "admin@example.com"])
def test_each_way_to_search_the_trail_uses_an_index(long_trail, term):
    make_staff()
    pages = site.get_model_admin(AuditEntry)

    found, _ = pages.get_search_results(None, AuditEntry.objects.order_by("-id"), term)

    plan = found[:50].explain()
    assert "Seq Scan on audit_auditentry" not in plan
    assert "Bitmap Index Scan on audit_by_label" in plan


@pytest.mark.slow
def test_refusals_are_found_by_their_index(long_trail):
    refused = AuditEntry.objects.filter(outcome="denied").order_by("-id")

    assert "audit_of_refusals" in refused[:50].explain()


def test_what_is_long_is_cut_before_it_is_a_label(db):
    record("looked", label="x" * 4000)

    assert AuditEntry.objects.latest().object_repr == "x" * 255


def test_a_trigger_cuts_it_too(shop):
    shop.order.notes.create(text="y" * 4000, author=shop.customer)

    assert AuditEntry.objects.latest().object_repr == "y" * 255
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(length(object_repr)) FROM audit_auditentry")
        assert cursor.fetchone()[0] == 255
