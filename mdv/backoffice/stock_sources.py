"""What movements of stock are for, as links."""

from collections.abc import Set as AbstractSet

from django.utils.safestring import SafeString

from mdv.admin.show import show_link
from shop.orders.models import Order
from shop.stock.models import StockTake


def links_of(sources: AbstractSet[str]) -> dict[str, SafeString]:
    """Return links for those sources that are orders or stock-takes."""
    orders = Order.objects.filter(number__in=sources).values_list("number", "id")
    links = {number: show_link("orders_order", pk, number) for number, pk in orders}
    for source in sources:
        prefix, _, number = source.rpartition(StockTake.NUMBER_PREFIX)
        if number.isdecimal() and not prefix and source.startswith(StockTake.NUMBER_PREFIX):
            links[source] = show_link("stock_stocktake", int(number), source)
    return links
