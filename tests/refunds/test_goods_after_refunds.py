"""Parts of an order are shipped and come back, others are cancelled: stock ends where it began."""

import pytest

from mdv.accounts.roles import Role
from refunds import services
from shop.orders.models import Order
from shop.stock.models import StockMovement
from tests.fulfilment.packing import counts, deliver, level, pack, status_of
from tests.orders.ordering import act, staff
from tests.refunds.api.calling import refunded, send, shirts
from tests.refunds.refunding import CANCEL, RETURN, execute, request, wish
from tests.refunds.returning import AS_NEW, DAMAGED, approved, receive
from tests.refunds.test_api import came


def give_back(order, wanted, by):
    (refund,) = request(order, wanted, by=by)
    assert execute(refund).state == "succeeded"


def test_after_each_refund_stock_is_as_foretold_and_in_the_end_as_it_began(order, admin, gateway):
    assert level() == (10, 5, 5)
    deliver(order, ("SHIRT", 3))
    assert level() == (7, 2, 5)
    returned = approved(order, ("SHIRT", 3))
    receive(returned, ("SHIRT", 3, AS_NEW, True))
    assert level() == (10, 2, 8)

    give_back(order, wish(("SHIRT", 2, RETURN), of_return=returned), admin)
    assert level() == (10, 2, 8)
    give_back(order, wish(("SHIRT", 1, CANCEL)), admin)
    assert level() == (10, 1, 9)
    give_back(order, wish(("SHIRT", 1, RETURN), ("SHIRT", 1, CANCEL), shipping="500.00"), admin)

    assert (level(), status_of(order)) == ((10, 0, 10), "completed")
    assert counts(order) == [(2, 3, 3, 3)]
    assert Order.objects.get(number=order).refunded_total == 8000
    kinds = StockMovement.objects.order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["receipt", "reserve", "ship", "return", "release", "release"]


def test_what_came_back_damaged_is_refunded_and_stays_off_the_shelf(order, admin, gateway):
    deliver(order, ("SHIRT", 1))
    returned = approved(order, ("SHIRT", 1))
    receive(returned, ("SHIRT", 1, DAMAGED, False))

    give_back(order, wish(("SHIRT", 1, RETURN), ("SHIRT", 4, CANCEL)), admin)

    assert level() == (9, 0, 9)


def test_what_is_packed_meanwhile_is_not_cancelled_with_the_rest(order, admin, gateway):
    give_back(order, wish(("SHIRT", 2, CANCEL)), admin)
    pack(order, ("SHIRT", 1))

    with pytest.raises(services.ExceedsRefundable):
        request(order, wish(("SHIRT", 3, CANCEL)), by=admin)

    assert level() == (10, 3, 7)


def test_over_the_api_too(order, gateway):
    lead, storekeeper = staff(Role.SUPERVISOR), staff(Role.LOGISTICS)
    deliver(order, ("SHIRT", 2))
    returned = approved(order, ("SHIRT", 2))
    body = came(2, (1, "as_new", True))
    act(storekeeper, f"/staff/returns/{returned}/receive", body)
    assert level() == (9, 3, 6)

    two = send(lead, order, shirts(2, restock="return", of_return=returned), plan_hash="a" * 64)
    assert (two.status_code, two.json()["code"]) == (409, "exceeds_refundable")
    assert [line["refundable"] for line in two.json()["lines"]] == [1]
    refunded(lead, order, shirts(1, restock="return", of_return=returned))
    refunded(lead, order, shirts(1))
    assert level() == (9, 2, 7)
    act(storekeeper, f"/staff/returns/{returned}/receive", came(3, (1, "as_new", True)))
    refunded(lead, order, shirts(1, restock="return", of_return=returned))
    refunded(lead, order, {**shirts(2), "shipping": "500.00"})

    assert (level(), status_of(order)) == ((10, 0, 10), "completed")
    told = lead.get(f"/staff/orders/{order}").json()
    assert (told["captured_total"], told["refunded_total"]) == ("8000.00", "8000.00")
