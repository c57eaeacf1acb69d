"""Placing an order: the one way in which an order comes to be."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from mdv.kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from mdv.kernel.money import ZERO
from mdv.store.services import store_settings
from shop.carts.models import MAX_LINES, MAX_QUANTITY, Cart
from shop.carts.services import UnknownSku, basket_line
from shop.catalog.models import Variant
from shop.catalog.states import ProductStatus
from shop.orders.models import Order, OrderLine
from shop.orders.states import PAID_ON_DELIVERY, DeliveryMethod, OrderStatus, PaymentMethod
from shop.pricing import services as pricing
from shop.pricing.models import Coupon
from shop.stock.services import OutOfStock, reserve_stock

# Crockford's base 32: no I, L, O, U, so that a number survives being read out.
NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 8
SALT_BYTES = 16
MAX_ORDER_TOTAL = Decimal("99999999999.99")


class PriceChanged(Conflict):
    code = "price_changed"
    detail = "The total is not what you expected. Look at the new prices and confirm."


class EmptyOrder(Invalid):
    code = "empty_order"
    detail = "There is nothing to order."


class OrderTooLarge(Invalid):
    code = "order_too_large"
    detail = f"An order may be worth at most {MAX_ORDER_TOTAL}."


@dataclass(frozen=True, kw_only=True)
class WantedLine:
    """So many units of a SKU. ``seen_price`` is what the customer last saw, where known."""

    sku: str
    quantity: int
    seen_price: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """Who orders, where it goes, how it is paid. ``user_id`` is None for a guest."""

    user_id: int | None
    email: str
    phone: str
    delivery_method: str
    payment_method: str
    shipping_address: Mapping[str, str]
    expected_total: Decimal
    coupon_code: str = ""

    @property
    def destination(self) -> pricing.Destination:
        return pricing.Destination(
            country=self.shipping_address.get("country", ""),
            state=self.shipping_address.get("state", ""),
            is_pickup=self.delivery_method == DeliveryMethod.PICKUP,
        )


@transaction.atomic(savepoint=False)
def place_order(
    *,
    checkout: Checkout,
    at: datetime,
    lines: Sequence[WantedLine] = (),
    cart_token: str = "",
) -> Order:
    """Place an order from `lines` or from a cart, and hold its stock.

    All or nothing. A cart is gone afterwards. An order worth 0 is confirmed at once.

    Raises:
        NotFound: the cart is not there. EmptyOrder, UnknownSku, OrderTooLarge: 400.
        PriceChanged: 409, with the old and new price per line and the new total.
        OutOfStock: 409, with what is available per line.
        CouponNotValid, CouponExhausted, NotDeliverable: 409.
    """
    cart = _lock_cart(cart_token, checkout.user_id) if cart_token else None
    wanted = _add_up(_cart_lines(cart) if cart else lines)
    variants = _load_variants(wanted)
    coupon = _lock_coupon(checkout, cart)
    basket = [basket_line(variants[line.sku], line.quantity) for line in wanted]
    customer = pricing.customer_key(user_id=checkout.user_id, email=checkout.email)
    if coupon is not None:
        subtotal = sum((line.gross for line in basket), ZERO)
        pricing.check_coupon(coupon, subtotal=subtotal, customer_key=customer, at=at)
    quote = pricing.quote_basket(lines=basket, coupon=coupon, destination=checkout.destination)
    _check_total(quote.price.total, checkout.expected_total, wanted, variants)

    order = _insert_order(checkout, quote, coupon, at)
    _insert_lines(order, wanted, variants, quote)
    if coupon is not None:
        pricing.redeem_coupon(coupon=coupon, customer_key=customer, order_number=order.number)
    _reserve(order, wanted, variants)
    if cart is not None:
        cart.delete()
    return order


def _lock_cart(token: str, user_id: int | None) -> Cart:
    cart = Cart.objects.opened_by(token, user_id).select_for_update().first()
    if cart is None:
        raise NotFound("There is no such cart, or it has been ordered already.")
    return cart


def _cart_lines(cart: Cart) -> list[WantedLine]:
    rows = cart.lines.select_related("variant").order_by("id")
    return [
        WantedLine(sku=row.variant.sku, quantity=row.quantity, seen_price=row.seen_price)
        for row in rows
    ]


def _add_up(lines: Sequence[WantedLine]) -> list[WantedLine]:
    """Make one line per SKU, so that its quantity is checked as a sum."""
    by_sku: dict[str, WantedLine] = {}
    for line in lines:
        before = by_sku.get(line.sku)
        quantity = line.quantity + (before.quantity if before else 0)
        by_sku[line.sku] = WantedLine(sku=line.sku, quantity=quantity, seen_price=line.seen_price)
        if not 1 <= quantity <= MAX_QUANTITY:
            message = f"{line.sku}: from 1 to {MAX_QUANTITY} units."
            raise Invalid(problems=[FieldProblem("lines", "out_of_range", message)])
    if not by_sku:
        raise EmptyOrder
    if len(by_sku) > MAX_LINES:
        message = f"At most {MAX_LINES} different items."
        raise Invalid(problems=[FieldProblem("lines", "out_of_range", message)])
    return list(by_sku.values())


def _load_variants(wanted: Sequence[WantedLine]) -> dict[str, Variant]:
    rows = Variant.objects.select_related("product").filter(
        sku__in=[line.sku for line in wanted],
        is_archived=False,
        product__status=ProductStatus.ACTIVE,
    )
    found = {variant.sku: variant for variant in rows}
    unknown = [line.sku for line in wanted if line.sku not in found]
    if unknown:
        message = "We do not sell this, or no longer: " + ", ".join(unknown)
        raise UnknownSku(
            problems=[FieldProblem("lines", UnknownSku.code, message)],
            members={"skus": unknown},
        )
    return found


def _lock_coupon(checkout: Checkout, cart: Cart | None) -> Coupon | None:
    if cart is not None and cart.coupon_id is not None and not checkout.coupon_code:
        return pricing.lock_coupon(cart.coupon_id)
    if checkout.coupon_code:
        return pricing.lock_coupon(pricing.find_coupon(checkout.coupon_code).pk)
    return None


def _check_total(
    total: Decimal,
    expected: Decimal,
    wanted: Sequence[WantedLine],
    variants: Mapping[str, Variant],
) -> None:
    if total > MAX_ORDER_TOTAL:
        raise OrderTooLarge
    if total == expected:
        return
    raise PriceChanged(
        members={
            "expected_total": str(expected),
            "total": str(total),
            "currency": settings.STORE_CURRENCY,
            "lines": [_price_change(line, variants[line.sku].price) for line in wanted],
        }
    )


def _price_change(line: WantedLine, price: Decimal) -> dict[str, Any]:
    old = None if line.seen_price is None else str(line.seen_price)
    return {"sku": line.sku, "quantity": line.quantity, "old": old, "new": str(price)}


def _insert_order(
    checkout: Checkout, quote: pricing.Quote, coupon: Coupon | None, at: datetime
) -> Order:
    price = quote.price
    is_free = price.total == ZERO
    return Order.objects.create(
        number=_new_number(),
        access_salt=secrets.token_hex(SALT_BYTES),
        status=OrderStatus.CONFIRMED if is_free else OrderStatus.PENDING,
        user_id=checkout.user_id,
        email=checkout.email.lower(),
        phone=checkout.phone,
        delivery_method=checkout.delivery_method,
        payment_method=checkout.payment_method,
        pay_on_delivery=checkout.payment_method in PAID_ON_DELIVERY,
        shipping_address=dict(checkout.shipping_address),
        shipping_zone=quote.zone,
        coupon=coupon,
        currency=settings.STORE_CURRENCY,
        items_total=price.items_total,
        discount_total=price.discount_total,
        shipping_total=price.shipping_total,
        tax_total=price.tax_total,
        prices_include_tax=price.prices_include_tax,
        total=price.total,
        expires_at=None if is_free else _expires_at(checkout, at),
        created_at=at,
        confirmed_at=at if is_free else None,
    )


def _expires_at(checkout: Checkout, at: datetime) -> datetime | None:
    """Return until when an order holds its stock unpaid: only those paid online expire."""
    if checkout.payment_method != PaymentMethod.ONLINE:
        return None
    return at + timedelta(minutes=store_settings().payment_expiry_minutes)


def _insert_lines(
    order: Order,
    wanted: Sequence[WantedLine],
    variants: Mapping[str, Variant],
    quote: pricing.Quote,
) -> None:
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            variant=variants[line.sku],
            sku=line.sku,
            title=variants[line.sku].product.title,
            options=variants[line.sku].option_values,
            unit_price=variants[line.sku].price,
            list_price=variants[line.sku].compare_at_price or variants[line.sku].price,
            quantity=line.quantity,
            discount=priced.discount,
            tax=priced.tax,
            tax_is_included=quote.price.prices_include_tax,
            total=priced.total,
        )
        for position, (line, priced) in enumerate(
            zip(wanted, quote.price.lines, strict=True), start=1
        )
    )


def _reserve(order: Order, wanted: Sequence[WantedLine], variants: Mapping[str, Variant]) -> None:
    sku_of = {variant.pk: sku for sku, variant in variants.items()}
    quantities = {variants[line.sku].pk: line.quantity for line in wanted}
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
    return "M-" + "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(NUMBER_LENGTH))
