"""Goods that come back, money that goes back, and who may say so."""

from refunds.models.credit_notes import CREDIT_NOTE_FORMAT, CreditNote
from refunds.models.policies import RefundAllowance, RefundPolicy
from refunds.models.refunds import (
    MAX_FAILURE_LENGTH,
    MAX_REFERENCE_LENGTH,
    MAX_REFUND_NOTE_LENGTH,
    Refund,
    RefundedLine,
    RefundedOrder,
    RefundedPayment,
    RefundLine,
    RefundQuerySet,
    taken_back,
)
from refunds.models.returns import (
    MAX_NOTE_LENGTH,
    Return,
    ReturnedLine,
    ReturnedShipment,
    ReturnLine,
    ReturnQuerySet,
    ReturnReceipt,
)
from refunds.models.write_offs import WriteOff

__all__ = [
    "CREDIT_NOTE_FORMAT",
    "MAX_FAILURE_LENGTH",
    "MAX_NOTE_LENGTH",
    "MAX_REFERENCE_LENGTH",
    "MAX_REFUND_NOTE_LENGTH",
    "CreditNote",
    "Refund",
    "RefundAllowance",
    "RefundLine",
    "RefundPolicy",
    "RefundQuerySet",
    "RefundedLine",
    "RefundedOrder",
    "RefundedPayment",
    "Return",
    "ReturnLine",
    "ReturnQuerySet",
    "ReturnReceipt",
    "ReturnedLine",
    "ReturnedShipment",
    "WriteOff",
    "taken_back",
]
