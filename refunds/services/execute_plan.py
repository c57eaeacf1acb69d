"""Having the providers give back all that was asked for in one go. Not in a transaction."""

from datetime import datetime

import structlog
from django.db import DatabaseError

from mdv.kernel.errors import DomainError
from refunds.models import Refund
from refunds.services.execute_refund import execute_refund

log = structlog.get_logger("mdv.refunds")


def execute_plan(*, number: str, at: datetime) -> None:
    """Have the providers asked for a refund and for all that were asked for with it.

    One that cannot be asked for now, or whose answer cannot be booked now, keeps no other waiting:
    a job asks later. The money is promised already, so the caller has something to tell.
    """
    first = Refund.objects.get(number=number)
    numbers = Refund.objects.of_the_plan(first).not_asked().order_by("id")
    for each in list(numbers.values_list("number", flat=True)):
        try:
            execute_refund(number=each, at=at)
        except (DomainError, DatabaseError) as problem:
            log.warning("refund_waits", number=each, problem=str(problem))
