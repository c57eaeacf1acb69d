"""A plan of cancelling an order in words and tables: its goods, and its money by the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from mdv.admin.show import show_choice, show_money
from mdv.backoffice.refund_plan import ShownPlan, show_plan
from refunds.services import CancellationPlan
from shop.orders.models import Order


@dataclass(frozen=True, kw_only=True)
class ShownCancellation:
    """A plan, ready to be shown. `button` says what the second press does."""

    plan_hash: str
    button: str
    lines: SafeString | str
    parts: SafeString | str
    effects: list[str]
    balances: list[tuple[str, str]]
    limit: str
    needs_another: bool


def show_cancellation(order: Order, plan: CancellationPlan) -> ShownCancellation:
    """Return the plan as the page shows it."""

    def shown(amount: Decimal) -> str:
        return show_money(amount, plan.currency)

    refund = show_plan(order, plan.refund_plan) if plan.refund_plan else None
    money = plan.money
    goes = plan.refund_plan.amount if plan.refund_plan else Decimal(0)
    return ShownCancellation(
        plan_hash=plan.plan_hash,
        button=_say_button(refund),
        lines=refund.lines if refund else "",
        parts=refund.parts if refund else "",
        effects=[*_say_goods(plan), *_say_money(plan, refund), *_say_mails(order, plan)],
        balances=[
            ("Captured", shown(money.captured)),
            ("Gone back", shown(money.refunded)),
            ("Promised back then", shown(money.promised + goes)),
            ("Still here then, owed to the customer", shown(money.stays)),
        ],
        limit=refund.limit if refund else "",
        needs_another=bool(refund and refund.needs_another),
    )


def _say_button(refund: ShownPlan | None) -> str:
    if refund is None:
        return "Cancel without a refund"
    if refund.needs_another:
        return f"Cancel and ask for {refund.amount}"
    return f"Cancel and refund {refund.amount}"


def _say_goods(plan: CancellationPlan) -> Iterator[str]:
    freed = ", ".join(f"{one.quantity} × {one.sku}" for one in plan.units)
    yield f"Cancelled now, and free again in stock: {freed}." if freed else "No stock is held."
    if plan.parcels:
        unpacked = ", ".join(
            f"{one.number} ({show_choice(one.state).lower()})" for one in plan.parcels
        )
        yield f"Unpacked, and given up: {unpacked}."
    if plan.coupon:
        yield f"Its coupon {plan.coupon} can be used again."


def _say_money(plan: CancellationPlan, refund: ShownPlan | None) -> Iterator[str]:
    if plan.money.promised:
        promised = show_money(plan.money.promised, plan.currency)
        yield f"{promised} is promised back already, and stays so."
    if plan.money.stays:
        stays = show_money(plan.money.stays, plan.currency)
        yield f"{stays} stays here, and is shown as owed to the customer until it goes back."
    if plan.refund_plan and len(plan.refund_plan.parts) > 1:
        count = len(plan.refund_plan.parts)
        yield f"It takes {count} payments, so it becomes {count} refunds."
    if refund and refund.needs_another:
        yield "The order is cancelled now, whatever the second person says about the money."


def _say_mails(order: Order, plan: CancellationPlan) -> Iterator[str]:
    agreed = plan.refund_plan.agreed_amount if plan.refund_plan else Decimal(0)
    told = f"that {show_money(agreed, plan.currency)} is on its way" if agreed else "of no money"
    yield f"A mail to {order.email} now says that the order is cancelled, and {told}."
    if plan.refund_plan:
        yield "Once the money has gone: another mail, and a credit note."
    yield "This cannot be undone."
