"""Levels and ledgers as the database has them."""

from shop.stock.models import StockItem, StockMovement
from tests.catalog.shelf import make_product


def level(variant):
    """On hand and reserved."""
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved


def ledger(variant):
    """The movements in their order: kind, changes, levels after."""
    movements = StockMovement.objects.filter(item__variant=variant).order_by("seq")
    columns = ("seq", "kind", "d_on_hand", "d_reserved", "on_hand_after", "reserved_after")
    return list(movements.values_list(*columns))


def shirts(count, *, stock):
    """That many variants, each with that stock."""
    return [make_product(f"Shirt {n}", stock=stock).variants.get() for n in range(count)]
