"""Stock-takes: what differs is shown, applied once, and never to a level that has moved."""

import time

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from mdv.kernel import context
from mdv.kernel.context import Actor, Context
from shop.catalog.models import Variant
from shop.stock import services
from shop.stock.models import Count, StockItem, StockMovement, StockTake
from tests.backoffice.many import copy
from tests.catalog.shelf import make_product
from tests.stock.counting import apply, outcomes, preview, rows_of
from tests.stock.ledgers import ledger, level, shirts

pytestmark = pytest.mark.django_db

MANY = 10_000
MOST_SECONDS = 20  # on two busy cores


@pytest.fixture
def hat(db):
    """A variant with five units."""
    return make_product("Hat", stock=5).variants.get()


def test_a_preview_shows_what_differs_and_moves_nothing(shirt, hat):
    stock_take = preview("SHIRT,8", "HAT,5")

    first, second = stock_take.counts.order_by("line")
    assert (first.line, first.sku, first.on_hand, first.counted) == (2, "SHIRT", 10, 8)
    assert (first.outcome, first.difference) == ("differs", -2)
    assert (second.outcome, second.difference) == ("agrees", 0)
    assert (stock_take.state, stock_take.applied_at) == ("previewed", None)
    assert (level(shirt), level(hat)) == ((10, 0), (5, 0))
    assert StockMovement.objects.filter(kind="adjust").count() == 0


def test_a_row_that_cannot_be_applied_says_why(shirt, hat):
    services.reserve_stock(quantities={hat.pk: 3}, source="M-1")

    stock_take = preview("SHIRT,8", "SHIRT,9", "SOCK,1", "HAT,2", "HAT,-1", ",4", "shirt,1")

    twice = "It is 2 times in the file, and only one count can be right."
    assert rows_of(stock_take) == [
        ("SHIRT", "refused", twice),
        ("SHIRT", "refused", twice),
        ("SOCK", "refused", "There is no such SKU."),
        ("HAT", "refused", twice),
        ("HAT", "refused", "Nobody counts fewer than 0."),
        ("", "refused", "There is no SKU."),
        ("shirt", "refused", "There is no such SKU."),
    ]


def test_fewer_than_orders_hold_cannot_be_on_the_shelf(hat):
    services.reserve_stock(quantities={hat.pk: 3}, source="M-1")

    fewer, as_many = preview("HAT,2"), preview("HAT,3")

    why = "Orders hold 3 of it. Look for them, or cancel an order first."
    assert rows_of(fewer) == [("HAT", "refused", why)]
    assert rows_of(as_many) == [("HAT", "differs", "")]


def test_a_difference_that_no_shelf_has_is_refused(shirt):
    stock_take = preview(f"SHIRT,{services.MAX_CHANGE + 11}")

    why = "A difference of more than 1000000 units is a mistake."
    assert rows_of(stock_take) == [("SHIRT", "refused", why)]
    assert rows_of(preview(f"SHIRT,{services.MAX_CHANGE + 10}")) == [("SHIRT", "differs", "")]


def test_each_difference_becomes_one_movement_that_names_the_stock_take(shirt, hat):
    lamp = make_product("Lamp", stock=1).variants.get()
    bola = Actor(kind="user", id=7, label="bola@example.com")
    header = "sku,counted,reason"
    with context.use(Context(source="admin", actor=bola, request_id="request-1")):
        stock_take = preview("SHIRT,8,Moths", "HAT,7,", "LAMP,1,", header=header)
        apply(stock_take)

    assert (level(shirt), level(hat), level(lamp)) == ((8, 0), (7, 0), (1, 0))
    assert ledger(shirt)[-1] == (2, "adjust", -2, 0, 8, 0)
    assert ledger(hat)[-1] == (2, "adjust", 2, 0, 7, 0)
    assert len(ledger(lamp)) == 1
    assert outcomes(stock_take) == ["corrected", "corrected", "agrees"]
    of_hat, of_shirt = StockMovement.objects.filter(kind="adjust").order_by("d_on_hand").reverse()
    assert (of_shirt.source, of_shirt.reason) == (stock_take.number, "Moths")
    assert of_hat.reason == f"Stock-take {stock_take.number}"
    assert (of_shirt.actor_label, of_shirt.request_id) == ("bola@example.com", "request-1")
    stock_take.refresh_from_db()
    assert (stock_take.state, stock_take.applied_by) == ("applied", "bola@example.com")


def test_a_variant_that_never_had_stock_is_counted_too():
    variant = make_product("Sock", stock=0).variants.get()

    stock_take = preview("SOCK,4")
    apply(stock_take)

    assert level(variant) == (4, 0)
    assert Variant.objects.get(pk=variant.pk).in_stock


def test_what_was_counted_away_is_sold_out_in_the_catalogue(shirt):
    apply(preview("SHIRT,0"))

    assert level(shirt) == (0, 0)
    assert not Variant.objects.get(pk=shirt.pk).in_stock


def test_applying_twice_changes_nothing_the_second_time(shirt):
    stock_take = preview("SHIRT,8")
    first = apply(stock_take)

    again = apply(stock_take)

    assert (level(shirt), len(ledger(shirt))) == ((8, 0), 2)
    assert again.applied_at == first.applied_at


@pytest.mark.parametrize(
    ("move", "on_hand"),
    [
        (lambda v: services.receive_stock(variant_id=v.pk, quantity=5), 15),
        (lambda v: services.adjust_stock(variant_id=v.pk, delta=-2, reason="broken"), 8),
    ],
    ids=["received", "adjusted"],
)
def test_a_level_that_moved_since_the_preview_is_left_alone_and_named(shirt, hat, move, on_hand):
    stock_take = preview("SHIRT,8", "HAT,4")
    move(shirt)
    before = ledger(shirt)

    apply(stock_take)

    why = f"Moved since the preview: 10 were on hand, {on_hand} are now. Count it again."
    assert rows_of(stock_take) == [("SHIRT", "moved", why), ("HAT", "corrected", "")]
    assert (level(shirt), ledger(shirt)) == ((on_hand, 0), before)
    assert level(hat) == (4, 0)


def test_what_is_ordered_meanwhile_takes_nothing_from_the_shelf(shirt):
    stock_take = preview("SHIRT,8")
    services.reserve_stock(quantities={shirt.pk: 8}, source="M-1")

    apply(stock_take)

    assert (level(shirt), outcomes(stock_take)) == ((8, 8), ["corrected"])


def test_what_orders_hold_by_now_is_not_counted_away(shirt, hat):
    stock_take = preview("SHIRT,8", "HAT,4")
    services.reserve_stock(quantities={shirt.pk: 9}, source="M-1")

    apply(stock_take)

    assert rows_of(stock_take) == [
        ("SHIRT", "held", "Orders hold 9 of it by now."),
        ("HAT", "corrected", ""),
    ]
    assert (level(shirt), level(hat)) == ((10, 9), (4, 0))


def test_two_counts_of_one_variant_are_not_both_applied(shirt):
    first, second = preview("SHIRT,8"), preview("SHIRT,8")

    apply(first)
    apply(second)

    assert (level(shirt), outcomes(second)) == ((8, 0), ["moved"])


def test_the_database_takes_one_correction_of_an_item_per_stock_take(shirt):
    stock_take = preview("SHIRT,8")
    apply(stock_take)
    # Somebody loses the note that it was applied.
    StockTake.objects.update(state="previewed", applied_at=None)
    Count.objects.update(outcome="differs")
    services.receive_stock(variant_id=shirt.pk, quantity=2)

    with pytest.raises(IntegrityError, match="corrects_an_item_once"), transaction.atomic():
        apply(stock_take)

    assert level(shirt) == (10, 0)


def test_what_was_sent_and_seen_is_never_changed(shirt):
    stock_take = preview("SHIRT,8")

    for changes in ({"counted": 9}, {"on_hand": 9}, {"sku": "HAT"}, {"refusal": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Count.objects.update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Count.objects.all()._raw_delete("default")  # noqa: SLF001

    assert rows_of(stock_take) == [("SHIRT", "differs", "")]


def test_the_trail_says_who_previewed_and_who_applied(shirt):
    stock_take = preview("SHIRT,8")
    apply(stock_take)

    entries = AuditEntry.objects.filter(object_pk=str(stock_take.pk), object_repr="count.csv")
    assert [entry.changes.get("state") for entry in entries.order_by("id")] == [
        [None, "previewed"],
        ["previewed", "applied"],
    ]


def test_nothing_that_differs_is_nothing_to_move(shirt):
    stock_take = preview("SHIRT,10")

    apply(stock_take)

    assert (level(shirt), len(ledger(shirt))) == ((10, 0), 1)
    assert outcomes(stock_take) == ["agrees"]


def statements(function):
    with CaptureQueriesContext(connection) as queries:
        function()
    return len(queries)


def test_the_number_of_statements_is_the_same_for_one_row_and_for_forty():
    variants = shirts(41, stock=5)
    rows = [f"{variant.sku},4" for variant in variants]
    one, forty = [], []

    previews = (
        statements(lambda: one.append(preview(rows[0]))),
        statements(lambda: forty.append(preview(*rows[1:]))),
    )
    applied = (statements(lambda: apply(one[0])), statements(lambda: apply(forty[0])))

    assert previews[0] == previews[1] <= 6
    assert applied[0] == applied[1] <= 10


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_rows_are_previewed_and_applied_within_seconds():
    one = make_product("Shirt", stock=0).variants.get()
    copy(one, MANY, sku="'N-' || n", option_values="ARRAY[n::text]")
    copies = Variant.objects.filter(sku__startswith="N-").values_list("id", flat=True)
    services.receive_delivery(quantities=dict.fromkeys(copies, 5))
    rows = [f"N-{n},{4 + n % 3}" for n in range(1, MANY + 1)]

    started = time.perf_counter()
    stock_take = preview(*rows)
    apply(stock_take)
    done = time.perf_counter()

    assert stock_take.counts.filter(outcome="corrected").count() == 6_666
    assert stock_take.counts.filter(outcome="agrees").count() == 3_334
    assert StockItem.objects.filter(on_hand=4).count() == 3_333
    assert done - started < MOST_SECONDS
