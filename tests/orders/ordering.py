"""Ordering as a client does it, and the little shop that it is tried on."""

import uuid
from decimal import Decimal

from django.contrib.auth.models import Group
from django.db import connection, transaction

from mdv.accounts.models import ApiToken, RoleGrant, User
from shop.catalog.services import create_product, update_variant
from shop.orders.models import Order
from shop.pricing import services as pricing
from shop.stock.models import StockItem
from tests.catalog.clients import Caller
from tests.catalog.shelf import make_variant, publish

LAGOS = {
    "name": "Ada Obi",
    "phone": "+234 801 234 5678",
    "street": "1 Marina",
    "city": "Lagos",
    "state": "Lagos",
    "country": "NG",
}


def guest():
    return Caller()


def customer(email="ada@example.com", name="Ada"):
    """Somebody with an account, logged in."""
    return _with_token(User.objects.create(email=email, name=name, password="!"))


def staff(role):
    """Somebody who holds the role, logged in."""
    person = User.objects.create(email=f"{role}@example.com", password="!")
    RoleGrant.objects.create(user=person, group=Group.objects.get(name=role))
    return _with_token(person)


def _with_token(person):
    _, token = ApiToken.objects.create(person)
    caller = Caller(token)
    caller.user = person
    caller.token = token
    return caller


def sell(sku="SHIRT", price="1500.00", *, stock=10, **fields):
    """Put a product with one variant on sale, and return the variant."""
    product = create_product(title=sku.title())
    variant = make_variant(product, price, sku=sku, stock=stock, **fields)
    variant.product = publish(product)
    return variant


def change_price(variant, price):
    return update_variant(variant_id=variant.pk, price=Decimal(price))


def deliver_everywhere(fee="500.00", **fields):
    return pricing.create_zone(name="Everywhere", fee=Decimal(fee), is_default=True, **fields)


def make_coupon(code="TEN", value="10.00", **fields):
    return pricing.create_coupon(
        code=code, **{"kind": "percent", "value": Decimal(value), **fields}
    )


def new_key():
    return uuid.uuid4().hex


def let_pay_on_delivery(number):
    """Let an order be one that is paid on delivery, which is fixed from its placing on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Order.objects.filter(number=number).update(pay_on_delivery=True)
        cursor.execute("SET LOCAL session_replication_role = origin")


def order_of(*lines, total, **changes):
    """The body of a guest's order, of lines given as (sku, quantity). A change to None leaves
    a field out."""
    body = {
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        "delivery_method": "delivery",
        "payment_method": "bank_transfer",
        "email": "guest@example.com",
        "shipping_address": LAGOS,
        "expected_total": total,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def order_of_cart(token, *, total, **changes):
    return order_of(total=total, lines=None, cart=token, **changes)


def act(caller, path, body=None, *, key=None, **headers):
    """Send what must not happen twice."""
    return caller.send("POST", path, body, **{"Idempotency-Key": key or new_key(), **headers})


def place(caller, body, *, key=None, **headers):
    return act(caller, "/orders", body, key=key, **headers)


def placed(caller, *lines, total, **changes):
    """An order that was placed, as its answer says."""
    answer = place(caller, order_of(*lines, total=total, **changes))
    assert answer.status_code == 201, answer.content
    return answer.json()


def fill_cart(caller, *lines):
    """Open a cart, put lines of (sku, quantity) in, and return its token."""
    token = caller.send("POST", "/carts").json()["token"]
    for sku, quantity in lines:
        answer = add(caller, token, sku, quantity)
        assert answer.status_code == 200, answer.content
    return token


def add(caller, token, sku, quantity):
    return caller.send("POST", f"/carts/{token}/lines", {"sku": sku, "quantity": quantity})


def available(sku):
    return StockItem.objects.get(variant__sku=sku).available


def order_count():
    return Order.objects.count()


def problems(answer):
    """Field and code of each mistake that an answer names."""
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]
