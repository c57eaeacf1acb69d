"""Filling a cart. Every change locks the cart first; none of them touches stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from mdv.kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from mdv.kernel.money import ZERO
from shop.carts.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from shop.catalog.models import Variant
from shop.catalog.states import ProductStatus
from shop.pricing import services as pricing
from shop.pricing.calculation import BasketLine

IDLE_CARTS_ARE_KEPT_FOR = timedelta(days=30)


class UnknownSku(Invalid):
    code = "unknown_sku"
    detail = "We do not sell this."


class CartIsFull(Conflict):
    code = "cart_is_full"
    detail = f"A cart holds at most {MAX_LINES} different items."


@dataclass(frozen=True, kw_only=True)
class CartQuote:
    """What a cart costs now, and what changed since its lines were put in."""

    quote: pricing.Quote
    lines: Sequence[CartLine]
    changed: Sequence[CartLine]


def create_cart(*, user_id: int | None) -> Cart:
    """Open an empty cart."""
    return Cart.objects.create(user_id=user_id)


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
    variant = sellable(sku)
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
    """Make a line hold exactly `quantity` units."""
    cart = _lock(token, user_id)
    line = _line(cart, sku)
    line.quantity = _checked(quantity)
    line.seen_price = line.variant.price
    line.save()
    return _touch(cart)


@transaction.atomic
def remove_line(*, token: str, user_id: int | None, sku: str) -> Cart:
    """Take a variant out of the cart."""
    cart = _lock(token, user_id)
    _line(cart, sku).delete()
    return _touch(cart)


@transaction.atomic
def delete_cart(*, token: str, user_id: int | None) -> None:
    """Throw a cart away."""
    _lock(token, user_id).delete()


@transaction.atomic
def set_coupon(*, token: str, user_id: int | None, code: str, at: datetime) -> Cart:
    """Put a coupon on the cart, in place of another.

    Raises:
        CouponNotValid, CouponExhausted: as :func:`shop.pricing.services.check_coupon`.
    """
    cart = _lock(token, user_id)
    coupon = pricing.find_coupon(code)
    subtotal = sum((line.variant.price * line.quantity for line in lines_of(cart)), ZERO)
    key = pricing.customer_key(user_id=user_id, email="") if user_id else None
    pricing.check_coupon(coupon, subtotal=subtotal, customer_key=key, at=at)
    cart.coupon = coupon
    return _touch(cart)


@transaction.atomic
def remove_coupon(*, token: str, user_id: int | None) -> Cart:
    """Take the coupon off the cart."""
    cart = _lock(token, user_id)
    cart.coupon = None
    return _touch(cart)


@transaction.atomic
def claim_cart(*, token: str, user_id: int) -> Cart:
    """Make a guest's cart the user's own, and pour the user's other carts into it.

    Quantities add up, to at most MAX_QUANTITY a line; lines beyond MAX_LINES are left out.
    """
    wanted = get_cart(token=token, user_id=user_id)
    ids = Cart.objects.filter(user_id=user_id).values_list("id", flat=True)
    rows = Cart.objects.filter(id__in={wanted.id, *ids}).order_by("id").select_for_update()
    carts = {cart.id: cart for cart in rows}
    cart = carts.pop(wanted.id, None)
    if cart is None or cart.user_id not in {None, user_id}:
        raise NotFound
    lines = {line.variant_id: line for line in cart.lines.all()}
    for line in CartLine.objects.filter(cart_id__in=carts).order_by("id"):
        kept = lines.get(line.variant_id)
        if kept is not None:
            kept.quantity = min(MAX_QUANTITY, kept.quantity + line.quantity)
            kept.save(update_fields=["quantity"])
        elif len(lines) < MAX_LINES:
            line.pk, line.cart = None, cart
            line.save(force_insert=True)
            lines[line.variant_id] = line
    Cart.objects.filter(id__in=carts).delete()
    cart.user_id = user_id
    return _touch(cart)


def quote_cart(cart: Cart, *, destination: pricing.Destination, at: datetime) -> CartQuote:
    """Return what the cart costs now, with the lines whose price changed since they were added.

    Raises:
        CouponNotValid, CouponExhausted, NotDeliverable: 409.
    """
    lines = lines_of(cart)
    basket = [basket_line(line.variant, line.quantity) for line in lines]
    if cart.coupon is not None:
        subtotal = sum((line.gross for line in basket), ZERO)
        pricing.check_coupon(cart.coupon, subtotal=subtotal, customer_key=None, at=at)
    quote = pricing.quote_basket(lines=basket, coupon=cart.coupon, destination=destination)
    changed = [line for line in lines if line.seen_price != line.variant.price]
    return CartQuote(quote=quote, lines=lines, changed=changed)


def lines_of(cart: Cart) -> list[CartLine]:
    """Return the lines in the order they were put in, with variant and product."""
    return list(cart.lines.select_related("variant__product").order_by("id"))


def basket_line(variant: Variant, quantity: int) -> BasketLine:
    """Return a variant as the calculation wants it."""
    return BasketLine(
        unit_price=variant.price,
        list_price=variant.compare_at_price or variant.price,
        quantity=quantity,
    )


def sellable(sku: str) -> Variant:
    """Return a variant that customers may buy.

    Raises:
        UnknownSku: there is none, or it is no longer sold.
    """
    found = Variant.objects.filter(
        sku=sku, is_archived=False, product__status=ProductStatus.ACTIVE
    ).first()
    if found is None:
        raise UnknownSku(problems=[FieldProblem("sku", "unknown_sku", UnknownSku.detail)])
    return found


def delete_idle_carts(*, at: datetime) -> int:
    """Delete the carts that nobody touched for 30 days and return how many they were."""
    idle = Cart.objects.filter(updated_at__lt=at - IDLE_CARTS_ARE_KEPT_FOR)
    _, by_model = idle.delete()
    return by_model.get("carts.Cart", 0)


def _lock(token: str, user_id: int | None) -> Cart:
    found = Cart.objects.opened_by(token, user_id).select_for_update().first()
    if found is None:
        raise NotFound
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
    cart.refresh_from_db()
    return cart
