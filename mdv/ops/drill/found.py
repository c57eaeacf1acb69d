"""What the database says after a drill: the other side of every proof."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Max

from audit.services import verify_trail
from mdv.events.models import Event
from mdv.mail.models import Mail
from mdv.ops.drill.providers import ProviderBooks
from mdv.ops.reconcile import check_invariants
from refunds.models import CreditNote, Refund
from refunds.states import RefundState
from shop.orders.models import Order, OrderLine
from shop.payments.models import Payment
from shop.stock.models import StockItem

# These happen to one object once.
ONCE = (
    "order.placed",
    "order.confirmed",
    "order.cancelled",
    "payment.captured",
    "refund.requested",
    "refund.approved",
    "refund.succeeded",
)


@dataclass(frozen=True, kw_only=True)
class FoundOrder:
    lines: Mapping[str, int]
    total: Decimal
    captured: Decimal
    refunded: Decimal


@dataclass(frozen=True, kw_only=True)
class FoundPayment:
    """A payment for which money arrived."""

    reference: str
    order: str
    captured: Decimal
    refunded: Decimal


@dataclass(frozen=True, kw_only=True)
class FoundRefund:
    number: str
    payment: str
    amount: Decimal
    key: str
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """``sold`` are units that are not to be had any more, by SKU; ``under_way`` what did not end.

    ``events`` counts by kind. What is ``doubled``, ``touched`` or ``broken`` is named.
    """

    sold: Mapping[str, int]
    orders: Mapping[str, FoundOrder]
    payments: Sequence[FoundPayment]
    refunds: Sequence[FoundRefund]
    credit_notes: int
    providers: ProviderBooks
    under_way: Mapping[str, int]
    events: Mapping[str, int]
    last_place: int
    doubled_events: Sequence[str]
    doubled_mails: Sequence[str]
    touched_entries: Sequence[str]
    invariants: int
    broken: Sequence[str]


def look(
    *, stock: Mapping[str, int], providers: ProviderBooks, under_way: Mapping[str, int]
) -> Found:
    """Read all of it. ``stock`` is what there was in the beginning, by SKU."""
    outcomes = check_invariants()
    kinds = Event.objects.values_list("kind").annotate(times=Count("id"))
    return Found(
        sold=_sold(stock),
        orders=_orders(),
        payments=_payments(),
        refunds=_refunds(),
        credit_notes=CreditNote.objects.count(),
        providers=providers,
        under_way=under_way,
        events=dict(kinds.values_list("kind", "times")),
        last_place=Event.objects.aggregate(last=Max("seq"))["last"] or 0,
        doubled_events=_doubled_events(),
        doubled_mails=_doubled_mails(),
        touched_entries=[str(problem) for problem in verify_trail().problems],
        invariants=len(outcomes),
        broken=[
            f"{outcome.invariant.sentence} {list(outcome.rows)}"
            for outcome in outcomes
            if not outcome.holds
        ],
    )


def _sold(stock: Mapping[str, int]) -> dict[str, int]:
    items = StockItem.objects.values_list("variant__sku", F("on_hand") - F("reserved"))
    return {sku: stock[sku] - available for sku, available in items}


def _orders() -> dict[str, FoundOrder]:
    lines: dict[str, Counter[str]] = {}
    for number, sku, units in OrderLine.objects.values_list("order__number", "sku", "quantity"):
        lines.setdefault(number, Counter())[sku] += units
    facts = Order.objects.values_list("number", "total", "captured_total", "refunded_total")
    return {
        number: FoundOrder(
            lines=lines.get(number, {}), total=total, captured=captured, refunded=refunded
        )
        for number, total, captured, refunded in facts
    }


def _payments() -> list[FoundPayment]:
    with_money = Payment.objects.filter(captured__gt=0).select_related("order")
    return [
        FoundPayment(
            reference=payment.reference,
            order=payment.order.number,
            captured=payment.captured,
            refunded=payment.refunded,
        )
        for payment in with_money
    ]


def _refunds() -> list[FoundRefund]:
    return [
        FoundRefund(
            number=refund.number,
            payment=refund.payment.reference,
            amount=refund.amount,
            key=refund.key,
            is_done=refund.state == RefundState.SUCCEEDED,
        )
        for refund in Refund.objects.select_related("payment")
    ]


def _doubled_events() -> list[str]:
    same = Event.objects.filter(kind__in=ONCE).values("kind", "number").annotate(times=Count("id"))
    return [f"{one['kind']} {one['number']}" for one in same.filter(times__gt=1)]


def _doubled_mails() -> list[str]:
    same = Mail.objects.values("kind", "about", "about_id", "to").annotate(times=Count("id"))
    return [f"{one['kind']} {one['about']} {one['about_id']}" for one in same.filter(times__gt=1)]
