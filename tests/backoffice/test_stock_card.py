"""The stock card: one item's ledger, and what holds it."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.orders.services import cancel_order
from shop.stock import services
from shop.stock.models import StockItem
from tests.backoffice.many import copy, past_every_trigger
from tests.backoffice.shop import place_order
from tests.stock.counting import apply, preview

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANY = 100_000


def card(browser, shop, query=""):
    return browser.get(f"/admin/stock/stockitem/{shop.stock.pk}/change/{query}")


def text(answer):
    return " ".join(answer.content.decode().split())


def words(table):
    return " ".join(re.sub(r"<[^>]*>", " ", table).split())


def ledger(answer):
    return " ".join(answer.context["ledger"].split())


def link(order):
    return f'<a class="mdv-link" href="/admin/orders/order/{order.pk}/change/">{order.number}</a>'


def test_the_ledger_names_orders_and_stock_takes_by_links(shop, operations):
    stock_take = preview("SHIRT,8,Moths", header="sku,counted,reason")
    apply(stock_take)
    services.receive_stock(
        variant_id=shop.variant.pk, quantity=1, reason="<b>", source="ST-x M-NONE"
    )

    shown = card(operations, shop)

    assert link(shop.order) in ledger(shown)
    url = f"/admin/stock/stocktake/{stock_take.pk}/change/"
    assert f'href="{url}">{stock_take.number}</a>' in ledger(shown)
    assert "ST-x M-NONE" in ledger(shown)
    assert "&lt;b&gt;" in ledger(shown)
    assert "Moths" in ledger(shown)


def test_it_says_which_orders_hold_how_much_since_when(shop, operations):
    with time_machine.travel(NOON, tick=False):
        second = place_order(quantity=3, total="5000.00")
    gone = place_order(quantity=2, total="3500.00")
    cancel_order(number=gone.number, reason="staff", at=datetime.now(UTC))

    held = card(operations, shop).context["held"]

    assert link(shop.order) in held["table"]
    assert f"{second.number} 3 2026-03-01 12:00" in words(held["table"])
    assert gone.number not in held["table"]
    assert held["more"] == 0


def test_an_item_that_no_order_holds_says_so(shop, operations):
    cancel_order(number=shop.order.number, reason="staff", at=datetime.now(UTC))

    assert "No order holds any." in card(operations, shop).context["held"]["table"]


def test_more_orders_than_fit_are_summed_up(shop, operations, monkeypatch):
    monkeypatch.setattr("mdv.backoffice.stock_card.ORDERS_SHOWN", 1)
    place_order(quantity=3, total="5000.00")

    answer = card(operations, shop)

    assert answer.context["held"]["more"] == 3
    assert "and 3 more units" in text(answer)


@pytest.mark.parametrize(
    "junk",
    [
        "up_to=x",
        "up_to=0",
        "up_to=99999999999999",
        "up_to=",
    ],
)
def test_junk_in_the_address_shows_the_card_all_the_same(shop, operations, junk):
    answer = card(operations, shop, f"?{junk}")

    assert answer.status_code == 200
    assert shop.order.number in ledger(answer)


def test_the_ledger_comes_in_pages_without_counting(shop, operations, monkeypatch):
    monkeypatch.setattr("mdv.backoffice.stock_card.MOVEMENTS_SHOWN", 3)
    for number in range(6):
        services.receive_stock(variant_id=shop.variant.pk, quantity=1, reason=f"delivery {number}")

    first = card(operations, shop)
    second = card(operations, shop, f"?up_to={first.context['older']}")
    third = card(operations, shop, f"?up_to={second.context['older']}")

    shown = [[n for n in range(6) if f"delivery {n}" in ledger(page)] for page in (first, second)]
    assert shown == [[3, 4, 5], [0, 1, 2]]
    assert (first.context["newer"], first.context["older"]) == (0, 5)
    assert (second.context["newer"], second.context["older"]) == (8, 2)
    assert (third.context["newer"], third.context["older"]) == (5, 0)
    assert shop.order.number in ledger(third)


@pytest.mark.slow
def test_a_card_of_100_000_movements_takes_as_many_statements_as_one_of_three(shop, operations):
    def statements(query):
        card(operations, shop, query)
        with CaptureQueriesContext(connection) as queries:
            assert card(operations, shop, query).status_code == 200
        return len(queries)

    few = [statements(query) for query in ("", "?up_to=2")]
    last = shop.stock.movements.order_by("seq").last()
    copy(last, MANY, seq=f"{last.seq} + n")
    with past_every_trigger():
        StockItem.objects.filter(pk=shop.stock.pk).update(last_seq=last.seq + MANY)

    many = [statements(query) for query in ("", "?up_to=50000")]

    assert few == many
    assert max(many) <= 10
