"""import_products: stock comes with a new variant, and afterwards only when asked."""

from decimal import Decimal

import pytest

from audit.models import AuditEntry
from mdv.ops.product_import import applying
from shop.catalog.models import Variant
from shop.stock.models import StockItem, StockMovement
from shop.stock.services import adjust_stock, lock_items, reserve_stock
from tests.ops.product_files import mug, product_file, ring_title, run_import

pytestmark = pytest.mark.django_db


def level(sku="mug"):
    return StockItem.objects.get(variant__sku=sku).on_hand


def test_a_later_run_leaves_the_stock_alone_because_the_shop_sells_on(tmp_path):
    path = product_file(tmp_path, mug(quantity="5"))
    run_import(path)
    adjust_stock(variant_id=Variant.objects.get().pk, delta=-2, reason="broken")

    run = run_import(path)

    assert "stock: 0 units received, 0 levels adjusted" in run.sums
    assert level() == 3
    assert StockMovement.objects.count() == 2


def test_set_stock_adjusts_the_level_by_the_difference(tmp_path):
    path = product_file(tmp_path, mug(quantity="5"))
    run_import(path)
    adjust_stock(variant_id=Variant.objects.get().pk, delta=-2, reason="broken")

    run = run_import(path, set_stock=True)

    assert "stock: 0 units received, 1 levels adjusted" in run.sums
    assert level() == 5
    movement = StockMovement.objects.latest("seq")
    assert (movement.kind, movement.d_on_hand, movement.reason) == (
        "adjust",
        2,
        "Import of products.csv",
    )


def test_set_stock_a_second_time_moves_nothing(tmp_path):
    path = product_file(tmp_path, mug(quantity="5"), ring_title("50", quantity=""))
    run_import(path, set_stock=True)
    run_import(path, set_stock=True)

    assert level() == 5
    assert StockMovement.objects.count() == 1
    assert StockItem.objects.count() == 1


def test_set_stock_reaches_variants_that_never_had_any(tmp_path):
    run_import(product_file(tmp_path, mug()))

    run = run_import(product_file(tmp_path, mug(quantity="4")), set_stock=True)

    assert "stock: 0 units received, 1 levels adjusted" in run.sums
    assert level() == 4


def test_set_stock_of_blank_cells_leaves_the_level(tmp_path):
    run_import(product_file(tmp_path, mug(quantity="4")))

    run_import(product_file(tmp_path, mug(quantity="")), set_stock=True)

    assert level() == 4


def test_set_stock_below_what_orders_hold_is_refused_and_changes_nothing(tmp_path):
    run_import(product_file(tmp_path, mug(quantity="5")))
    reserve_stock(quantities={Variant.objects.get().pk: 3}, source="M-TEST")
    entries = AuditEntry.objects.count()

    run = run_import(product_file(tmp_path, mug(quantity="2", price="12")), set_stock=True)

    assert run.refused == [(2, "Orders hold more of this than would be left.")]
    assert run.code == 1
    assert level() == 5
    assert Variant.objects.get().price == Decimal("9.99")
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(("sold", "movements"), [(1, [-1, 3]), (-2, [2])])
def test_set_stock_counts_from_the_level_under_the_lock(tmp_path, monkeypatch, sold, movements):
    run_import(product_file(tmp_path, mug(quantity="5")))

    def sell_just_before(variant_ids):
        adjust_stock(variant_id=Variant.objects.get().pk, delta=-sold, reason="sold")
        return lock_items(variant_ids)

    monkeypatch.setattr(applying, "lock_items", sell_just_before)

    run_import(product_file(tmp_path, mug(quantity="7")), set_stock=True)

    assert level() == 7
    later = StockMovement.objects.filter(seq__gt=1).order_by("seq")
    assert list(later.values_list("d_on_hand", flat=True)) == movements


def test_a_dry_run_of_set_stock_moves_nothing(tmp_path):
    run_import(product_file(tmp_path, mug(quantity="5")))

    dry = run_import(product_file(tmp_path, mug(quantity="9")), set_stock=True, dry_run=True)

    assert "stock: 0 units received, 1 levels adjusted" in dry.sums
    assert level() == 5
    assert StockMovement.objects.count() == 1
