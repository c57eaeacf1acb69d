"""What is to be ordered: from a list of SKUs or from a cart, with the variants as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from shop.carts.models import MAX_LINES, MAX_QUANTITY, Cart
from shop.carts.services import UnknownSku, is_for_sale, lines_of
from shop.catalog.models import Variant


class EmptyOrder(Invalid):
    code = "empty_order"
    detail = "There is nothing to order."


class Unavailable(Conflict):
    code = "unavailable"
    detail = "Some of this is no longer sold. Take it out of the cart."
    described = {
        "lines": {
            "type": "array",
            "description": "What is no longer sold.",
            "items": {
                "type": "object",
                "properties": {"sku": {"type": "string"}, "title": {"type": "string"}},
            },
        }
    }


@dataclass(frozen=True, kw_only=True)
class WantedLine:
    """So many units of a SKU."""

    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """So many units of a variant. ``seen_price`` is what it cost when it was put in a cart."""

    variant: Variant
    quantity: int
    seen_price: Decimal | None = None


def items_of_lines(lines: Sequence[WantedLine]) -> list[Item]:
    """Return one item per SKU, so that its quantity is checked as a sum.

    Raises:
        EmptyOrder, UnknownSku, Invalid: 400.
    """
    quantities: dict[str, int] = {}
    for line in lines:
        quantities[line.sku] = quantities.get(line.sku, 0) + line.quantity
    _check(quantities)
    rows = Variant.objects.select_related("product").filter(sku__in=quantities)
    sold = {variant.sku: variant for variant in rows if is_for_sale(variant)}
    unknown = [sku for sku in quantities if sku not in sold]
    if unknown:
        message = "We do not sell this: " + ", ".join(unknown)
        raise UnknownSku(
            problems=[FieldProblem("lines", UnknownSku.code, message)], members={"skus": unknown}
        )
    return [Item(variant=sold[sku], quantity=quantity) for sku, quantity in quantities.items()]


def items_of_cart(cart: Cart) -> list[Item]:
    """Return what a locked cart holds.

    Raises:
        EmptyOrder: 400.
        Unavailable: 409, naming the lines that are no longer for sale.
    """
    lines = lines_of(cart)
    if not lines:
        raise EmptyOrder
    gone = [line.variant for line in lines if not is_for_sale(line.variant)]
    if gone:
        named = [{"sku": variant.sku, "title": variant.product.title} for variant in gone]
        raise Unavailable(members={"lines": named})
    return [
        Item(variant=line.variant, quantity=line.quantity, seen_price=line.seen_price)
        for line in lines
    ]


def _check(quantities: dict[str, int]) -> None:
    if not quantities:
        raise EmptyOrder
    message = ""
    if len(quantities) > MAX_LINES:
        message = f"At most {MAX_LINES} different items."
    for sku, quantity in quantities.items():
        if not 1 <= quantity <= MAX_QUANTITY:
            message = f"{sku}: from 1 to {MAX_QUANTITY} units."
    if message:
        raise Invalid(problems=[FieldProblem("lines", "out_of_range", message)])
