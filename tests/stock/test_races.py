"""Many buyers at once: nothing is sold twice, and nobody waits for ever."""

import itertools

import pytest

from shop.stock import services
from shop.stock.services import OutOfStock
from tests.catalog.shelf import make_product
from tests.stock.counting import apply, outcomes, preview
from tests.stock.ledgers import ledger, level, shirts
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BUYERS = 64
ROUNDS = 200


def test_of_64_buyers_of_10_units_exactly_10_get_one(shirt):
    def buy():
        services.reserve_stock(quantities={shirt.pk: 1}, source="M-1")
        return "bought"

    results = at_once([buy] * BUYERS)

    assert results.count("bought") == 10
    refused = [result for result in results if result != "bought"]
    assert {type(result) for result in refused} == {OutOfStock}
    assert level(shirt) == (10, 10)
    assert [line[0] for line in ledger(shirt)] == list(range(1, 12))


def test_two_variants_wanted_in_opposite_orders_never_block_each_other():
    first, second = shirts(2, stock=2 * ROUNDS)

    def buy(one, other):
        for number in range(ROUNDS):
            quantities = {one.pk: 1, other.pk: 1}
            services.reserve_stock(quantities=quantities, source=f"M-{number}")
        return "bought"

    results = at_once([lambda: buy(first, second), lambda: buy(second, first)])

    assert results == ["bought", "bought"]
    assert level(first) == level(second) == (2 * ROUNDS, 2 * ROUNDS)


def test_the_first_stock_of_a_variant_may_come_from_many_at_once():
    variant = make_product("Shirt", stock=0).variants.get()

    results = at_once([lambda: services.receive_stock(variant_id=variant.pk, quantity=1)] * 8)

    assert results == [None] * 8
    assert level(variant) == (8, 0)


def test_reserving_and_releasing_at_once_leaves_books_that_balance(shirt):
    def come_and_go(number):
        for _ in range(10):
            try:
                services.reserve_stock(quantities={shirt.pk: 3}, source=f"M-{number}")
            except OutOfStock:
                continue
            services.release_stock(quantities={shirt.pk: 3}, source=f"M-{number}")

    results = at_once([lambda n=n: come_and_go(n) for n in range(8)])

    assert results == [None] * 8
    assert level(shirt) == (10, 0)
    lines = ledger(shirt)
    for before, after in itertools.pairwise(lines):
        assert after[0] == before[0] + 1
        assert after[5] == before[5] + after[3]


def test_a_stock_take_that_eight_apply_at_once_is_applied_once():
    variants = shirts(20, stock=5)
    stock_take = preview(*[f"{variant.sku},4" for variant in variants])

    results = at_once([lambda: apply(stock_take).state] * 8)

    assert results == ["applied"] * 8
    assert [level(variant) for variant in variants] == [(4, 0)] * 20
    assert [len(ledger(variant)) for variant in variants] == [2] * 20
    assert outcomes(stock_take) == ["corrected"] * 20


def test_a_stock_take_among_buyers_and_deliveries_overwrites_nothing():
    variants = shirts(10, stock=50)

    def buy():
        for variant in reversed(variants):
            services.reserve_stock(quantities={variant.pk: 1}, source="M-1")

    def receive():
        for variant in variants[5:]:
            services.receive_stock(variant_id=variant.pk, quantity=7)

    stock_take = preview(*[f"{variant.sku},40" for variant in variants])
    results = at_once([lambda: apply(stock_take).state, buy, receive, buy])

    assert results == ["applied", None, None, None]
    found = outcomes(stock_take)
    assert found[:5] == ["corrected"] * 5
    assert [level(variant) for variant in variants[:5]] == [(40, 2)] * 5
    for variant, outcome in zip(variants[5:], found[5:], strict=True):
        # The delivery came before or after: none of it is lost.
        assert level(variant) == ((47, 2) if outcome == "corrected" else (57, 2))
