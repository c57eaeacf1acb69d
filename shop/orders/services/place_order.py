"""Placing an order: the one way in which an order comes to be."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from mdv.kernel.errors import Conflict, Invalid, NotFound
from mdv.kernel.money import ZERO
from shop.carts.models import Cart
from shop.carts.services import UnknownSku, basket_line
from shop.orders.events import emit_confirmed, emit_placed
from shop.orders.letters import tell_placed
from shop.orders.models import NUMBER_PREFIX, Order, OrderLine
from shop.orders.services.gather_items import (
    EmptyOrder,
    Item,
    Unavailable,
    WantedLine,
    items_of_cart,
    items_of_lines,
)
from shop.orders.services.issue_invoice import issue_invoice
from shop.orders.states import PAID_ON_DELIVERY, OrderStatus, PaymentMethod
from shop.pricing import services as pricing
from shop.pricing.calculation import Price
from shop.pricing.models import Coupon
from shop.pricing.states import DeliveryMethod
from shop.stock.services import OutOfStock, reserve_stock

# Crockford's base 32: no I, L, O, U, so that a number survives being read out.
NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 8
SALT_BYTES = 16
MAX_ORDER_TOTAL = Decimal("99999999999.99")
AMOUNT = {"type": "string", "examples": ["1500.00"]}


class PriceChanged(Conflict):
    code = "price_changed"
    detail = "The total is not what you expected. Look at the new prices and confirm."
    described = {
        "expected_total": {**AMOUNT, "description": "As it was sent."},
        "total": {**AMOUNT, "description": "What it would be now."},
        "currency": {"type": "string", "description": "ISO 4217."},
        "lines": {
            "type": "array",
            "description": "All lines, with the unit price when it was put in the cart and now.",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "quantity": {"type": "integer"},
                    "old": {"type": ["string", "null"], "description": "Null without a cart."},
                    "new": AMOUNT,
                },
            },
        },
    }


class OrderTooLarge(Invalid):
    code = "order_too_large"
    detail = f"An order may be worth at most {MAX_ORDER_TOTAL}."


REFUSALS_OF_PLACING = (
    NotFound,
    EmptyOrder,
    UnknownSku,
    OrderTooLarge,
    Unavailable,
    PriceChanged,
    OutOfStock,
    pricing.CouponNotValid,
    pricing.CouponExhausted,
    pricing.NotDeliverable,
)


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """Who orders, where it goes, how it is paid. ``user_id`` is None for a guest."""

    user_id: int | None
    email: str
    delivery_method: str
    payment_method: str
    expected_total: Decimal
    shipping_address: Mapping[str, str]
    name: str = ""
    phone: str = ""
    coupon_code: str = ""

    @property
    def destination(self) -> pricing.Destination:
        return pricing.Destination(
            country=self.shipping_address.get("country", ""),
            state=self.shipping_address.get("state", ""),
            is_pickup=self.delivery_method == DeliveryMethod.PICKUP,
        )

    @property
    def customer_keys(self) -> Sequence[str]:
        return pricing.customer_keys(user_id=self.user_id, email=self.email)


@dataclass(frozen=True, kw_only=True)
class PlacedOrder:
    order: Order
    lines: Sequence[OrderLine]


@transaction.atomic(savepoint=False)
def place_order(
    *,
    checkout: Checkout,
    at: datetime,
    pay_within: timedelta,
    lines: Sequence[WantedLine] = (),
    cart_token: str = "",
) -> PlacedOrder:
    """Place an order from `lines` or from a cart, and hold its stock.

    All or nothing. One to be paid online holds it for `pay_within`. A cart is gone afterwards. An
    order worth 0 is confirmed at once. The number of statements does not depend on the number of
    lines.

    Raises:
        NotFound: the cart is not there. EmptyOrder, UnknownSku, OrderTooLarge: 400.
        Unavailable: 409, with the cart's lines that are no longer sold.
        PriceChanged: 409, with the old and new price per line and the new total.
        OutOfStock: 409, with what is available per line.
        CouponNotValid, CouponExhausted, NotDeliverable: 409.
    """
    cart = _lock_cart(cart_token, checkout.user_id) if cart_token else None
    items = items_of_cart(cart) if cart else items_of_lines(lines)
    coupon = _lock_coupon(checkout, cart)
    quote = _quote(items, coupon, checkout, at)
    _check_total(quote.price, checkout.expected_total, items)

    order = _insert_order(checkout, quote, coupon, at, pay_within)
    order_lines = _insert_lines(order, items, quote.price)
    if coupon is not None:
        pricing.redeem_coupon(
            coupon=coupon, customer_keys=checkout.customer_keys, order_number=order.number
        )
    _reserve(order, items)
    if cart is not None:
        cart.delete()
    emit_placed(order, order_lines)
    if order.status == OrderStatus.CONFIRMED:
        emit_confirmed(order)
    tell_placed(order)
    if order.status == OrderStatus.CONFIRMED:
        issue_invoice(order=order, at=at)  # the last step: numbers are locked last
    return PlacedOrder(order=order, lines=order_lines)


def _lock_cart(token: str, user_id: int | None) -> Cart:
    cart = Cart.objects.opened_by(token, user_id).select_for_update().first()
    if cart is None:
        raise NotFound("There is no such cart, or it has been ordered already.")
    return cart


def _lock_coupon(checkout: Checkout, cart: Cart | None) -> Coupon | None:
    if checkout.coupon_code:
        return pricing.lock_coupon(pricing.find_coupon(checkout.coupon_code).pk)
    if cart is not None and cart.coupon_id is not None:
        return pricing.lock_coupon(cart.coupon_id)
    return None


def _quote(
    items: Sequence[Item], coupon: Coupon | None, checkout: Checkout, at: datetime
) -> pricing.Quote:
    basket = [basket_line(item.variant, item.quantity) for item in items]
    if coupon is not None:
        subtotal = sum((line.gross for line in basket), ZERO)
        pricing.check_coupon(coupon, subtotal=subtotal, customer_keys=checkout.customer_keys, at=at)
    return pricing.quote_basket(lines=basket, coupon=coupon, destination=checkout.destination)


def _check_total(price: Price, expected: Decimal, items: Sequence[Item]) -> None:
    if max(price.items_total, price.total) > MAX_ORDER_TOTAL:
        raise OrderTooLarge
    if price.total == expected:
        return
    raise PriceChanged(
        members={
            "expected_total": str(expected),
            "total": str(price.total),
            "currency": settings.STORE_CURRENCY,
            "lines": [_price_change(item) for item in items],
        }
    )


def _price_change(item: Item) -> dict[str, Any]:
    return {
        "sku": item.variant.sku,
        "quantity": item.quantity,
        "old": None if item.seen_price is None else str(item.seen_price),
        "new": str(item.variant.price),
    }


def _insert_order(
    checkout: Checkout,
    quote: pricing.Quote,
    coupon: Coupon | None,
    at: datetime,
    pay_within: timedelta,
) -> Order:
    price = quote.price
    is_free = price.total == ZERO
    expires = checkout.payment_method == PaymentMethod.ONLINE and not is_free
    address = checkout.shipping_address
    return Order.objects.create(
        number=_new_number(),
        access_salt=secrets.token_hex(SALT_BYTES),
        status=OrderStatus.CONFIRMED if is_free else OrderStatus.PENDING,
        user_id=checkout.user_id,
        name=checkout.name or address.get("name", ""),
        email=checkout.email.lower(),
        phone=checkout.phone or address.get("phone", ""),
        delivery_method=checkout.delivery_method,
        payment_method=checkout.payment_method,
        pay_on_delivery=checkout.payment_method in PAID_ON_DELIVERY,
        shipping_address=dict(address),
        shipping_zone=quote.zone,
        coupon=coupon,
        currency=settings.STORE_CURRENCY,
        items_total=price.items_total,
        discount_total=price.discount_total,
        shipping_total=price.shipping_total,
        tax_total=price.tax_total,
        prices_include_tax=price.prices_include_tax,
        total=price.total,
        expires_at=at + pay_within if expires else None,
        created_at=at,
        confirmed_at=at if is_free else None,
    )


def _insert_lines(order: Order, items: Sequence[Item], price: Price) -> list[OrderLine]:
    return OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            variant=item.variant,
            sku=item.variant.sku,
            title=item.variant.product.title,
            options=item.variant.option_values,
            unit_price=item.variant.price,
            list_price=item.variant.compare_at_price or item.variant.price,
            quantity=item.quantity,
            discount=priced.discount,
            tax=priced.tax,
            tax_is_included=price.prices_include_tax,
            total=priced.total,
        )
        for position, (item, priced) in enumerate(zip(items, price.lines, strict=True), start=1)
    )


def _reserve(order: Order, items: Sequence[Item]) -> None:
    sku_of = {item.variant.pk: item.variant.sku for item in items}
    quantities = {item.variant.pk: item.quantity for item in items}
    try:
        reserve_stock(quantities=quantities, source=order.number)
    except OutOfStock as error:
        short = [
            {
                "sku": sku_of[entry["variant_id"]],
                "requested": entry["requested"],
                "available": entry["available"],
            }
            for entry in error.members["variants"]
        ]
        raise OutOfStock(members={"lines": short}) from None


def _new_number() -> str:
    """Return a number that says nothing about how many orders there are."""
    drawn = (secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH))
    return NUMBER_PREFIX + "".join(drawn)
