"""Ordering the same again: a cart with what an order had, at today's prices."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from mdv.kernel.errors import Conflict
from shop.carts.models import Cart
from shop.carts.services import create_cart, is_for_sale
from shop.orders.models import Order, OrderLine


class NothingIsSold(Conflict):
    code = "nothing_is_sold"
    detail = "Nothing of this order is sold any more."


@dataclass(frozen=True, kw_only=True)
class Reordered:
    """A cart, and the order's lines that are not in it because they are no longer sold."""

    cart: Cart
    left_out: Sequence[OrderLine]


@transaction.atomic
def reorder(*, order: Order, user_id: int | None) -> Reordered:
    """Open a cart with what an order had, in the same quantities. Nothing is held for it.

    Raises:
        NothingIsSold: 409, no cart is opened.
    """
    lines = list(order.lines.select_related("variant__product").order_by("position"))
    sold = [line for line in lines if is_for_sale(line.variant)]
    if not sold:
        raise NothingIsSold
    cart = create_cart(user_id=user_id, items=[(line.variant, line.quantity) for line in sold])
    return Reordered(cart=cart, left_out=[line for line in lines if line not in sold])
