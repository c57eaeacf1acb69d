"""Stock: moving it, counting it, knowing what it was, warning when it runs low."""

from shop.stock.services.count_stock import preview_stock_take
from shop.stock.services.forget_previews import FORGOTTEN_AFTER, forget_previews
from shop.stock.services.look_back import Level, stock_at
from shop.stock.services.move_stock import (
    MAX_CHANGE,
    BelowReserved,
    Change,
    OutOfStock,
    adjust_stock,
    lock_items,
    receive_delivery,
    receive_stock,
    release_stock,
    reserve_stock,
    return_stock,
    set_low_level,
    ship_stock,
)
from shop.stock.services.read_count import (
    MAX_FILE_BYTES,
    MAX_FORM_BYTES,
    MAX_ROWS,
    UnreadableCount,
)
from shop.stock.services.restate_level import plan_level, restate_level
from shop.stock.services.take_stock import take_stock
from shop.stock.services.warn_of_low_stock import warn_of_low_stock

__all__ = [
    "FORGOTTEN_AFTER",
    "MAX_CHANGE",
    "MAX_FILE_BYTES",
    "MAX_FORM_BYTES",
    "MAX_ROWS",
    "BelowReserved",
    "Change",
    "Level",
    "OutOfStock",
    "UnreadableCount",
    "adjust_stock",
    "forget_previews",
    "lock_items",
    "plan_level",
    "preview_stock_take",
    "receive_delivery",
    "receive_stock",
    "release_stock",
    "reserve_stock",
    "restate_level",
    "return_stock",
    "set_low_level",
    "ship_stock",
    "stock_at",
    "take_stock",
    "warn_of_low_stock",
]
