"""Returns, refunds and the limits of refunds in the back office."""

from refunds.admin.pages import ReturnAdmin
from refunds.admin.policies import RefundPolicyAdmin
from refunds.admin.refund_pages import RefundAdmin

__all__ = ["RefundAdmin", "RefundPolicyAdmin", "ReturnAdmin"]
