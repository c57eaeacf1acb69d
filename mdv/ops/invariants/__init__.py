"""What must always be true of the books, each as a query that returns no rows.

The numbers are those of the domain's list of invariants; the one that is missing belongs to a part
of the shop that does not exist yet. Each row says what it is about and what is wrong.
"""

from mdv.ops.invariants import ageing, lines, money, orders, papers, stock
from mdv.ops.invariants.invariant import About, Invariant, Level, Row

INVARIANTS = tuple(
    sorted(
        (
            *stock.INVARIANTS,
            *orders.INVARIANTS,
            *money.INVARIANTS,
            *lines.INVARIANTS,
            *papers.INVARIANTS,
            *ageing.INVARIANTS,
        ),
        key=lambda invariant: invariant.number,
    )
)

__all__ = ["INVARIANTS", "About", "Invariant", "Level", "Row"]
