"""The figures of the home page: what they count, and what they are compared with."""

from datetime import UTC, datetime, timedelta

import time_machine

from mdv.backoffice import home
from shop.orders.models import Order
from tests.backoffice.shop import place_order
from tests.fulfilment.packing import paid, ready
from tests.refunds.returning import approve

TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)


def sold(at):
    with time_machine.travel(at, tick=False):
        order = place_order(payment_method="cash_on_delivery")
        Order.objects.filter(pk=order.pk).update(status="confirmed")


def test_a_day_that_is_not_over_is_compared_with_the_day_before_by_the_same_time(shop):
    sold(TEN - timedelta(days=1, hours=1))
    sold(TEN - timedelta(days=1) + timedelta(hours=1))
    sold(TEN - timedelta(hours=2))

    today, week, _ = home.figures(at=TEN, may=lambda _: True)["periods"]

    assert (today["value"], today["orders"]) == ("NGN 2,000.00", "1 confirmed order")
    assert today["before"] == "Yesterday by this time: NGN 2,000.00"
    assert "+0 %" in today["change"]
    assert (week["value"], week["orders"]) == ("NGN 6,000.00", "3 confirmed orders")


def test_an_order_that_is_only_placed_is_not_a_sale(shop):
    with time_machine.travel(TEN, tick=False):
        place_order()

    today, *_ = home.figures(at=TEN + timedelta(minutes=1), may=lambda _: True)["periods"]

    assert (today["value"], today["orders"]) == ("NGN 0.00", "0 confirmed orders")


WORK = ("To pack", "To ship", "Returns to decide", "Returns to receive")


def work(admin):
    tiles = {tile["title"]: tile for tile in admin.get("/admin/").context["tiles"]}
    return [tiles[name]["value"] for name in WORK], [tiles[name]["url"] for name in WORK]


def test_what_waits_to_be_packed_shipped_and_decided_is_counted_and_leads_to_the_list(shop, admin):
    before, _ = work(admin)
    packed_next = paid(("SHIRT", 2), total="3500.00")
    shipped_next = paid(("SHIRT", 1), total="2000.00")
    ready(shipped_next)
    approve(shop.returned.number)

    after, urls = work(admin)

    to_pack, to_ship, to_decide, to_receive = (admin.get(url).content.decode() for url in urls)
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, -1, 1]
    assert before[2:] == [1, 0]
    assert packed_next in to_pack
    assert shipped_next not in to_pack
    assert shipped_next in to_ship
    assert shop.returned.number not in to_decide
    assert shop.returned.number in to_receive
