"""Money of customers that is still here: of cancelled orders, and of units that were cancelled.

No column says so: it is what the payments, the lines and the refunds of them say.
"""

from decimal import Decimal

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least, Round

from mdv.kernel.money import ZERO, MoneyField
from refunds.models import RefundLine
from refunds.states import COMMITTED, Restock
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderStatus
from shop.payments.models import Payment


def owed_orders() -> QuerySet[Order]:
    """Select orders with money that is owed to the customer, each with how much in ``owed``.

    Of a cancelled order that is all of which nobody has promised it back. Of any other it is what
    cancelled units cost and neither went back nor is promised, as far as all that is to be paid of
    the order has come: what is due, or left without the shop having agreed, counts against it.
    """
    something_cancelled = OrderLine.objects.filter(qty_cancelled__gt=0)
    candidates = Order.objects.filter(
        pk__in=something_cancelled.values("order"), captured_total__gt=F("refunded_total")
    )
    return candidates.annotate(owed=_owed()).filter(owed__gt=0)


def owed_to_customer(order: Order) -> Decimal:
    """Return what of an order's money is owed to the customer, as :func:`owed_orders` counts it."""
    owed: Decimal
    owed = Order.objects.annotate(owed=_owed()).values_list("owed", flat=True).get(pk=order.pk)
    return owed


def _owed() -> Greatest:
    here = F("captured_total") - _promised()
    due = Greatest(F("total") - F("captured_total") + F("taken_back_total"), ZERO)
    owed = Case(
        When(status=OrderStatus.CANCELLED, then=here),
        default=Least(here, _cost_of_cancelled() - due),
        output_field=MoneyField(),
    )
    return Greatest(owed, ZERO)


def _promised() -> Coalesce:
    """Return what of an order's money is promised back or has gone back."""
    theirs = Payment.objects.filter(order=OuterRef("pk")).order_by().values("order")
    return Coalesce(Subquery(theirs.annotate(sum=Sum("refund_committed")).values("sum")), ZERO)


def _cost_of_cancelled() -> Coalesce:
    """Return what an order's cancelled units cost, less what went back or is promised for them.

    As a plan counts it: the share of all units with a refund and of these, less their refunds.
    """
    unpaid = Greatest(F("qty_cancelled") - F("cancelled"), 0)
    share = Round(F("total") * (F("units") + unpaid) / F("quantity"), precision=2)
    lines = (
        OrderLine.objects.filter(order=OuterRef("pk"), qty_cancelled__gt=0)
        .order_by()
        .alias(
            units=Coalesce(_committed(F("quantity")), 0),
            cancelled=Coalesce(_committed(F("quantity"), Q(restock=Restock.CANCEL)), 0),
            cost=Coalesce(_committed(F("amount") + F("withheld")), ZERO),
        )
        .values("order")
        .annotate(owed=Sum(Greatest(share - F("cost"), ZERO), output_field=MoneyField()))
    )
    return Coalesce(Subquery(lines.values("owed")), ZERO)


def _committed(what: Combinable, only: Q | None = None) -> Subquery:
    """Return the sum of `what` over those parts of an order line's refunds that are promised."""
    parts = RefundLine.objects.filter(order_line=OuterRef("pk"), refund__state__in=COMMITTED)
    theirs = parts.filter(only or Q()).order_by().values("order_line")
    return Subquery(theirs.annotate(sum=Sum(what)).values("sum"))
