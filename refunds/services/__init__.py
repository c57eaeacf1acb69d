"""What can be done with returns, one function per use case."""

from refunds.services.decide_return import (
    APPROVAL_LASTS,
    AlreadyApproved,
    approve_return,
    reject_return,
)
from refunds.services.end_return import cancel_return, close_return, expire_returns
from refunds.services.receive_return import Received, ReturnHasChanged, receive_return
from refunds.services.request_return import (
    MAX_LINES,
    REFUSALS_OF_REQUESTING,
    MoreThanWasDelivered,
    ReturnWindowIsOver,
    Wanted,
    request_return,
)

__all__ = [
    "APPROVAL_LASTS",
    "MAX_LINES",
    "REFUSALS_OF_REQUESTING",
    "AlreadyApproved",
    "MoreThanWasDelivered",
    "Received",
    "ReturnHasChanged",
    "ReturnWindowIsOver",
    "Wanted",
    "approve_return",
    "cancel_return",
    "close_return",
    "expire_returns",
    "receive_return",
    "reject_return",
    "request_return",
]
