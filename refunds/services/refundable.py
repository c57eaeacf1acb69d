"""What may still be refunded of an order, line by line, and why not more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from mdv.kernel.errors import Conflict
from mdv.kernel.money import ZERO, round_money
from refunds.models import Refund, RefundLine, Return
from refunds.states import COMMITTED, Restock
from shop.fulfilment.models import ShipmentLine
from shop.fulfilment.states import IN_THE_HOUSE
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderStatus
from shop.payments.models import Payment

AMOUNT = {"type": "string", "format": "decimal"}


class ExceedsRefundable(Conflict):
    """More than may go back. ``left`` is the order's money that is not promised back."""

    code = "exceeds_refundable"
    detail = "That is more than can be refunded. Look at what is left and ask for less."
    described = {
        "left": {**AMOUNT, "description": "What may still go back of the order's money."},
        "shipping_left": {**AMOUNT, "description": "What of it may be for shipping."},
        "lines": {
            "type": "array",
            "description": "Of which articles too many units are asked for.",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "restock": {"type": "string"},
                    "requested": {"type": "integer", "description": "In units."},
                    "refundable": {"type": "integer", "description": "In units."},
                    "why": {"type": "string"},
                },
            },
        },
    }


WHY_NOT_MORE = {
    Restock.CANCEL: "Cancelled and not refunded yet, or still in the house and in no parcel.",
    Restock.RETURN: "Came back and is not refunded yet.",
    Restock.NONE: "Has left, did not come back and is not refunded yet.",
}


class CountedLine(Protocol):
    """A line of a plan or of a refund: units of one article, and what they give back."""

    @property
    def quantity(self) -> int: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def withheld(self) -> Decimal: ...
    @property
    def restock(self) -> str: ...


@dataclass(kw_only=True)
class RefundableLine:
    """One order line and its refunds so far. `came_back` is of one return if that was asked for."""

    line: OrderLine
    units: int
    cancelled_units: int
    returned_units: int
    amount: Decimal
    cost: Decimal
    tax: Decimal
    packed: int
    came_back: int

    @property
    def units_left(self) -> int:
        """Units of which nothing was refunded."""
        return self.line.quantity - self.units

    @property
    def cancelled(self) -> int:
        """Units that were cancelled and not refunded."""
        return self.line.qty_cancelled - self.cancelled_units

    @property
    def cancellable(self) -> int:
        """Units that are still in the house and in no parcel."""
        return self.line.open_quantity - self.packed

    @property
    def gone(self) -> int:
        """Units that have left the house and were not refunded, wherever they are now."""
        return self.line.qty_shipped - (self.units - self.cancelled_units)

    @property
    def kept(self) -> int:
        """Units that have left the house, did not come back and were not refunded."""
        refunded = self.units - self.cancelled_units - self.returned_units
        return self.line.qty_shipped - self.line.qty_returned - refunded

    @property
    def owed(self) -> Decimal:
        """What units cost that were refunded, and did not come to them: a payment's part failed."""
        return self.cost_of(0)

    def refundable(self, restock: Restock) -> int:
        """Return how many units may be refunded for that reason."""
        units = {
            Restock.CANCEL: self.cancelled + self.cancellable,
            # One that was refunded as kept, and came back after all, is not refunded again.
            Restock.RETURN: min(self.came_back, self.gone),
            Restock.NONE: self.kept,
        }[restock]
        return max(0, min(units, self.units_left))

    def cost_of(self, quantity: int) -> Decimal:
        """Return what so many more units cost, so that all of them cost exactly the line's total.

        It is the share of all units refunded by then, less what was refunded or withheld before.
        """
        share = share_of(self.line.total, self.units + quantity, self.line.quantity)
        return max(ZERO, share - self.cost)

    def count(self, line: "CountedLine") -> None:
        """Take what goes back of it off what may be refunded, before the next of the same."""
        self.units += line.quantity
        self.amount += line.amount
        self.cost += line.amount + line.withheld
        self.tax += line.tax
        self.cancelled_units += line.quantity if line.restock == Restock.CANCEL else 0
        self.returned_units += line.quantity if line.restock == Restock.RETURN else 0
        self.came_back -= line.quantity if line.restock == Restock.RETURN else 0

    def tax_in(self, amount: Decimal) -> Decimal:
        """Return the tax in so much more money, so that in all of it is exactly the line's tax."""
        if not self.line.total:
            return ZERO
        after = round_money(self.line.tax * (self.amount + amount) / self.line.total)
        return min(amount, max(ZERO, after - self.tax))


@dataclass(kw_only=True)
class Refundable:
    """What may still go back of an order whose rows the caller has read, or locked."""

    order: Order
    payments: list[Payment]
    lines: list[RefundableLine]
    shipping_left: Decimal

    @property
    def committed(self) -> Decimal:
        return sum((one.refund_committed for one in self.payments), ZERO)

    @property
    def left(self) -> Decimal:
        """Money of the order that is not promised back."""
        return sum((one.captured - one.refund_committed for one in self.payments), ZERO)

    @property
    def overpaid(self) -> Decimal:
        """What is left beyond all that the lines and the shipping could give back, or was kept of.

        Of a cancelled order of which less is left than they cost it is all of that: whether some
        was never paid or went for other reasons, the rest pays for nothing.
        """
        accounted = sum((one.line.total - one.cost for one in self.lines), self.shipping_left)
        is_cancelled = self.order.status == OrderStatus.CANCELLED
        if is_cancelled and self.left < accounted:
            return self.left
        withheld = sum((one.cost - one.amount for one in self.lines), ZERO)
        kept = ZERO if is_cancelled else withheld
        return max(ZERO, self.left - accounted - kept)

    def refusal(self, lines: Iterable[Mapping[str, Any]] = ()) -> ExceedsRefundable:
        """Return the refusal that names what is left."""
        return ExceedsRefundable(
            members={
                "left": f"{self.left:.2f}",
                "shipping_left": f"{min(self.shipping_left, self.left):.2f}",
                "lines": list(lines),
            }
        )


def share_of(total: Decimal, units: int, quantity: int) -> Decimal:
    """Return what the first `units` of `quantity` cost of `total`: all of them exactly that."""
    return round_money(total * units / quantity)


def read_refundable(
    order: Order, payments: Iterable[Payment], *, of_return: Return | None = None
) -> Refundable:
    """Read what may still be refunded; with `of_return` as returned only what came with that."""
    lines = list(order.lines.order_by("position"))
    refunded = _refunded(order)
    packed = _packed(order)
    received = _received(of_return) if of_return else None
    shipped_back = Refund.objects.filter(order=order, state__in=COMMITTED)
    shipping = shipped_back.aggregate(given=Coalesce(Sum("shipping"), ZERO))["given"]
    return Refundable(
        order=order,
        payments=sorted(payments, key=lambda one: one.pk),
        lines=[_line(line, refunded.get(line.pk, {}), packed, received) for line in lines],
        shipping_left=order.shipping_total - shipping,
    )


def _line(
    line: OrderLine,
    sums: Mapping[str, Any],
    packed: Mapping[int, int],
    received: Mapping[int, int] | None,
) -> RefundableLine:
    returned = sums.get("returned") or 0
    came_back = line.qty_returned - returned
    if received is not None:
        came_back = min(came_back, received.get(line.pk, 0))
    return RefundableLine(
        line=line,
        units=sums.get("units") or 0,
        cancelled_units=sums.get("cancelled") or 0,
        returned_units=returned,
        amount=sums.get("money") or ZERO,
        cost=sums.get("cost") or ZERO,
        tax=sums.get("contained") or ZERO,
        packed=packed.get(line.pk, 0),
        came_back=came_back,
    )


def _refunded(order: Order) -> dict[int, Mapping[str, Any]]:
    given = RefundLine.objects.filter(refund__order=order, refund__state__in=COMMITTED)
    sums = (
        given.order_by("order_line_id")
        .values("order_line_id")
        .annotate(
            units=Sum("quantity"),
            cancelled=Sum("quantity", filter=Q(restock=Restock.CANCEL)),
            returned=Sum("quantity", filter=Q(restock=Restock.RETURN)),
            money=Sum("amount"),
            cost=Sum(F("amount") + F("withheld")),
            contained=Sum("tax"),
        )
    )
    return {row["order_line_id"]: row for row in sums}


def _packed(order: Order) -> dict[int, int]:
    inside = ShipmentLine.objects.filter(shipment__order=order, shipment__state__in=IN_THE_HOUSE)
    sums = inside.order_by("order_line_id").values("order_line_id").annotate(units=Sum("quantity"))
    return {row["order_line_id"]: row["units"] for row in sums}


def _received(of_return: Return) -> dict[int, int]:
    """Return by line how many units came with a return and were not refunded."""
    given = RefundLine.objects.filter(
        refund__of_return=of_return, refund__state__in=COMMITTED, restock=Restock.RETURN
    )
    sums = given.order_by("order_line_id").values("order_line_id").annotate(units=Sum("quantity"))
    refunded = {row["order_line_id"]: row["units"] for row in sums}
    came = of_return.lines.values_list("order_line_id", "received")
    return {line_id: units - refunded.get(line_id, 0) for line_id, units in came}
