"""An order is its customer's, or whose who hold its token. For everybody else it does not exist."""

import pytest

from mdv.accounts.roles import Role
from shop.orders.models import Order
from shop.orders.services import access_token
from tests.orders.ordering import (
    act,
    customer,
    deliver_everywhere,
    guest,
    placed,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db

TOKEN = "X-Order-Token"


@pytest.fixture(autouse=True)
def _shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)


@pytest.fixture
def adas(db):
    """Ada, and an order of hers."""
    ada = customer()
    return ada, placed(ada, ("SHIRT", 1), total="2000.00")


def test_a_customer_opens_their_own_order(adas):
    ada, order = adas

    shown = ada.get(f"/orders/{order['number']}")

    assert shown.status_code == 200
    assert "access_token" not in shown.json()
    del order["access_token"]
    assert shown.json() == order


def test_whoever_holds_the_token_opens_the_order(adas):
    _, order = adas

    shown = guest().get(f"/orders/{order['number']}", **{TOKEN: order["access_token"]})

    assert (shown.status_code, shown.json()["number"]) == (200, order["number"])


@pytest.mark.parametrize(
    "token",
    ["", "0" * 64, "x", "ö" * 64, "🗝", "a" * 4000, "' OR 1=1 --"],
    ids=["empty", "zeros", "short", "latin", "emoji", "long", "sql"],
)
def test_a_wrong_token_opens_nothing(adas, token):
    _, order = adas

    for path in (f"/orders/{order['number']}", "/orders/M-00000000"):
        assert guest().get(path, **{TOKEN: token}).status_code == 404
    cancelled = act(guest(), f"/orders/{order['number']}/cancel", **{TOKEN: token})
    assert cancelled.status_code == 404
    assert Order.objects.get().status == "pending"


def test_the_token_of_one_order_opens_no_other():
    first = placed(guest(), ("SHIRT", 1), total="2000.00")
    second = placed(guest(), ("SHIRT", 1), total="2000.00")

    crossed = guest().get(f"/orders/{first['number']}", **{TOKEN: second["access_token"]})

    assert first["access_token"] != second["access_token"]
    assert crossed.status_code == 404


def test_the_token_changes_with_the_shops_secret_and_the_orders_salt(settings):
    placed(guest(), ("SHIRT", 1), total="2000.00")
    order = Order.objects.get()
    before = access_token(order)

    order.access_salt = "another"
    with_other_salt = access_token(order)
    order.refresh_from_db()
    settings.SECRET_KEY = "x" * 50
    with_other_secret = access_token(order)

    assert len({before, with_other_salt, with_other_secret}) == 3


def test_another_customer_and_staff_get_a_404_by_the_customers_door(adas):
    _, order = adas

    for stranger in (customer("eve@example.com"), staff(Role.ADMIN)):
        assert stranger.get(f"/orders/{order['number']}").status_code == 404
        assert act(stranger, f"/orders/{order['number']}/cancel").status_code == 404
    assert Order.objects.get().status == "pending"


@pytest.mark.parametrize("number", ["M-NONE0000", "1", "%00", "M-%00", "🍌", "M-" + "A" * 200])
def test_a_number_that_nobody_ordered_is_a_404(adas, number):
    ada, order = adas

    assert ada.get(f"/orders/{number}", **{TOKEN: order["access_token"]}).status_code == 404


def test_a_list_holds_ones_own_orders_alone(adas):
    ada, order = adas
    eve = customer("eve@example.com")
    placed(guest(), ("SHIRT", 1), total="2000.00", email="ada@example.com")

    assert [row["number"] for row in ada.get("/orders").json()["results"]] == [order["number"]]
    assert eve.get("/orders").json() == {"next": None, "results": []}


def test_who_is_not_logged_in_has_no_list():
    answer = guest().get("/orders")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_an_order_that_was_read_and_did_not_change_is_not_sent_again(adas):
    ada, order = adas
    path = f"/orders/{order['number']}"
    etag = ada.get(path)["ETag"]

    unchanged = ada.get(path, **{"If-None-Match": etag})
    act(ada, f"{path}/cancel")
    changed = ada.get(path, **{"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, changed.json()["status"]) == (200, "cancelled")


def test_a_304_tells_a_stranger_nothing_either(adas):
    ada, order = adas
    path = f"/orders/{order['number']}"
    etag = ada.get(path)["ETag"]

    assert guest().get(path, **{"If-None-Match": etag}).status_code == 404


def test_no_answer_about_an_order_may_be_kept_by_caches(adas):
    ada, order = adas

    for path in ("/orders", f"/orders/{order['number']}"):
        assert ada.get(path)["Cache-Control"] == "no-store"
