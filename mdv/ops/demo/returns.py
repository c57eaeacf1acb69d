"""Sending some of the demo shop's goods back, through the services."""

from datetime import datetime

from refunds import services
from refunds.models import Return
from refunds.states import Condition, ReturnReason, ReturnSource, ReturnState
from shop.orders.models import OrderLine

WHY_NOT = "It was worn: we take back only what is as it was."


def ask_for_return(number: str, *, at: datetime) -> None:
    """Have the customer ask to send a unit of the order's first line back."""
    line = OrderLine.objects.filter(order__number=number).order_by("position")[0]
    services.request_return(
        number=number,
        lines=[services.Wanted(sku=line.sku, quantity=1)],
        reason=ReturnReason.DOES_NOT_FIT,
        source=ReturnSource.CUSTOMER,
        note="It is smaller than I thought.",
        at=at,
    )


def decide_return(number: str, state: ReturnState, *, at: datetime) -> None:
    """Have staff approve or reject the order's return."""
    returned = Return.objects.get(order__number=number)
    if state == ReturnState.REJECTED:
        services.reject_return(number=returned.number, answer=WHY_NOT, at=at)
    else:
        services.approve_return(number=returned.number, at=at)


def count_return(number: str, state: ReturnState, *, at: datetime) -> None:
    """Have the house receive or close the order's return."""
    returned = Return.objects.with_lines().get(order__number=number)
    if state == ReturnState.CLOSED:
        services.close_return(number=returned.number, at=at)
        return
    line: OrderLine = returned.lines_by_position[0].order_line  # type: ignore[attr-defined]
    unit = services.Received(sku=line.sku, quantity=1, condition=Condition.AS_NEW, restock=True)
    services.receive_return(
        number=returned.number, version=returned.version, received=[unit], at=at
    )
