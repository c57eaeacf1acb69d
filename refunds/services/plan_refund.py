"""Looking at a refund before anybody asks for it: what would come of it, without any writes."""

from datetime import datetime

from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import FieldProblem, Invalid, NotFound
from refunds.models import Return
from refunds.services.compose_plan import compose_plan
from refunds.services.refund_limits import REQUEST, ceilings_of, day_of, used_on
from refunds.services.refund_plan import RefundPlan, RefundWish
from refunds.services.refundable import Refundable, read_refundable
from shop.orders.models import Order


def plan_refund(*, number: str, wish: RefundWish, user_id: int, at: datetime) -> RefundPlan:
    """Say what would come of a refund, if `user_id` asked for it now. Nothing is written or locked.

    Who asks for it while something moves is told so by the plan's hash.

    Raises:
        NotFound: there is no such order.
        Invalid: the wish makes no sense, comes to nothing, or names another order's return.
        Forbidden, NoRefundPolicy: 403, they may not refund anything.
        NeedsTheGoodsBack, GoodwillNotAllowed, CancellingNotAllowed: 403.
        ExceedsRefundable: 409, naming what is left.
    """
    person = person_who_may(user_id, REQUEST)
    ceilings = ceilings_of(person)
    order = find_order(number)
    refundable = read_refundable(order, order.payments.all(), of_return=find_return(order, wish))
    used = used_on(day_of(at), user_id)
    return compose_plan(refundable, wish, person=person, ceilings=ceilings, used=used)


def see_refundable(*, number: str) -> Refundable:
    """Say what may still be refunded of an order, line by line. Nothing is written or locked.

    Raises:
        NotFound: there is no such order.
    """
    order = find_order(number)
    return read_refundable(order, order.payments.all())


def find_return(order: Order, wish: RefundWish) -> Return | None:
    """Return the return that a wish is for, if it is for one.

    Raises:
        Invalid: it is not one of this order's.
    """
    if not wish.of_return:
        return None
    found = Return.objects.filter(number=wish.of_return, order=order).first()
    if found is None:
        message = "This order has no such return."
        raise Invalid(problems=[FieldProblem("of_return", "not_in_order", message)])
    return found


def find_order(number: str) -> Order:
    """Return an order without locking it.

    Raises:
        NotFound: there is none.
    """
    order = Order.objects.filter(number=number).first()
    if order is None:
        raise NotFound
    return order
