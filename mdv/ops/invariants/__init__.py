"""What must always be true of the books, each as a query that returns no rows.

The numbers are those of the domain's list of invariants. Each row says what it is about and what is
wrong.
"""

from mdv.ops.invariants import ageing, lines, money, orders, papers, stock, trail
from mdv.ops.invariants.invariant import About, Invariant, Level, Row

INVARIANTS = tuple(
    sorted(
        (
            *stock.INVARIANTS,
            *orders.INVARIANTS,
            *money.INVARIANTS,
            *lines.INVARIANTS,
            *papers.INVARIANTS,
            *trail.INVARIANTS,
            *ageing.INVARIANTS,
        ),
        key=lambda invariant: invariant.number,
    )
)

__all__ = ["INVARIANTS", "About", "Invariant", "Level", "Row"]
