"""What is in a cart and what it costs now, with what changed since it was put in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mdv.kernel.errors import Conflict
from mdv.kernel.money import ZERO
from shop.carts.models import Cart, CartLine
from shop.catalog.models import Variant
from shop.catalog.states import ProductStatus
from shop.pricing import services as pricing
from shop.pricing.calculation import BasketLine, Price, price_basket
from shop.stock.models import StockItem


@dataclass(frozen=True, kw_only=True)
class CartContents:
    """A cart as it is shown. ``price`` has neither shipping nor tax, and only what is for sale.

    ``coupon_problem`` says why the cart's coupon gives nothing at the moment.
    """

    cart: Cart
    lines: Sequence[CartLine]
    price: Price
    coupon_problem: Conflict | None


@dataclass(frozen=True, kw_only=True)
class ShortLine:
    """A line of which there is less than wanted, in units."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True, kw_only=True)
class CartQuote:
    """What a cart costs when it is sent somewhere, and what changed since its lines were put in.

    What is no longer for sale is not in the price. Stock is as it is now: nothing is held.
    """

    quote: pricing.Quote
    changed: Sequence[CartLine]
    unavailable: Sequence[CartLine]
    short: Sequence[ShortLine]


def read_cart(cart: Cart, *, at: datetime) -> CartContents:
    """Return what is in a cart, whatever became of its products and its coupon."""
    lines = lines_of(cart)
    basket = [basket_line(line.variant, line.quantity) for line in lines if _is_sold(line)]
    problem = _coupon_problem(cart, basket, at)
    coupon = None if problem else cart.coupon
    return CartContents(
        cart=cart,
        lines=lines,
        price=price_basket(basket, discount=pricing.discount_of(coupon)),
        coupon_problem=problem,
    )


def quote_cart(cart: Cart, *, destination: pricing.Destination, at: datetime) -> CartQuote:
    """Return what the cart costs now, with the lines whose price changed since they were added.

    Raises:
        CouponNotValid, CouponExhausted, NotDeliverable: 409.
    """
    lines = lines_of(cart)
    sold = [line for line in lines if _is_sold(line)]
    basket = [basket_line(line.variant, line.quantity) for line in sold]
    problem = _coupon_problem(cart, basket, at)
    if problem is not None:
        raise problem
    return CartQuote(
        quote=pricing.quote_basket(lines=basket, coupon=cart.coupon, destination=destination),
        changed=[line for line in sold if line.seen_price != line.variant.price],
        unavailable=[line for line in lines if not _is_sold(line)],
        short=_short(sold),
    )


def lines_of(cart: Cart) -> list[CartLine]:
    """Return the lines in the order they were put in, with variant and product."""
    return list(cart.lines.select_related("variant__product").order_by("id"))


def is_for_sale(variant: Variant) -> bool:
    """Tell whether customers may buy a variant, read with its product."""
    return not variant.is_archived and variant.product.status == ProductStatus.ACTIVE


def basket_line(variant: Variant, quantity: int) -> BasketLine:
    """Return a variant as the calculation wants it."""
    return BasketLine(
        unit_price=variant.price,
        list_price=variant.compare_at_price or variant.price,
        quantity=quantity,
    )


def _is_sold(line: CartLine) -> bool:
    return is_for_sale(line.variant)


def _coupon_problem(cart: Cart, basket: Sequence[BasketLine], at: datetime) -> Conflict | None:
    if cart.coupon is None:
        return None
    subtotal = sum((line.gross for line in basket), ZERO)
    owner = pricing.customer_keys(user_id=cart.user_id, email="")
    try:
        pricing.check_coupon(cart.coupon, subtotal=subtotal, customer_keys=owner, at=at)
    except (pricing.CouponNotValid, pricing.CouponExhausted) as problem:
        return problem
    return None


def _short(lines: Sequence[CartLine]) -> list[ShortLine]:
    wanted = {line.variant_id: line for line in lines}
    levels = dict.fromkeys(wanted, 0)
    for item in StockItem.objects.filter(variant_id__in=wanted):
        levels[item.variant_id] = item.available
    return [
        ShortLine(sku=line.variant.sku, wanted=line.quantity, available=levels[line.variant_id])
        for line in lines
        if levels[line.variant_id] < line.quantity
    ]
