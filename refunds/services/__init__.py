"""What can be done with returns and refunds, one function per use case."""

from refunds.services.apply_refund_fact import AppliedFact, apply_refund_fact, take_refund_event
from refunds.services.cancel_order import CancelledOrder, RefundNotAnswered, cancel_order
from refunds.services.cancellation_plan import CancellationPlan
from refunds.services.change_policy import Limits, change_policy
from refunds.services.compose_plan import (
    CancellingNotAllowed,
    GoodwillNotAllowed,
    NeedsTheGoodsBack,
)
from refunds.services.decide_refund import (
    RequesterMayNot,
    SelfApproval,
    approve_refund,
    cancel_refund,
    reject_refund,
)
from refunds.services.decide_return import (
    APPROVAL_LASTS,
    AlreadyApproved,
    approve_return,
    reject_return,
)
from refunds.services.end_return import cancel_return, close_return, expire_returns
from refunds.services.execute_plan import execute_plan
from refunds.services.execute_refund import (
    execute_refund,
    execute_waiting_refunds,
    look_up_refund,
    look_up_refunds,
)
from refunds.services.find_owed import owed_orders, owed_to_customer
from refunds.services.issue_missing_credit_note import (
    issue_missing_credit_note,
    plan_missing_credit_note,
)
from refunds.services.lock_refund import RefundHasChanged
from refunds.services.look_times import LOST_AFTER
from refunds.services.plan_cancellation import RefundingNotAllowed, plan_cancellation
from refunds.services.plan_refund import plan_refund, see_refundable
from refunds.services.print_credit_note import NoCreditNote, print_credit_note
from refunds.services.receive_return import Received, ReturnHasChanged, receive_return
from refunds.services.refund_limits import AboveLimit, NoRefundPolicy
from refunds.services.refund_plan import RefundPlan, RefundWish, WantedLine
from refunds.services.refundable import WHY_NOT_MORE, ExceedsRefundable, Refundable
from refunds.services.request_refund import PlanHasChanged, request_refund
from refunds.services.request_return import (
    MAX_LINES,
    REFUSALS_OF_REQUESTING,
    MoreThanWasDelivered,
    ReturnWindowIsOver,
    Wanted,
    request_return,
)
from refunds.services.restate_order import plan_lines, plan_money, restate_lines, restate_money
from refunds.services.retry_refund import (
    BankReferenceUsed,
    NotByHand,
    record_manual_refund,
    retry_refund,
)
from refunds.services.settle_excess import (
    NoRoom,
    book_rest_of_excess,
    leave_refund_event,
    write_off_excess,
)
from refunds.services.settle_refund import FactDoesNotFit, settle_refund
from refunds.services.taken_back import MoneyTakenBack, was_taken_back

__all__ = [
    "APPROVAL_LASTS",
    "LOST_AFTER",
    "MAX_LINES",
    "REFUSALS_OF_REQUESTING",
    "WHY_NOT_MORE",
    "AboveLimit",
    "AlreadyApproved",
    "AppliedFact",
    "BankReferenceUsed",
    "CancellationPlan",
    "CancelledOrder",
    "CancellingNotAllowed",
    "ExceedsRefundable",
    "FactDoesNotFit",
    "GoodwillNotAllowed",
    "Limits",
    "MoneyTakenBack",
    "MoreThanWasDelivered",
    "NeedsTheGoodsBack",
    "NoCreditNote",
    "NoRefundPolicy",
    "NoRoom",
    "NotByHand",
    "PlanHasChanged",
    "Received",
    "RefundHasChanged",
    "RefundNotAnswered",
    "RefundPlan",
    "RefundWish",
    "Refundable",
    "RefundingNotAllowed",
    "RequesterMayNot",
    "ReturnHasChanged",
    "ReturnWindowIsOver",
    "SelfApproval",
    "Wanted",
    "WantedLine",
    "apply_refund_fact",
    "approve_refund",
    "approve_return",
    "book_rest_of_excess",
    "cancel_order",
    "cancel_refund",
    "cancel_return",
    "change_policy",
    "close_return",
    "execute_plan",
    "execute_refund",
    "execute_waiting_refunds",
    "expire_returns",
    "issue_missing_credit_note",
    "leave_refund_event",
    "look_up_refund",
    "look_up_refunds",
    "owed_orders",
    "owed_to_customer",
    "plan_cancellation",
    "plan_lines",
    "plan_missing_credit_note",
    "plan_money",
    "plan_refund",
    "print_credit_note",
    "receive_return",
    "record_manual_refund",
    "reject_refund",
    "reject_return",
    "request_refund",
    "request_return",
    "restate_lines",
    "restate_money",
    "retry_refund",
    "see_refundable",
    "settle_refund",
    "take_refund_event",
    "was_taken_back",
    "write_off_excess",
]
