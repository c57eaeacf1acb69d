"""Giving some of the demo shop's money back, through the services."""

from datetime import datetime

from mdv.accounts.models import User
from refunds import services
from refunds.models import Refund, Return
from refunds.states import RefundReason, RefundState, Restock
from shop.orders.models import OrderLine
from shop.orders.states import CancelReason


def ask_for_refund(number: str, reason: RefundReason, *, by: User, at: datetime) -> None:
    """Have somebody ask for the unit that came back, or for what was paid too much."""
    if reason == RefundReason.OVERPAID:
        overpaid = services.see_refundable(number=number).overpaid
        wish = services.RefundWish(goodwill=overpaid, reason=reason)
    else:
        wish = _wish_for_return(number, reason)
    plan = services.plan_refund(number=number, wish=wish, user_id=by.pk, at=at)
    services.request_refund(
        number=number, wish=wish, plan_hash=plan.plan_hash, user_id=by.pk, at=at
    )


def cancel_paid_order(number: str, *, refund: bool, by: User, at: datetime) -> None:
    """Have somebody cancel an order whose money is here, and say whether that goes back."""
    why = CancelReason.OUT_OF_STOCK
    plan = services.plan_cancellation(
        number=number, reason=why, refund=refund, user_id=by.pk, at=at
    )
    services.cancel_order(
        number=number,
        reason=why,
        refund=refund,
        plan_hash=plan.plan_hash,
        user_id=by.pk,
        at=at,
    )


def pay_refunds(number: str, *, first: int, by: User, at: datetime) -> int:
    """Have somebody pay the order's refunds at the bank; return how many there were.

    `first` is the number on the bank's first receipt.
    """
    refunds = Refund.objects.filter(order__number=number, state=RefundState.APPROVED)
    numbers = list(refunds.order_by("id").values_list("number", flat=True))
    for place, refund in enumerate(numbers):
        services.record_manual_refund(
            number=refund, bank_reference=f"BACK-{first + place:05d}", user_id=by.pk, at=at
        )
    return len(numbers)


def _wish_for_return(number: str, reason: RefundReason) -> services.RefundWish:
    line = OrderLine.objects.filter(order__number=number).order_by("position")[0]
    unit = services.WantedLine(sku=line.sku, quantity=1, restock=Restock.RETURN)
    returned = Return.objects.get(order__number=number)
    return services.RefundWish(lines=[unit], of_return=returned.number, reason=reason)
