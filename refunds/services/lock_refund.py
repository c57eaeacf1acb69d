"""Locking money that goes back, as all services do: the order, its payments, then the refund."""

from dataclasses import dataclass

from mdv.kernel.errors import Conflict, NotFound
from refunds.models import Refund, RefundLine, Return
from shop.orders.models import Order
from shop.orders.services import lock_order
from shop.payments.models import Payment


class RefundHasChanged(Conflict):
    code = "refund_has_changed"
    detail = "Somebody else has worked on this refund. Look at it again before you decide."
    described = {"version": {"type": "integer", "description": "The present one."}}


@dataclass(kw_only=True)
class LockedRefund:
    """A refund with all whose figures it moves."""

    order: Order
    payments: list[Payment]
    payment: Payment
    refund: Refund

    @property
    def lines(self) -> list[RefundLine]:
        """What of it is for order lines, which are locked with their order."""
        return list(self.refund.lines.select_related("order_line").order_by("order_line_id", "id"))


def lock_refund(number: str) -> LockedRefund:
    """Lock a refund for the rest of the transaction, its order and payments first.

    Raises:
        NotFound: there is none.
    """
    found = Refund.objects.filter(number=number).values_list("order__number", flat=True).first()
    if found is None:
        raise NotFound
    order = lock_order(found)
    payments = lock_payments(order)
    of_return = Refund.objects.filter(number=number).values_list("of_return_id", flat=True).get()
    if of_return is not None:
        Return.objects.select_for_update().get(pk=of_return)
    refund = Refund.objects.select_for_update().get(number=number)
    payment = next(one for one in payments if one.pk == refund.payment_id)
    refund.order, refund.payment = order, payment
    return LockedRefund(order=order, payments=payments, payment=payment, refund=refund)


def lock_payments(order: Order) -> list[Payment]:
    """Lock the payments of a locked order."""
    return list(Payment.objects.select_for_update().filter(order=order).order_by("id"))


def check_version(refund: Refund, version: int) -> None:
    """Refuse what is meant for another version of a refund.

    Raises:
        RefundHasChanged: 409, with the present one.
    """
    if refund.version != version:
        raise RefundHasChanged(members={"version": refund.version})
