"""Locking a return as all services do."""

from mdv.kernel import context
from mdv.kernel.errors import NotFound
from refunds.models import Return, ReturnLine
from shop.orders.services import lock_order


def lock_return(number: str) -> Return:
    """Lock a return for the rest of the transaction, its order first.

    Raises:
        NotFound: there is none.
    """
    found = Return.objects.filter(number=number).values_list("order__number", flat=True).first()
    if found is None:
        raise NotFound
    order = lock_order(found)
    returned = Return.objects.select_for_update().get(number=number)
    returned.order = order
    return returned


def lines_of(returned: Return) -> list[ReturnLine]:
    """Return what is in a return, with the order lines."""
    inside = returned.lines.select_related("order_line")
    return list(inside.order_by("order_line__position", "id"))


def who_acts() -> int | None:
    """Return the id of the person who acts, if it is one."""
    return context.current().actor.id
