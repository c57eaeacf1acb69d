"""Making the plan of a refund out of what may be refunded; no writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mdv.accounts.models import User
from mdv.kernel.errors import FieldProblem, Forbidden, Invalid
from mdv.kernel.money import ZERO, allocate
from refunds.services.refund_limits import Ceilings
from refunds.services.refund_plan import (
    Approval,
    Balances,
    PartLine,
    PlannedLine,
    PlannedPart,
    RefundPlan,
    RefundWish,
    WantedLine,
)
from refunds.services.refundable import WHY_NOT_MORE, Refundable, RefundableLine
from refunds.states import RefundMethod, Restock
from shop.orders.states import OrderStatus
from shop.payments.models import Payment
from shop.payments.states import Provider

MAIL = "refund_succeeded"
DOCUMENT = "credit_note"
CANCEL_CONFIRMED = "orders.cancel_confirmed_order"
WITHOUT_RETURN = "refunds.refund_without_return"


class NeedsTheGoodsBack(Forbidden):
    code = "refund_without_return"
    detail = "You may refund only what was cancelled or came back."


class GoodwillNotAllowed(Forbidden):
    code = "goodwill_not_allowed"
    detail = "You may not give more than was paid too much. Ask somebody who may give goodwill."


class CancellingNotAllowed(Forbidden):
    code = "cancelling_not_allowed"
    detail = "You may not cancel units of a confirmed order."


def compose_plan(
    refundable: Refundable, wish: RefundWish, *, person: User, ceilings: Ceilings, used: Decimal
) -> RefundPlan:
    """Make the plan of a wish. `used` is what the person has given back today.

    Raises:
        Invalid: the wish makes no sense, or comes to nothing.
        NeedsTheGoodsBack, GoodwillNotAllowed, CancellingNotAllowed: 403.
        ExceedsRefundable: 409, naming what is left.
    """
    _check_amounts(wish)
    lines = _plan_lines(refundable, wish.lines)
    _check_rights(refundable, wish, lines, person, ceilings)
    amount = sum((line.amount for line in lines), wish.shipping + wish.goodwill)
    if amount > refundable.left or wish.shipping > refundable.shipping_left:
        raise refundable.refusal()
    if not amount:
        problem = FieldProblem("lines", "nothing_to_refund", "This comes to no money at all.")
        raise Invalid(problems=[problem])
    parts = _split(refundable, wish, lines)
    exceeded = ceilings.exceeded_by(amount, used_today=used)
    return RefundPlan(
        order=refundable.order.number,
        currency=refundable.order.currency,
        lines=lines,
        shipping=wish.shipping,
        goodwill=wish.goodwill,
        tax=sum((line.tax for line in lines), ZERO),
        amount=amount,
        parts=parts,
        reason=wish.reason,
        source=wish.source,
        of_return=wish.of_return,
        approval=Approval(
            user_id=person.pk,
            is_required=bool(exceeded),
            exceeded=exceeded,
            max_per_refund=ceilings.max_per_refund,
            max_per_day=ceilings.max_per_day,
            left_today=max(ZERO, ceilings.max_per_day - used),
        ),
        balances=Balances(
            captured=refundable.order.captured_total,
            committed_before=refundable.committed,
            committed_after=refundable.committed + amount,
            left_after=refundable.left - amount,
        ),
        mails=[MAIL] * len(parts),
        documents=[DOCUMENT] * len(parts),
        order_version=refundable.order.version,
    )


def _check_amounts(wish: RefundWish) -> None:
    problems = [
        FieldProblem(name, "min_value", "Not below 0.")
        for name, amount in (("shipping", wish.shipping), ("goodwill", wish.goodwill))
        if amount < 0
    ]
    seen: set[tuple[str, Restock]] = set()
    for place, line in enumerate(wish.lines):
        where = f"lines.{place}"
        if line.quantity < 0:
            problems.append(FieldProblem(f"{where}.quantity", "min_value", "Not below 0."))
        if line.withheld < 0:
            problems.append(FieldProblem(f"{where}.withheld", "min_value", "Not below 0."))
        if (line.sku, line.restock) in seen:
            problems.append(FieldProblem(f"{where}.sku", "repeated", "This is named twice."))
        seen.add((line.sku, line.restock))
    if problems:
        raise Invalid(problems=problems)


def _plan_lines(refundable: Refundable, wanted: Sequence[WantedLine]) -> list[PlannedLine]:
    by_sku = {one.line.sku: one for one in refundable.lines}
    planned, too_much, problems = [], [], []
    for place, want in enumerate(wanted):
        one = by_sku.get(want.sku)
        if one is None:
            message = "This is not in the order."
            problems.append(FieldProblem(f"lines.{place}.sku", "not_in_order", message))
            continue
        possible = one.refundable(want.restock)
        if want.quantity > possible:
            too_much.append(
                {
                    "sku": want.sku,
                    "restock": str(want.restock),
                    "requested": want.quantity,
                    "refundable": possible,
                    "why": WHY_NOT_MORE[want.restock],
                }
            )
            continue
        line = _plan_line(one, want)
        if not want.quantity and not line.amount:
            message = "At least one unit: nothing is owed for those that were refunded."
            problems.append(FieldProblem(f"lines.{place}.quantity", "min_value", message))
            continue
        if line.amount < 0:
            message = f"The units cost {line.amount + want.withheld:.2f}; no more can be kept."
            problems.append(FieldProblem(f"lines.{place}.withheld", "max_value", message))
            continue
        planned.append(line)
        one.count(line)
    if problems:
        raise Invalid(problems=problems)
    if too_much:
        raise refundable.refusal(too_much)
    return planned


def _plan_line(one: RefundableLine, want: WantedLine) -> PlannedLine:
    amount = one.cost_of(want.quantity) - want.withheld
    cancels = max(0, want.quantity - one.cancelled) if want.restock == Restock.CANCEL else 0
    return PlannedLine(
        order_line_id=one.line.pk,
        sku=one.line.sku,
        title=one.line.title,
        quantity=want.quantity,
        restock=want.restock,
        amount=amount,
        tax=one.tax_in(max(ZERO, amount)),
        withheld=want.withheld,
        cancels=cancels,
    )


def _check_rights(
    refundable: Refundable,
    wish: RefundWish,
    lines: Sequence[PlannedLine],
    person: User,
    ceilings: Ceilings,
) -> None:
    if any(line.restock == Restock.NONE for line in lines) and not person.has_perm(WITHOUT_RETURN):
        raise NeedsTheGoodsBack
    is_pending = refundable.order.status == OrderStatus.PENDING
    cancels = any(line.cancels for line in lines)
    if cancels and not is_pending and not person.has_perm(CANCEL_CONFIRMED):
        raise CancellingNotAllowed
    if wish.goodwill > refundable.overpaid and not ceilings.may_goodwill:
        raise GoodwillNotAllowed


@dataclass(kw_only=True)
class _Part:
    """A part that is being filled up to the room that its payment has."""

    payment: Payment
    room: Decimal
    lines: list[PartLine] = field(default_factory=list)
    shipping: Decimal = ZERO
    goodwill: Decimal = ZERO

    def take(self, wanted: Decimal) -> Decimal:
        """Take as much of it as there is room for."""
        taken = min(wanted, self.room)
        self.room -= taken
        return taken


def _split(
    refundable: Refundable, wish: RefundWish, lines: Sequence[PlannedLine]
) -> list[PlannedPart]:
    """Take the money from the payments, the newest first.

    What was paid too much is in the newest, and providers give back what is recent most readily.
    """
    with_room = [one for one in refundable.payments if one.captured > one.refund_committed]
    newest = sorted(with_room, key=lambda one: (one.captured_at, one.pk), reverse=True)
    parts = [
        _Part(payment=payment, room=payment.captured - payment.refund_committed)
        for payment in newest
    ]
    for line in lines:
        _split_line(parts, line)
    for part in parts:
        part.shipping = part.take(wish.shipping - sum((p.shipping for p in parts), ZERO))
    for part in parts:
        part.goodwill = part.take(wish.goodwill - sum((p.goodwill for p in parts), ZERO))
    return [_planned(part, wish) for part in parts if _amount(part) or part.lines]


def _split_line(parts: Sequence[_Part], line: PlannedLine) -> None:
    pieces: list[tuple[_Part, Decimal]] = []
    missing = line.amount
    for part in parts:
        taken = part.take(missing)
        if taken:
            pieces.append((part, taken))
            missing -= taken
    if not pieces:  # units that cost nothing
        pieces.append((parts[0], ZERO))
    taxes = allocate(line.tax, [amount for _, amount in pieces])
    for (part, amount), tax in zip(pieces, taxes, strict=True):
        is_last = part is pieces[-1][0]
        part.lines.append(
            PartLine(
                order_line_id=line.order_line_id,
                restock=line.restock,
                quantity=line.quantity if is_last else 0,
                amount=amount,
                tax=tax,
                withheld=line.withheld if is_last else ZERO,
            )
        )


def _amount(part: _Part) -> Decimal:
    return sum((line.amount for line in part.lines), part.shipping + part.goodwill)


def _planned(part: _Part, wish: RefundWish) -> PlannedPart:
    by_hand = wish.by_hand or part.payment.provider == Provider.MANUAL
    return PlannedPart(
        payment_id=part.payment.pk,
        reference=part.payment.reference,
        provider=part.payment.provider,
        method=RefundMethod.MANUAL if by_hand else RefundMethod.GATEWAY,
        amount=_amount(part),
        shipping=part.shipping,
        goodwill=part.goodwill,
        lines=part.lines,
        left_after=part.room,
    )
