"""Counts of what is on the shelves, as files, and what became of their rows."""

from mdv.kernel import clock
from shop.stock import services


def csv_of(*rows, header="sku,counted"):
    """A file's bytes: a header and these rows."""
    return "\n".join([header, *rows]).encode()


def preview(*rows, header="sku,counted", name="count.csv"):
    return services.preview_stock_take(
        name=name, content=csv_of(*rows, header=header), at=clock.now()
    )


def apply(stock_take):
    return services.take_stock(stock_take_id=stock_take.pk, at=clock.now())


def rows_of(stock_take):
    """Each row: SKU, outcome, and why it was not applied."""
    counts = stock_take.counts.order_by("line")
    return [(count.sku, count.outcome, count.why_not) for count in counts]


def outcomes(stock_take):
    return [outcome for _, outcome, _ in rows_of(stock_take)]
