"""What a basket costs: pure arithmetic, no database.

Per line: gross = unit price × quantity; the coupon's discount is split over the lines that it
applies to by :func:`~mdv.kernel.money.allocate`; tax is taken on gross − discount and rounded per
line. Shipping is not taxed. The order's totals are the sums of its lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mdv.kernel.money import ZERO, allocate, round_money
from shop.pricing.states import CouponKind

HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """What is bought. ``list_price`` is what it cost before a reduction."""

    unit_price: Decimal
    list_price: Decimal
    quantity: int

    @property
    def gross(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def is_reduced(self) -> bool:
        return self.list_price > self.unit_price


@dataclass(frozen=True, kw_only=True)
class Discount:
    """What a coupon gives."""

    kind: str
    value: Decimal
    excludes_sale_items: bool


@dataclass(frozen=True, kw_only=True)
class Tax:
    percent: Decimal
    is_included: bool


@dataclass(frozen=True, kw_only=True)
class Shipping:
    fee: Decimal
    free_over: Decimal | None


NO_TAX = Tax(percent=ZERO, is_included=True)
NO_SHIPPING = Shipping(fee=ZERO, free_over=None)


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    gross: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of a basket, line by line and in all."""

    lines: Sequence[PricedLine]
    items_total: Decimal
    discount_total: Decimal
    shipping_total: Decimal
    tax_total: Decimal
    prices_include_tax: bool
    total: Decimal


def price_basket(
    lines: Sequence[BasketLine],
    *,
    discount: Discount | None = None,
    shipping: Shipping = NO_SHIPPING,
    tax: Tax = NO_TAX,
) -> Price:
    """Return what `lines` cost. Every total is the sum of its parts, to the last kobo."""
    discounts = _split_discount(lines, discount)
    priced = [_price_line(line, off, tax) for line, off in zip(lines, discounts, strict=True)]
    items_total = sum((line.gross for line in lines), ZERO)
    discount_total = sum(discounts, ZERO)
    tax_total = sum((line.tax for line in priced), ZERO)
    shipping_total = (
        _shipping_fee(shipping, discount, items_total - discount_total) if lines else ZERO
    )
    added_tax = ZERO if tax.is_included else tax_total
    return Price(
        lines=priced,
        items_total=items_total,
        discount_total=discount_total,
        shipping_total=shipping_total,
        tax_total=tax_total,
        prices_include_tax=tax.is_included,
        total=items_total - discount_total + shipping_total + added_tax,
    )


def _split_discount(lines: Sequence[BasketLine], discount: Discount | None) -> list[Decimal]:
    if discount is None or discount.kind == CouponKind.SHIPPING or not lines:
        return [ZERO] * len(lines)
    weights = [
        ZERO if discount.excludes_sale_items and line.is_reduced else line.gross for line in lines
    ]
    eligible = sum(weights, ZERO)
    if not eligible:
        return [ZERO] * len(lines)
    if discount.kind == CouponKind.PERCENT:
        return allocate(round_money(eligible * discount.value / HUNDRED), weights)
    return allocate(min(discount.value, eligible), weights)


def _price_line(line: BasketLine, discount: Decimal, tax: Tax) -> PricedLine:
    net = line.gross - discount
    if tax.is_included:
        contained = round_money(net * tax.percent / (HUNDRED + tax.percent))
        return PricedLine(gross=line.gross, discount=discount, tax=contained, total=net)
    added = round_money(net * tax.percent / HUNDRED)
    return PricedLine(gross=line.gross, discount=discount, tax=added, total=net + added)


def _shipping_fee(shipping: Shipping, discount: Discount | None, after_coupon: Decimal) -> Decimal:
    is_free = shipping.free_over is not None and after_coupon >= shipping.free_over
    if is_free or (discount is not None and discount.kind == CouponKind.SHIPPING):
        return ZERO
    return shipping.fee
