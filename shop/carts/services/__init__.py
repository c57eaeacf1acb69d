"""Carts: filling them, pricing them, handing them over. None of it touches stock."""

from shop.carts.services.claim_cart import claim_cart
from shop.carts.services.delete_idle_carts import delete_idle_carts
from shop.carts.services.fill_cart import (
    CartIsFull,
    UnknownSku,
    add_line,
    create_cart,
    delete_cart,
    get_cart,
    remove_coupon,
    remove_line,
    set_coupon,
    set_quantity,
)
from shop.carts.services.price_cart import (
    CartContents,
    CartQuote,
    ShortLine,
    basket_line,
    is_for_sale,
    lines_of,
    quote_cart,
    read_cart,
)

__all__ = [
    "CartContents",
    "CartIsFull",
    "CartQuote",
    "ShortLine",
    "UnknownSku",
    "add_line",
    "basket_line",
    "claim_cart",
    "create_cart",
    "delete_cart",
    "delete_idle_carts",
    "get_cart",
    "is_for_sale",
    "lines_of",
    "quote_cart",
    "read_cart",
    "remove_coupon",
    "remove_line",
    "set_coupon",
    "set_quantity",
]
