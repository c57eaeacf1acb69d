"""What the world learns of returns. No event names a person."""

from collections.abc import Sequence
from typing import Any

from mdv.events.kinds import declare
from mdv.events.services import emit
from refunds.models import Return, ReturnLine, ReturnReceipt

REQUESTED = declare("return.requested", "Somebody wants to send goods back.")
APPROVED = declare("return.approved", "The shop agreed to take goods back.")
REJECTED = declare("return.rejected", "The shop did not agree to take goods back.")
RECEIVED = declare("return.received", "Goods came back.")
CLOSED = declare("return.closed", "Of a return nothing more is waited for.")
EXPIRED = declare("return.expired", "Goods that were agreed to come back did not come in time.")
CANCELLED = declare("return.cancelled", "A return was given up before anything came.")


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
