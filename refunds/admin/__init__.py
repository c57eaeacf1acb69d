"""Returns in the back office."""

from refunds.admin.pages import ReturnAdmin

__all__ = ["ReturnAdmin"]
