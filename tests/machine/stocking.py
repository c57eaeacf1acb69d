"""Goods that come in, are corrected, and are counted."""

from dataclasses import dataclass

from hypothesis import strategies as st

from shop.catalog.models import Variant
from shop.stock.services import adjust_stock, preview_stock_take, receive_stock, take_stock
from tests.machine.steps import DONE, SKUS, UNCHANGED, Steps, move

articles = st.sampled_from(SKUS)


@dataclass
class Count:
    """So many of an article were counted when there should have been ``on_hand``."""

    number: int
    sku: str
    counted: int
    on_hand: int
    is_refused: bool
    waits: bool = True


def _id_of(sku):
    return Variant.objects.get(sku=sku).pk


class Stocking(Steps):
    @move(sku=articles, units=st.integers(0, 4))
    def receive_goods(self, sku, units):
        self.take(
            DONE if units else "invalid",
            lambda: receive_stock(variant_id=_id_of(sku), quantity=units, reason="Delivery"),
            lambda _: self.books.on_hand.update({sku: units}),
        )

    @move(
        often=2,
        sku=articles,
        delta=st.integers(-12, 4),
        reason=st.sampled_from(["Broken", "Broken", "Found", ""]),
    )
    def correct_level(self, sku, delta, reason):
        if not delta or not reason:
            foretold = "invalid"
        else:
            is_held = self.books.available(sku) + delta < 0
            foretold = "below_reserved" if is_held else DONE
        self.take(
            foretold,
            lambda: adjust_stock(variant_id=_id_of(sku), delta=delta, reason=reason),
            lambda _: self.books.on_hand.update({sku: delta}),
        )

    @move(sku=articles, difference=st.integers(-3, 3))
    def count(self, sku, difference):
        on_hand = self.books.on_hand[sku]
        counted = max(0, on_hand + difference)
        is_refused = counted < self.books.reserved[sku]
        content = f"sku,counted\n{sku},{counted}".encode()
        self.take(
            DONE,
            lambda: preview_stock_take(name="count.csv", content=content, at=self.at),
            lambda made: self.books.counts.append(
                Count(made.pk, sku, counted, on_hand, is_refused)
            ),
        )

    @move(of="counts", fits="waits")
    def apply_count(self, count):

        def book(_):
            count.waits = False
            is_held = self.books.reserved[count.sku] > count.counted
            has_moved = self.books.on_hand[count.sku] != count.on_hand
            if not (count.is_refused or has_moved or is_held):
                self.books.on_hand[count.sku] = count.counted

        self.take(
            DONE if count.waits else UNCHANGED,
            lambda: take_stock(stock_take_id=count.number, at=self.at),
            book,
        )
