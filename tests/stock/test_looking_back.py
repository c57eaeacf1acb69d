"""What the level was at some moment, as the ledger has it, by one look."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.stock import services
from shop.stock.models import StockItem
from shop.stock.services import Level, stock_at
from tests.backoffice.many import copy, past_every_trigger
from tests.catalog.shelf import make_product

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MANY = 100_000


@pytest.fixture
def mug(db):
    """A variant of which 15 came at 10, 3 were ordered at 11, and 3 found broken at 13."""
    variant = make_product("Mug", stock=0).variants.get()
    with time_machine.travel(NOON - 2 * HOUR, tick=False):
        services.receive_stock(variant_id=variant.pk, quantity=15)
    with time_machine.travel(NOON - HOUR, tick=False):
        services.reserve_stock(quantities={variant.pk: 3}, source="M-1")
    with time_machine.travel(NOON + HOUR, tick=False):
        services.adjust_stock(variant_id=variant.pk, delta=-3, reason="broken")
    return variant


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOON - 3 * HOUR, (0, 0, 0, 0)),
        (NOON - 2 * HOUR, (15, 0, 15, 1)),
        (NOON - HOUR - timedelta(microseconds=1), (15, 0, 15, 1)),
        (NOON, (15, 3, 12, 2)),
        (NOON + HOUR, (12, 3, 9, 3)),
        (NOON + 1_000 * HOUR, (12, 3, 9, 3)),
    ],
)
def test_a_level_is_what_the_last_movement_until_then_left(mug, at, expected):
    level = stock_at(variant_id=mug.pk, at=at)

    assert (level.on_hand, level.reserved, level.available, level.last_seq) == expected


def test_of_movements_at_the_same_moment_the_last_one_counts(mug):
    with time_machine.travel(NOON, tick=False):
        services.receive_stock(variant_id=mug.pk, quantity=1)
        services.receive_stock(variant_id=mug.pk, quantity=1)

    # The adjustment at 13 came before them in the ledger.
    assert stock_at(variant_id=mug.pk, at=NOON).on_hand == 14


def test_what_never_had_stock_had_none():
    variant = make_product("Sock", stock=0).variants.get()

    assert stock_at(variant_id=variant.pk, at=NOON) == Level()


@pytest.mark.slow
def test_one_look_into_an_index_is_enough_for_100_000_movements(mug):
    item = StockItem.objects.get(variant=mug)
    last = item.movements.order_by("seq").last()
    copy(last, MANY, seq=f"{last.seq} + n", created_at="kept.created_at + n * interval '1 minute'")
    with past_every_trigger():
        StockItem.objects.update(last_seq=last.seq + MANY)

    with CaptureQueriesContext(connection) as queries:
        level = stock_at(variant_id=mug.pk, at=NOON + HOUR + timedelta(minutes=50_000))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert len(queries) == 1
    assert level.last_seq == last.seq + 50_000
    assert "movement_by_moment" in plan
    assert "Sort" not in plan


def test_staff_ask_for_a_level_of_the_past_and_what_led_there(staff, mug):
    shown = staff.get("/staff/stock/MUG?at=2026-03-01T13:00:00%2B01:00").json()

    assert (shown["on_hand"], shown["reserved"], shown["available"]) == (15, 3, 12)
    assert [movement["seq"] for movement in shown["ledger"]["results"]] == [2, 1]


def test_the_ledger_of_the_past_comes_in_pages_too(staff, mug):
    first = staff.get("/staff/stock/MUG?at=2026-03-01T12:00:00Z&page_size=1").json()
    second = staff.client.get(first["ledger"]["next"], headers=staff.headers).json()

    assert [page["ledger"]["results"][0]["seq"] for page in (first, second)] == [2, 1]
    assert second["ledger"]["next"] is None
    assert second["on_hand"] == 15


@pytest.mark.parametrize(
    "at",
    [
        "yesterday", "2026-03-01", "2026-03-01T12:00:00", "2026-13-01T12:00:00Z", "1e9", "",
        "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00", "%00",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(staff, mug, at):
    answer = staff.get(f"/staff/stock/MUG?at={at}")

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["at"]


def test_the_ends_of_time_break_nothing(staff, mug):
    assert staff.get("/staff/stock/MUG?at=0001-01-01T00:00:00Z").json()["on_hand"] == 0
    assert staff.get("/staff/stock/MUG?at=9999-12-31T23:59:59Z").json()["on_hand"] == 12
