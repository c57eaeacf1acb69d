"""Money that has gone back and is not in the books: nobody gives it back a second time."""

from collections.abc import Collection

from mdv.kernel.errors import Conflict
from refunds.models import taken_back


class MoneyTakenBack(Conflict):
    code = "money_taken_back"
    detail = (
        "More of this payment has gone back than the books could take. Settle its exception first."
    )


def refuse_what_was_taken_back(payment_ids: Collection[int]) -> None:
    """Refuse to agree to a refund of locked payments while it is open where their money is.

    Raises:
        MoneyTakenBack: 409, a refund or chargeback of one of them waits among the exceptions.
    """
    if was_taken_back(payment_ids):
        raise MoneyTakenBack


def was_taken_back(payment_ids: Collection[int]) -> bool:
    """Tell whether a refund or chargeback of the payments waits among the exceptions."""
    return taken_back().filter(payment_id__in=payment_ids).exists()
