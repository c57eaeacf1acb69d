"""What the world learns of returns and refunds. No event names a person."""

from collections.abc import Sequence
from typing import Any

from mdv.events.kinds import declare
from mdv.events.services import emit
from mdv.kernel.money import CENT
from refunds.models import Refund, Return, ReturnLine, ReturnReceipt

REQUESTED = declare("return.requested", "Somebody wants to send goods back.")
APPROVED = declare("return.approved", "The shop agreed to take goods back.")
REJECTED = declare("return.rejected", "The shop did not agree to take goods back.")
RECEIVED = declare("return.received", "Goods came back.")
CLOSED = declare("return.closed", "Of a return nothing more is waited for.")
EXPIRED = declare("return.expired", "Goods that were agreed to come back did not come in time.")
CANCELLED = declare("return.cancelled", "A return was given up before anything came.")
REFUND_REQUESTED = declare("refund.requested", "Somebody wants money to go back; it is promised.")
REFUND_APPROVED = declare("refund.approved", "Money may go back.")
REFUND_REJECTED = declare(
    "refund.rejected", "Somebody said no: the money is not promised any more."
)
REFUND_CANCELLED = declare("refund.cancelled", "A refund was given up before any money went.")
REFUND_SUCCEEDED = declare("refund.succeeded", "Money went back.")
REFUND_FAILED = declare("refund.failed", "Money could not go back; it is not promised any more.")


def emit_requested(returned: Return, lines: Sequence[ReturnLine]) -> None:
    """Tell what somebody wants to send back, and why."""
    wanted = [{"sku": line.order_line.sku, "quantity": line.requested} for line in lines]
    _emit(REQUESTED, returned, reason=returned.reason, lines=wanted)


def emit_approved(returned: Return, lines: Sequence[ReturnLine]) -> None:
    """Tell what may come back."""
    agreed = [
        {"sku": line.order_line.sku, "quantity": line.approved} for line in lines if line.approved
    ]
    _emit(APPROVED, returned, lines=agreed)


def emit_received(returned: Return, receipts: Sequence[ReturnReceipt]) -> None:
    """Tell what came back, in which condition, and what of it is sold again."""
    came = [
        {
            "sku": receipt.line.order_line.sku,
            "quantity": receipt.quantity,
            "condition": receipt.condition,
            "restocked": receipt.is_restocked,
        }
        for receipt in receipts
    ]
    _emit(RECEIVED, returned, lines=came)


def emit_ended(kind: str, returned: Return) -> None:
    """Tell that a return was rejected, closed, cancelled or has expired."""
    _emit(kind, returned)


def _emit(kind: str, returned: Return, **payload: Any) -> None:
    emit(
        kind,
        returned,
        number=returned.number,
        payload={"order": returned.order.number, **payload},
    )


def emit_refund_requested(refund: Refund) -> None:
    """Tell that money is promised back, and why."""
    _emit_refund(REFUND_REQUESTED, refund, reason=refund.reason, source=refund.source)


def emit_refund_approved(refund: Refund) -> None:
    """Tell that money may go back; after a failure once more."""
    _emit_refund(REFUND_APPROVED, refund)


def emit_refund_ended(kind: str, refund: Refund) -> None:
    """Tell that money went back, or why it will not."""
    _emit_refund(kind, refund)


def _emit_refund(kind: str, refund: Refund, **payload: Any) -> None:
    facts = {
        "order": refund.order.number,
        "amount": str(refund.amount.quantize(CENT)),
        "currency": refund.currency,
        "method": refund.method,
    }
    emit(kind, refund, number=refund.number, payload={**facts, **payload})
