"""An order at an instant: its row and all that belongs to it, out of the trail alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import CharField, Q
from django.db.models.functions import Cast

from audit.models import AuditEntry
from audit.replay import Moment, RowThen, entries_of_rows, moments_of, rows_at
from mdv.ops.time_machine.counters import (
    Counter,
    counters_of_line,
    counters_of_order,
    counters_of_payment,
    counters_of_refund,
)
from refunds.models import CreditNote, Refund, RefundLine, Return, ReturnLine, WriteOff
from shop.fulfilment.models import Shipment, ShipmentLine
from shop.orders.models import Invoice, MissingAcceptance, Order, OrderLine, OrderNote
from shop.payments.models import Payment

# These entries name no order; they are labelled by the order line that they are about.
LABELLED_BY_LINE = (ShipmentLine, ReturnLine, RefundLine)
# In the order in which they are shown.
PARTS: tuple[type[models.Model], ...] = (
    OrderLine,
    Payment,
    Refund,
    RefundLine,
    CreditNote,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
    Invoice,
    OrderNote,
    MissingAcceptance,
    WriteOff,
)


@dataclass(frozen=True, kw_only=True)
class OrderThen:
    """An order as it was: its own row, and the rows of its parts, those that were there."""

    order: RowThen
    rows: Sequence[RowThen]

    def parts(self, model: type[models.Model]) -> list[RowThen]:
        """Return the rows of one kind, in the order in which they were written."""
        return [row for row in self.rows if row.model is model]

    def counters(self) -> list[Counter]:
        """Return every counter beside its ledger at that instant; none of an order not there."""
        if not self.order.is_there:
            return []
        lines, payments = self.parts(OrderLine), self.parts(Payment)
        refunds, in_refunds = self.parts(Refund), self.parts(RefundLine)
        found = counters_of_order(self.order, lines, payments, refunds)
        for payment in payments:
            found += counters_of_payment(payment, refunds)
        for refund in refunds:
            found += counters_of_refund(refund, in_refunds)
        for line in lines:
            found += counters_of_line(
                line,
                parcels=self.parts(Shipment),
                in_parcels=self.parts(ShipmentLine),
                in_returns=self.parts(ReturnLine),
                refunds=refunds,
                in_refunds=in_refunds,
            )
        return found

    def of_payment(self, key: str) -> "OrderThen":
        """Return the same with nothing but one payment and its refunds."""
        refunds = {row.key for row in self.parts(Refund) if str(row["payment_id"]) == key}
        kept = [
            row
            for row in self.rows
            if (row.model is Payment and row.key == key)
            or (row.model is Refund and row.key in refunds)
            or (row.model in (RefundLine, CreditNote) and str(row["refund_id"]) in refunds)
        ]
        return OrderThen(order=self.order, rows=kept)


class OrderTrail:
    """All that the trail has about one order, read once: any instant can be asked for."""

    def __init__(self, order_id: int) -> None:
        self.order_id = order_id
        own = list(entries_of_rows().filter(order_id=order_id))
        types = ContentType.objects.get_for_models(OrderLine, CreditNote, *LABELLED_BY_LINE)
        lines = {entry.object_pk for entry in own if entry.content_type == types[OrderLine]}
        notes = CreditNote.objects.filter(refund__order_id=order_id)
        more = entries_of_rows().filter(
            Q(content_type__in=[types[kind] for kind in LABELLED_BY_LINE], object_repr__in=lines)
            | Q(
                content_type=types[CreditNote],
                object_pk__in=list(notes.values_list(Cast("pk", CharField()), flat=True)),
            )
        )
        self.entries: list[AuditEntry] = sorted([*own, *more], key=lambda entry: entry.pk)

    def moments(self) -> list[Moment]:
        """Return when something of the order changed, the oldest first."""
        return moments_of(self.entries)

    def at(self, moment: datetime | None = None) -> OrderThen:
        """Return the order as it was at the instant, or as the trail has it now."""
        found = rows_at(self.entries, at=moment)
        key = str(self.order_id)
        own = [row for row in found if row.model is Order and row.key == key]
        order = own[0] if own else RowThen(model=Order, key=key)
        parts = [row for row in found if row.model is not Order and row.is_there]
        return OrderThen(order=order, rows=sorted(parts, key=_place))


def order_named(number: str) -> int | None:
    """Return the id under which the trail knows an order's number, also of one that is gone."""
    return _labelled(Order, number).values_list("object_id", flat=True).first()


def payments_named(reference: str) -> list[tuple[int, str]]:
    """Return order and key of each payment of that reference: providers count by themselves."""
    found = _labelled(Payment, reference).exclude(order_id=None)
    return sorted(set(found.values_list("order_id", "object_pk")))


def _labelled(model: type[models.Model], label: str) -> models.QuerySet[AuditEntry]:
    return entries_of_rows().filter(
        content_type=ContentType.objects.get_for_model(model), object_repr=label
    )


def _place(row: RowThen) -> int:
    return PARTS.index(row.model)
