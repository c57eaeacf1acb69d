"""A plan of a refund in words and tables: all that would come of it, before anybody agrees."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from mdv.admin.show import show_choice, show_money, show_table
from refunds.admin.refund_parts import ENTITLED_BY
from refunds.services import RefundPlan
from refunds.states import RefundMethod
from shop.orders.models import Order
from shop.payments.states import Provider

EXCEEDED = {"per_refund": "a refund", "per_day": "a day"}


@dataclass(frozen=True, kw_only=True)
class ShownPlan:
    """A plan, ready to be shown. `needs_another` is whether a second person has to agree."""

    plan_hash: str
    amount: str
    lines: SafeString
    parts: SafeString
    effects: list[str]
    balances: list[tuple[str, str]]
    limit: str
    needs_another: bool


def show_plan(order: Order, plan: RefundPlan) -> ShownPlan:
    """Return the plan as the page shows it."""

    def shown(amount: Decimal) -> str:
        return show_money(amount, plan.currency)

    balances = plan.balances
    return ShownPlan(
        plan_hash=plan.plan_hash,
        amount=shown(plan.amount),
        lines=_lines(plan),
        parts=_parts(plan),
        effects=[_say_stock(plan), *_say_money(plan), _say_papers(order, plan)],
        balances=[
            ("Captured", shown(balances.captured)),
            ("Promised back or refunded now", shown(balances.committed_before)),
            ("Then", shown(balances.committed_after)),
            ("Still refundable then", shown(balances.left_after)),
        ],
        limit=_say_limit(plan),
        needs_another=plan.approval.is_required,
    )


def _lines(plan: RefundPlan) -> SafeString:
    rows: list[tuple[object, ...]] = [
        (
            f"{line.sku} {line.title}",
            ENTITLED_BY[line.restock],
            line.quantity,
            f"{line.tax:,.2f}",
            f"{line.amount:,.2f}",
        )
        for line in plan.lines
    ]
    rows += [
        (name, "", "", "", f"{amount:,.2f}")
        for name, amount in (("Shipping", plan.shipping), ("Goodwill", plan.goodwill))
        if amount
    ]
    rows.append(("Together", "", "", f"{plan.tax:,.2f}", f"{plan.amount:,.2f}"))
    return show_table(
        ("For", "Because", "Units", "Tax in it", "Amount"),
        rows,
        numbers={"Units", "Tax in it", "Amount"},
        is_stacked=True,
    )


def _parts(plan: RefundPlan) -> SafeString:
    return show_table(
        ("Payment", "Goes back", "Amount", "Left of it then"),
        [
            (
                f"{Provider(part.provider).label} {part.reference}",
                _way(part.method, part.provider),
                f"{part.amount:,.2f}",
                f"{part.left_after:,.2f}",
            )
            for part in plan.parts
        ],
        numbers={"Amount", "Left of it then"},
        is_stacked=True,
    )


def _way(method: RefundMethod, provider: str) -> str:
    return "by hand" if method == RefundMethod.MANUAL else f"by {Provider(provider).label}"


def _say_stock(plan: RefundPlan) -> str:
    freed = [f"{line.cancels} × {line.sku}" for line in plan.lines if line.cancels]
    return (
        f"Cancelled now, and free again in stock: {', '.join(freed)}."
        if freed
        else "No stock moves."
    )


def _say_money(plan: RefundPlan) -> list[str]:
    count = len(plan.parts)
    return [f"It takes {count} payments, so it becomes {count} refunds."] if count > 1 else []


def _say_papers(order: Order, plan: RefundPlan) -> str:
    mails = ", ".join(sorted({f"“{show_choice(mail)}”" for mail in plan.mails}))
    papers = ", ".join(sorted({show_choice(paper).lower() for paper in plan.documents}))
    return f"Once the money has gone: mail {mails} to {order.email}, and a {papers}."


def _say_limit(plan: RefundPlan) -> str:
    approval = plan.approval
    left = show_money(approval.left_today, plan.currency)
    if not approval.is_required:
        return f"Within your limits: of today {left} is left before this."
    limit = approval.max_per_refund if approval.exceeded == "per_refund" else approval.max_per_day
    return (
        f"Needs a second person: your limit is {show_money(limit, plan.currency)} "
        f"{EXCEEDED[approval.exceeded]}, and of today {left} is left. It waits among the approvals."
    )
