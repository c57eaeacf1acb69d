"""The database keeps level and ledger together, whoever writes and by whatever way."""

import pytest
from django.db import IntegrityError, connection, transaction

from shop.stock.models import StockItem, StockMovement
from tests.catalog.shelf import make_product
from tests.stock.ledgers import ledger, level

pytestmark = pytest.mark.django_db(transaction=True)

LEDGER = [(1, "receipt", 10, 0, 10, 0)]


def refused_by(constraint):
    """Expect the refusal of a whole transaction, COMMIT included, and that nothing changed."""
    return pytest.raises(IntegrityError, match=f"(?s){MESSAGES.get(constraint, constraint)}")


MESSAGES = {
    "stock_equals_its_last_movement": "differs from its last movement",
    "movement_is_on_its_item": "differs from its last movement",
    "movement_follows_its_predecessor": "does not follow its predecessor",
    "append_only": "are facts",
}


def by_save(shirt):
    item = StockItem.objects.get(variant=shirt)
    item.on_hand = 99
    item.save()


def by_update(shirt):
    StockItem.objects.update(on_hand=99)


def reserved_by_update(shirt):
    StockItem.objects.update(reserved=1)


def last_seq_by_update(shirt):
    StockItem.objects.update(last_seq=2)


def by_sql(shirt):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_stockitem SET on_hand = on_hand + 1")


def by_insert(shirt):
    other = make_product("Other", stock=0).variants.get()
    StockItem.objects.create(variant=other, on_hand=5)


@pytest.mark.parametrize(
    "write", [by_save, by_update, reserved_by_update, last_seq_by_update, by_sql, by_insert]
)
def test_a_level_written_by_hand_is_refused_at_commit(shirt, write):
    with refused_by("stock_equals_its_last_movement"), transaction.atomic():
        write(shirt)

    assert (level(shirt), ledger(shirt)) == ((10, 0), LEDGER)


def movement(shirt, **facts):
    """Write a movement by hand, without its level."""
    defaults = {
        "seq": 2, "kind": "receipt", "d_on_hand": 5, "d_reserved": 0, "on_hand_after": 15,
        "reserved_after": 0, "actor_label": "by hand",
    }  # fmt: skip
    item = StockItem.objects.get(variant=shirt)
    StockMovement.objects.create(item=item, **{**defaults, **facts})


def test_a_movement_that_the_level_does_not_show_is_refused_at_commit(shirt):
    with refused_by("movement_is_on_its_item"), transaction.atomic():
        movement(shirt)

    assert (level(shirt), ledger(shirt)) == ((10, 0), LEDGER)


@pytest.mark.parametrize(
    "facts",
    [
        {"seq": 3},
        {"seq": 1_000},
        {"on_hand_after": 16},
        {"on_hand_after": 5},
        {"reserved_after": 1},
    ],
    ids=["a gap", "a big gap", "a wrong sum", "without its predecessor", "wrongly reserved"],
)
def test_a_movement_continues_where_the_one_before_it_ended(shirt, facts):
    with refused_by("movement_follows_its_predecessor"), transaction.atomic():
        movement(shirt, **facts)

    assert ledger(shirt) == LEDGER


def test_a_place_in_the_ledger_is_taken_once(shirt):
    with refused_by("one_movement_per_place_in_the_ledger"), transaction.atomic():
        movement(shirt, seq=1, d_on_hand=10, on_hand_after=10)

    assert ledger(shirt) == LEDGER


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "receipt", "d_on_hand": -5, "on_hand_after": 5},
        {"kind": "receipt", "d_reserved": 5, "reserved_after": 5},
        {"kind": "adjust", "d_on_hand": 0, "on_hand_after": 10},
        {"kind": "reserve", "d_on_hand": 0, "on_hand_after": 10},
        {"kind": "reserve"},
        {"kind": "release", "d_on_hand": 0, "on_hand_after": 10},
        {"kind": "ship"},
        {"kind": "ship", "d_on_hand": -5, "on_hand_after": 5},
        {"kind": "return", "d_on_hand": -5, "on_hand_after": 5},
        {"kind": "gift"},
    ],
)
def test_each_kind_of_movement_has_its_sign(shirt, facts):
    with refused_by("movement_has_the_sign_of_its_kind"), transaction.atomic():
        movement(shirt, **facts)

    assert ledger(shirt) == LEDGER


@pytest.mark.parametrize(
    "write",
    [
        lambda: StockMovement.objects.update(reason="x"),
        lambda: StockMovement.objects.all()._raw_delete("default"),  # noqa: SLF001
        lambda: StockMovement.objects.get().delete(),
    ],
    ids=["update", "raw delete", "delete"],
)
def test_facts_are_never_changed_or_deleted(shirt, write):
    with refused_by("append_only"), transaction.atomic():
        write()

    assert ledger(shirt) == LEDGER


@pytest.mark.parametrize("levels", [{"reserved": 11}, {"reserved": -1}, {"on_hand": -1}])
def test_levels_that_cannot_be_are_refused_at_once(shirt, levels):
    with pytest.raises(IntegrityError, match="check constraint"), transaction.atomic():
        StockItem.objects.update(**levels)

    assert level(shirt) == (10, 0)
