"""From the first visit to a paid order, over HTTP, as the people concerned would tell it."""

from decimal import Decimal

import pytest

from mdv.accounts.roles import Role
from shop.catalog.services import create_product
from shop.pricing import services as pricing
from shop.stock.models import StockItem
from tests.accounts.people import PASSWORD, make_staff
from tests.catalog.shelf import make_variant, publish
from tests.races.crowds import Client

pytestmark = pytest.mark.django_db(transaction=True)

HOME = {
    "name": "Ada Obi",
    "phone": "+234 801 234 5678",
    "street": "1 Marina",
    "city": "Lagos",
    "state": "Lagos",
    "country": "NG",
}


@pytest.fixture
def shop(live_server):
    """A shop that sells one shirt in two sizes and delivers to Lagos."""
    shirt = create_product(title="Ocean shirt", option_names=["Size"])
    for size in ("S", "M"):
        make_variant(shirt, "15000.00", sku=f"OCEAN-{size}", option_values=[size], stock=5)
    publish(shirt)
    pricing.create_zone(name="Lagos", states=["Lagos"], fee=Decimal(2500))
    pricing.create_coupon(code="WELCOME", kind="percent", value=Decimal(10))
    return live_server


def log_in(shop, email):
    answer = Client(shop).send("POST", "/auth/login", {"email": email, "password": PASSWORD})
    assert answer.status == 200, answer.body
    return Client(shop, answer.json()["token"])


def look_around_and_fill_a_cart(visitor):
    """Find the shirt, put two of size M into a cart, and return its token."""
    (card,) = visitor.send("GET", "/products?search=ocean").json()["results"]
    product = visitor.send("GET", f"/products/{card['slug']}").json()
    sku = next(variant["sku"] for variant in product["variants"] if variant["title"] == "M")
    token = visitor.send("POST", "/carts").json()["token"]
    assert visitor.send("POST", f"/carts/{token}/lines", {"sku": sku, "quantity": 2}).status == 200
    return token


def register_and_log_in(shop, visitor):
    person = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Obi"}
    assert visitor.send("POST", "/auth/register", person).status == 201
    return log_in(shop, "ada@example.com")


def find_the_order_and_book_the_transfer(ben, order):
    (found,) = ben.send("GET", "/staff/orders?search=ada@example.com").json()["results"]
    assert found["number"] == order["number"]
    money = {"amount": order["total"], "channel": "bank_transfer", "reference": "GTB-778812"}
    assert ben.act(f"/staff/orders/{order['number']}/payments", money).status == 201
    return ben.send("GET", f"/staff/orders/{order['number']}").json()


def test_ada_registers_buys_a_shirt_and_the_shop_confirms_it_when_her_transfer_arrives(shop):
    visitor = Client(shop)
    token = look_around_and_fill_a_cart(visitor)
    ada = register_and_log_in(shop, visitor)

    # She takes the cart along, uses her coupon and asks what it costs in all.
    assert ada.send("POST", f"/carts/{token}/claim").status == 200
    assert visitor.send("GET", f"/carts/{token}").status == 404
    assert ada.send("PUT", f"/carts/{token}/coupon", {"code": "welcome"}).status == 200
    where = {"delivery_method": "delivery", "shipping_address": HOME}
    total = ada.send("POST", f"/carts/{token}/quote", where).json()["totals"]["total"]
    assert total == "29500.00"

    # She orders at that price.
    answer = ada.act(
        "/orders",
        {**where, "cart": token, "expected_total": total, "payment_method": "bank_transfer"},
    )
    order = answer.json()
    assert (answer.status, order["status"], order["payment_status"]) == (201, "pending", "unpaid")
    assert order["payment"]["reference"] == order["number"]
    assert StockItem.objects.get(variant__sku="OCEAN-M").available == 3

    # Ben of the shop sees the transfer in the bank, and both see that the order is confirmed.
    make_staff(Role.OPERATIONS, "ben@example.com")
    seen_by_ben = find_the_order_and_book_the_transfer(log_in(shop, "ben@example.com"), order)
    assert [payment["captured"] for payment in seen_by_ben["payments"]] == ["29500.00"]
    seen_by_ada = ada.send("GET", answer.headers["Location"].removeprefix("/api/v1")).json()
    assert (seen_by_ada["status"], seen_by_ada["payment_status"]) == ("confirmed", "paid")
    assert seen_by_ada["payment"]["instructions"] == "There is nothing to pay."
    (mine,) = ada.send("GET", "/orders").json()["results"]
    assert mine["number"] == order["number"]


def test_a_guest_orders_to_collect_changes_their_mind_and_the_shirts_are_free_again(shop):
    guest = Client(shop)
    order = guest.act(
        "/orders",
        {
            "lines": [{"sku": "OCEAN-S", "quantity": 5}],
            "delivery_method": "pickup",
            "payment_method": "pay_at_pickup",
            "email": "guest@example.com",
            "expected_total": "75000.00",
        },
    ).json()
    mine = {"X-Order-Token": order["access_token"]}
    assert guest.send("GET", f"/orders/{order['number']}").status == 404
    assert guest.send("GET", f"/orders/{order['number']}", **mine).status == 200

    cancelled = guest.act(f"/orders/{order['number']}/cancel", {"reason": "Too far."}, **mine)

    assert (cancelled.status, cancelled.json()["status"]) == (200, "cancelled")
    assert StockItem.objects.get(variant__sku="OCEAN-S").available == 5
