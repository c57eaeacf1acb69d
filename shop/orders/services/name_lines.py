"""Naming lines of an order: so many units of each article."""

from collections.abc import Sequence
from typing import Protocol

from mdv.kernel.errors import FieldProblem, Invalid
from shop.orders.models import OrderLine


class NamedLine(Protocol):
    """So many units of one article of an order."""

    @property
    def sku(self) -> str: ...

    @property
    def quantity(self) -> int: ...


def units_by_line(ordered: Sequence[OrderLine], named: Sequence[NamedLine]) -> dict[OrderLine, int]:
    """Return how many units of which of the `ordered` lines are `named`.

    Raises:
        Invalid: an article is not in the order, is named twice, or there is none of it.
    """
    by_sku = {line.sku: line for line in ordered}
    problems = []
    seen: set[str] = set()
    for place, line in enumerate(named):
        if line.sku not in by_sku:
            message = "This is not in the order."
            problems.append(FieldProblem(f"lines.{place}.sku", "not_in_order", message))
        elif line.sku in seen:
            message = "This is named twice."
            problems.append(FieldProblem(f"lines.{place}.sku", "repeated", message))
        if line.quantity < 1:
            message = "At least one unit."
            problems.append(FieldProblem(f"lines.{place}.quantity", "min_value", message))
        seen.add(line.sku)
    if problems:
        raise Invalid(problems=problems)
    return {by_sku[line.sku]: line.quantity for line in named}
