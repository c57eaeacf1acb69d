"""How the back office shows a refund: its state, and what it is for."""

from django.utils.safestring import SafeString

from mdv.admin.show import BAD, BUSY, CALM, GOOD, show_choice, show_label, show_money
from refunds.models import Refund, RefundLine
from refunds.states import RefundState, Restock

COLOURS = {
    RefundState.REQUESTED: BUSY,
    RefundState.APPROVED: CALM,
    RefundState.PROCESSING: CALM,
    RefundState.UNKNOWN: BAD,
    RefundState.SUCCEEDED: GOOD,
    RefundState.FAILED: BAD,
    RefundState.REJECTED: "",
    RefundState.CANCELLED: "",
}
ENTITLED_BY = {
    Restock.CANCEL: "cancelled",
    Restock.RETURN: "came back",
    Restock.NONE: "kept or lost",
}


def state_label(refund: Refund) -> SafeString:
    """Return a refund's state as a label."""
    return show_label(show_choice(refund.state), COLOURS[RefundState(refund.state)])


def lines_of(refund: Refund) -> list[RefundLine]:
    """Return the lines of a refund that was read ``with_lines``."""
    return refund.lines_by_position  # type: ignore[attr-defined,no-any-return]


def say_parts(refund: Refund) -> str:
    """Say what a refund is for: ``2 × SHIRT (came back), shipping NGN 500.00``."""
    parts = [
        f"{line.quantity} × {line.order_line.sku} ({ENTITLED_BY[Restock(line.restock)]})"
        if line.quantity
        else f"part of {line.order_line.sku}"
        for line in lines_of(refund)
    ]
    parts += [
        f"{name} {show_money(amount, refund.currency)}"
        for name, amount in (("shipping", refund.shipping), ("goodwill", refund.goodwill))
        if amount
    ]
    return ", ".join(parts)
