"""Filling a cart. Every change locks the cart first."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from mdv.kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from mdv.kernel.money import ZERO
from shop.carts.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from shop.carts.services.price_cart import is_for_sale, lines_of
from shop.catalog.models import Variant
from shop.pricing import services as pricing


class UnknownSku(Invalid):
    code = "unknown_sku"
    detail = "We do not sell this."
    described = {
        "skus": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Those of an order's lines that we do not sell.",
        }
    }


class CartIsFull(Conflict):
    code = "cart_is_full"
    detail = f"A cart holds at most {MAX_LINES} different items."


@transaction.atomic
def create_cart(*, user_id: int | None, items: Sequence[tuple[Variant, int]] = ()) -> Cart:
    """Open a cart, empty or with so many units of each of these variants at today's prices."""
    cart = Cart.objects.create(user_id=user_id)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=variant, quantity=quantity, seen_price=variant.price)
        for variant, quantity in items
    )
    return cart


def get_cart(*, token: str, user_id: int | None) -> Cart:
    """Return the cart that `token` opens for this person.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = Cart.objects.opened_by(token, user_id).select_related("coupon").first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def add_line(*, token: str, user_id: int | None, sku: str, quantity: int) -> Cart:
    """Put `quantity` more units of a variant into the cart.

    Raises:
        NotFound: no such cart. UnknownSku: not for sale. CartIsFull: too many lines.
        Invalid: more than MAX_QUANTITY units of one variant.
    """
    cart = _lock(token, user_id)
    variant = _sellable(sku)
    line = cart.lines.filter(variant=variant).first()
    if line is None:
        if cart.lines.count() >= MAX_LINES:
            raise CartIsFull
        line = CartLine(cart=cart, variant=variant, quantity=0)
    line.quantity = _checked(line.quantity + quantity)
    line.seen_price = variant.price
    line.save()
    return _touch(cart)


@transaction.atomic
def set_quantity(*, token: str, user_id: int | None, sku: str, quantity: int) -> Cart:
    """Make a line hold exactly `quantity` units.

    Raises:
        NotFound: no such cart or line. Invalid: not from 1 to MAX_QUANTITY.
    """
    cart = _lock(token, user_id)
    line = _line(cart, sku)
    line.quantity = _checked(quantity)
    line.seen_price = line.variant.price
    line.save()
    return _touch(cart)


@transaction.atomic
def remove_line(*, token: str, user_id: int | None, sku: str) -> Cart:
    """Take a variant out of the cart.

    Raises:
        NotFound: no such cart or line.
    """
    cart = _lock(token, user_id)
    _line(cart, sku).delete()
    return _touch(cart)


@transaction.atomic
def delete_cart(*, token: str, user_id: int | None) -> None:
    """Throw a cart away.

    Raises:
        NotFound: no such cart.
    """
    _lock(token, user_id).delete()


@transaction.atomic
def set_coupon(*, token: str, user_id: int | None, code: str, at: datetime) -> Cart:
    """Put a coupon on the cart, in place of another.

    Raises:
        NotFound: no such cart.
        CouponNotValid, CouponExhausted: as :func:`shop.pricing.services.check_coupon`.
    """
    cart = _lock(token, user_id)
    coupon = pricing.find_coupon(code, field="code")
    sold = [line for line in lines_of(cart) if is_for_sale(line.variant)]
    subtotal = sum((line.variant.price * line.quantity for line in sold), ZERO)
    keys = pricing.customer_keys(user_id=user_id, email="")
    pricing.check_coupon(coupon, subtotal=subtotal, customer_keys=keys, at=at, field="code")
    cart.coupon = coupon
    return _touch(cart)


@transaction.atomic
def remove_coupon(*, token: str, user_id: int | None) -> Cart:
    """Take the coupon off the cart.

    Raises:
        NotFound: no such cart.
    """
    cart = _lock(token, user_id)
    cart.coupon = None
    return _touch(cart)


def _lock(token: str, user_id: int | None) -> Cart:
    found = Cart.objects.opened_by(token, user_id).select_for_update().first()
    if found is None:
        raise NotFound
    return found


def _sellable(sku: str) -> Variant:
    found = Variant.objects.filter(sku=sku).select_related("product").first()
    if found is None or not is_for_sale(found):
        raise UnknownSku(problems=[FieldProblem("sku", UnknownSku.code, UnknownSku.detail)])
    return found


def _line(cart: Cart, sku: str) -> CartLine:
    line = cart.lines.select_related("variant").filter(variant__sku=sku).first()
    if line is None:
        raise NotFound("This is not in the cart.")
    return line


def _checked(quantity: int) -> int:
    if not 1 <= quantity <= MAX_QUANTITY:
        problem = FieldProblem("quantity", "out_of_range", f"From 1 to {MAX_QUANTITY} units.")
        raise Invalid(problems=[problem])
    return quantity


def _touch(cart: Cart) -> Cart:
    cart.version = F("version") + 1
    cart.save()
    return Cart.objects.select_related("coupon").get(pk=cart.pk)
