"""Receiving, adjusting, reserving, releasing: levels, ledger, and what the catalogue shows."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from mdv.kernel import context
from mdv.kernel.context import Actor, Context
from mdv.kernel.errors import Invalid
from shop.catalog.models import Variant
from shop.stock import services
from shop.stock.models import StockItem, StockMovement
from shop.stock.services import MAX_CHANGE, BelowReserved, OutOfStock
from tests.catalog.shelf import make_product
from tests.stock.ledgers import ledger, level, shirts

pytestmark = pytest.mark.django_db


def test_each_movement_is_one_line_of_the_ledger_with_the_levels_after_it(shirt):
    services.reserve_stock(quantities={shirt.pk: 4}, source="M-1")
    services.release_stock(quantities={shirt.pk: 1}, source="M-1", reason="changed")
    services.adjust_stock(variant_id=shirt.pk, delta=-2, reason="broken")
    services.receive_stock(variant_id=shirt.pk, quantity=5, reason="delivery")

    assert ledger(shirt) == [
        (1, "receipt", 10, 0, 10, 0),
        (2, "reserve", 0, 4, 10, 4),
        (3, "release", 0, -1, 10, 3),
        (4, "adjust", -2, 0, 8, 3),
        (5, "receipt", 5, 0, 13, 3),
    ]
    assert level(shirt) == (13, 3)


def test_a_movement_says_who_made_it_for_what_and_why(shirt):
    bola = Actor(kind="user", id=7, label="bola@example.com")
    with context.use(Context(source="api", actor=bola, request_id="request-1")):
        services.adjust_stock(variant_id=shirt.pk, delta=-1, reason="broken")
        services.reserve_stock(quantities={shirt.pk: 1}, source="M-1")

    last, before = StockMovement.objects.order_by("-seq")[:2]
    assert (before.actor_id, before.actor_label) == (7, "bola@example.com")
    assert (before.reason, before.request_id) == ("broken", "request-1")
    assert (last.source, last.reason) == ("M-1", "")


@pytest.mark.parametrize("quantity", [0, -1, MAX_CHANGE + 1])
def test_a_receipt_is_some_units_and_not_absurdly_many(shirt, quantity):
    with pytest.raises(Invalid):
        services.receive_stock(variant_id=shirt.pk, quantity=quantity)

    assert level(shirt) == (10, 0)


@pytest.mark.parametrize(
    ("delta", "reason"),
    [(0, "x"), (MAX_CHANGE + 1, "x"), (-MAX_CHANGE - 1, "x"), (1, ""), (1, "  ")],
)
def test_an_adjustment_is_a_change_with_a_reason(shirt, delta, reason):
    with pytest.raises(Invalid):
        services.adjust_stock(variant_id=shirt.pk, delta=delta, reason=reason)

    assert level(shirt) == (10, 0)
    assert len(ledger(shirt)) == 1


def test_what_orders_hold_is_not_adjusted_away(shirt):
    services.reserve_stock(quantities={shirt.pk: 8}, source="M-1")

    with pytest.raises(BelowReserved):
        services.adjust_stock(variant_id=shirt.pk, delta=-3, reason="lost")
    services.adjust_stock(variant_id=shirt.pk, delta=-2, reason="lost")

    assert level(shirt) == (8, 8)


def test_a_reservation_is_all_or_nothing_and_names_what_is_short():
    plenty, few, none = shirts(3, stock=5)
    services.adjust_stock(variant_id=few.pk, delta=-3, reason="sold")
    services.adjust_stock(variant_id=none.pk, delta=-5, reason="sold")

    with pytest.raises(OutOfStock) as refusal, transaction.atomic():
        services.reserve_stock(quantities={none.pk: 1, plenty.pk: 3, few.pk: 3}, source="M-1")

    assert refusal.value.members["variants"] == [
        {"variant_id": none.pk, "requested": 1, "available": 0},
        {"variant_id": few.pk, "requested": 3, "available": 2},
    ]
    assert [level(variant) for variant in (plenty, few, none)] == [(5, 0), (2, 0), (0, 0)]
    assert not StockMovement.objects.filter(kind="reserve").exists()


def test_a_variant_that_never_had_stock_has_none(db):
    variant = make_product("Shirt", stock=0).variants.get()

    with pytest.raises(OutOfStock), transaction.atomic():
        services.reserve_stock(quantities={variant.pk: 1}, source="M-1")

    assert ledger(variant) == []


def test_more_than_is_held_cannot_be_released(shirt):
    services.reserve_stock(quantities={shirt.pk: 2}, source="M-1")

    with pytest.raises(IntegrityError), transaction.atomic():
        services.release_stock(quantities={shirt.pk: 3}, source="M-1")

    assert level(shirt) == (10, 2)


def shown(variant):
    return Variant.objects.get(pk=variant.pk).in_stock


def test_the_catalogue_shows_when_the_last_goes_and_when_the_first_comes_back(shirt):
    assert shown(shirt)

    services.reserve_stock(quantities={shirt.pk: 9}, source="M-1")
    assert shown(shirt)
    services.reserve_stock(quantities={shirt.pk: 1}, source="M-2")
    assert not shown(shirt)
    services.release_stock(quantities={shirt.pk: 1}, source="M-2")
    assert shown(shirt)
    services.adjust_stock(variant_id=shirt.pk, delta=-1, reason="lost")
    assert not shown(shirt)
    services.receive_stock(variant_id=shirt.pk, quantity=1)
    assert shown(shirt)


def statements(function):
    with CaptureQueriesContext(connection) as queries:
        function()
    return len(queries)


@pytest.mark.parametrize("move", [services.reserve_stock, services.release_stock])
def test_the_number_of_statements_is_the_same_for_one_variant_and_for_twenty(move):
    variants = shirts(21, stock=5)
    services.reserve_stock(quantities={v.pk: 2 for v in variants}, source="M-0")

    for_one = statements(lambda: move(quantities={variants[0].pk: 1}, source="M-1"))
    for_twenty = statements(lambda: move(quantities={v.pk: 1 for v in variants[1:]}, source="M-2"))

    assert for_one == for_twenty <= 6


def test_stock_is_locked_in_the_order_of_the_variants(shirt):
    # Which order PostgreSQL happens to choose without being told is no promise.
    with CaptureQueriesContext(connection) as queries:
        services.reserve_stock(quantities={shirt.pk: 1}, source="M-1")

    [locking] = [q["sql"] for q in queries if q["sql"].endswith("FOR UPDATE")]
    assert 'ORDER BY "stock_stockitem"."variant_id" ASC FOR UPDATE' in locking


def test_a_warning_level_is_set_without_a_movement(shirt):
    services.set_low_level(variant_id=shirt.pk, low_at=10)
    assert list(StockItem.objects.low().values_list("variant_id", flat=True)) == [shirt.pk]

    services.set_low_level(variant_id=shirt.pk, low_at=9)
    assert not StockItem.objects.low().exists()

    assert level(shirt) == (10, 0)
    assert len(ledger(shirt)) == 1


@pytest.mark.parametrize("low_at", [-1, MAX_CHANGE + 1])
def test_a_warning_level_is_a_number_of_units(shirt, low_at):
    with pytest.raises(Invalid):
        services.set_low_level(variant_id=shirt.pk, low_at=low_at)

    assert StockItem.objects.get().low_at == 0


def test_low_is_counted_by_what_is_available(shirt):
    services.set_low_level(variant_id=shirt.pk, low_at=3)
    services.reserve_stock(quantities={shirt.pk: 6}, source="M-1")
    assert not StockItem.objects.low().exists()

    services.reserve_stock(quantities={shirt.pk: 1}, source="M-2")

    assert StockItem.objects.low().exists()


def test_what_came_in_together_is_one_movement_each(shirt):
    hat, sock = (make_product(title, stock=0).variants.get() for title in ("Hat", "Sock"))

    services.receive_delivery(
        quantities={sock.pk: 3, shirt.pk: 5, hat.pk: 1}, reason="DN 12", source="D-1"
    )

    assert [level(variant) for variant in (shirt, hat, sock)] == [(15, 0), (1, 0), (3, 0)]
    assert ledger(sock) == [(1, "receipt", 3, 0, 3, 0)]
    assert set(
        StockMovement.objects.filter(source="D-1").values_list("kind", "reason", "d_on_hand")
    ) == {("receipt", "DN 12", 3), ("receipt", "DN 12", 5), ("receipt", "DN 12", 1)}
    assert shown(hat)


@pytest.mark.parametrize("quantity", [0, -1, MAX_CHANGE + 1])
def test_of_a_delivery_with_a_quantity_that_is_none_nothing_is_received(shirt, quantity):
    hat = make_product("Hat", stock=1).variants.get()

    with pytest.raises(Invalid) as refusal:
        services.receive_delivery(quantities={shirt.pk: 5, hat.pk: quantity})

    assert [problem.field for problem in refusal.value.problems] == ["quantities"]
    assert (level(shirt), level(hat)) == ((10, 0), (1, 0))


def test_a_delivery_takes_as_many_statements_for_twenty_variants_as_for_one():
    variants = shirts(21, stock=1)

    for_one = statements(lambda: services.receive_delivery(quantities={variants[0].pk: 1}))
    for_twenty = statements(
        lambda: services.receive_delivery(quantities={v.pk: 1 for v in variants[1:]})
    )

    assert for_one == for_twenty <= 5


@pytest.mark.parametrize(
    "move",
    [
        lambda: services.reserve_stock(quantities={}, source="M-1"),
        lambda: services.release_stock(quantities={}, source="M-1"),
        lambda: services.receive_delivery(quantities={}),
    ],
    ids=["reserve", "release", "receive"],
)
def test_moving_nothing_does_nothing(shirt, move):
    move()

    assert (level(shirt), len(ledger(shirt))) == ((10, 0), 1)
