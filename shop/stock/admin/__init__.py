"""Stock in the back office: items with their levels, and stock-takes."""

from shop.stock.admin import items, takes

__all__ = ["items", "takes"]
