"""Orders that have arrived, and what tests ask of returns."""

from datetime import timedelta

from audit.models import AuditEntry
from mdv.kernel import clock
from refunds import services
from refunds.models import Return, ReturnLine, ReturnReceipt
from refunds.services import Received, Wanted
from refunds.states import Condition, ReturnReason, ReturnSource, ReturnState
from shop.orders.models import Order, OrderLine
from shop.stock.models import StockItem
from tests.fulfilment.packing import deliver, paid

AS_NEW, USED, DAMAGED = Condition


def delivered(*lines, total, **changes):
    """The number of an order that is paid and has arrived."""
    number = paid(*lines, total=total, **changes)
    deliver(number)
    return number


def ask(number, *lines, source=ReturnSource.STAFF, at=None, **changes):
    """Ask to return (sku, quantity), and return the return's number."""
    wanted = [Wanted(sku=sku, quantity=quantity) for sku, quantity in lines]
    return services.request_return(
        number=number,
        lines=wanted,
        source=source,
        at=at or clock.now(),
        **{"reason": ReturnReason.DOES_NOT_FIT, **changes},
    ).number


def approve(returned, *lines, **changes):
    agreed = [Wanted(sku=sku, quantity=quantity) for sku, quantity in lines] or None
    return services.approve_return(number=returned, lines=agreed, at=clock.now(), **changes)


def approved(number, *lines):
    """The number of a return that is agreed to."""
    returned = ask(number, *lines)
    approve(returned)
    return returned


def receive(returned, *came, version=None):
    """Receive (sku, quantity, condition, restock), by who sees the return as it is."""
    seen = Return.objects.get(number=returned).version if version is None else version
    received = [
        Received(sku=sku, quantity=quantity, condition=condition, restock=restock)
        for sku, quantity, condition, restock in came
    ]
    return services.receive_return(number=returned, version=seen, received=received, at=clock.now())


def bring(number, state, *lines):
    """Ask for a return of lines, or of two shirts, and bring it into a state."""
    returned = ask(number, *(lines or [("SHIRT", 2)]))
    now = clock.now()
    match state:
        case ReturnState.REQUESTED:
            pass
        case ReturnState.REJECTED:
            services.reject_return(number=returned, answer="Worn", at=now)
        case ReturnState.CANCELLED:
            services.cancel_return(number=returned, at=now)
        case _:
            approve(returned)
    if state in {ReturnState.RECEIVING, ReturnState.CLOSED}:
        receive(returned, ("SHIRT", 1, AS_NEW, True))
    if state == ReturnState.CLOSED:
        services.close_return(number=returned, at=now)
    if state == ReturnState.EXPIRED:
        services.expire_returns(at=now + services.APPROVAL_LASTS + timedelta(minutes=1))
    return returned


def state_of(returned):
    return Return.objects.get(number=returned).state


def units(returned):
    """Of each line: requested, approved, received, restocked."""
    lines = Return.objects.get(number=returned).lines.order_by("order_line__position")
    return [(line.requested, line.approved, line.received, line.restocked) for line in lines]


def everything():
    """All that a refusal must leave as it is."""
    return [
        list(model.objects.order_by("id").values())
        for model in (Return, ReturnLine, ReturnReceipt, Order, OrderLine, StockItem)
    ]


def last_entry():
    return AuditEntry.objects.latest()
