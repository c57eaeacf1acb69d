"""Money that staff saw arrive: bank transfers, cash, cards at the counter."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from mdv.kernel.text import printed
from shop.orders.models import Order
from shop.orders.services import add_captured, lock_order
from shop.orders.states import OrderStatus
from shop.payments.models import Payment
from shop.payments.services.apply_event import settle_short
from shop.payments.states import Channel, PaymentState, Provider

MAX_REFERENCE_LENGTH = 100


class OrderIsCancelled(Conflict):
    code = "order_is_cancelled"
    detail = "This order is cancelled. Money for it cannot be booked on it."


class ReferenceUsed(Conflict):
    code = "payment_reference_is_used_once"
    detail = "A payment with this reference is booked already."


class MoreThanDue(Conflict):
    """More than is to be paid: a slip of the hand, unless somebody says that it really came."""

    code = "more_than_due"

    def __init__(self, order: Order) -> None:
        detail = f"Only {order.currency} {order.due:,.2f} is due. If more arrived, say so."
        problem = FieldProblem("accept_excess", self.code, detail)
        super().__init__(detail, problems=[problem], members={"due": f"{order.due:.2f}"})


@transaction.atomic
def record_payment(
    *,
    number: str,
    amount: Decimal,
    channel: Channel,
    reference: str,
    at: datetime,
    accept_excess: bool = False,
) -> Order:
    """Book money that arrived for an order; confirm the order once it is paid in full.

    `reference` is the bank's or the receipt's. Booking one twice is refused, in whatever case and
    form its characters were typed, so that two people who see the same transfer cannot both book
    it. Whoever books more than is due says with `accept_excess` that it is no mistake.

    Raises:
        Invalid: the amount is not positive, or there is no reference that can be seen.
        OrderIsCancelled, ReferenceUsed, MoreThanDue: 409.
    """
    reference = printed(reference) or ""
    if amount <= 0:
        raise Invalid(problems=[FieldProblem("amount", "out_of_range", "More than 0.")])
    if not 1 <= len(reference) <= MAX_REFERENCE_LENGTH:
        message = f"The bank's or the receipt's, at most {MAX_REFERENCE_LENGTH} visible characters."
        raise Invalid(problems=[FieldProblem("reference", "required", message)])
    order = lock_order(number)
    if order.status == OrderStatus.CANCELLED:
        raise OrderIsCancelled
    if Payment.objects.filter(provider=Provider.MANUAL, reference__iexact=reference).exists():
        raise ReferenceUsed
    if amount > order.due and not accept_excess:
        raise MoreThanDue(order)
    Payment.objects.create(
        order=order,
        provider=Provider.MANUAL,
        reference=reference,
        channel=channel,
        state=PaymentState.CAPTURED,
        currency=order.currency,
        amount=amount,
        captured=amount,
        captured_at=at,
    )
    order = add_captured(order, amount=amount, at=at)
    settle_short(order, at)
    return order
