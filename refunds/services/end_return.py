"""A return ends: all that comes has come, it was given up, or nothing came in time."""

from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from mdv.kernel.errors import DomainError, NotFound
from refunds.events import CANCELLED, CLOSED, EXPIRED, emit_ended
from refunds.letters import tell_cancelled, tell_expired
from refunds.models import Return
from refunds.services.lock_return import lock_return
from refunds.states import RETURN, ReturnState

EXPIRED_AT_A_TIME = 100

log = structlog.get_logger("mdv.refunds")


@transaction.atomic
def close_return(*, number: str, at: datetime) -> Return:
    """Wait for nothing more of a return. What did not come may be asked for again. Closed: no-op.

    Raises:
        NotFound: there is no such return.
        InvalidTransition: 409, nothing has come yet, or it has ended.
    """
    return _end(lock_return(number), ReturnState.CLOSED, CLOSED, at)


@transaction.atomic
def cancel_return(*, number: str, at: datetime, order: str = "") -> Return:
    """Give up a return of which nothing has come. Cancelled already: no-op.

    With `order`, the number of the only order whose return it may be: its customer gives it up.
    Without, staff do, and the customer gets a mail.

    Raises:
        NotFound: there is no such return, or it is another order's.
        InvalidTransition: 409.
    """
    returned = lock_return(number)
    if order and returned.order.number != order:
        raise NotFound
    is_news = not order and returned.state != ReturnState.CANCELLED
    _end(returned, ReturnState.CANCELLED, CANCELLED, at)
    if is_news:
        tell_cancelled(returned)
    return returned


def expire_returns(*, at: datetime) -> int:
    """End returns that were approved and did not come in time; return how many they were.

    Each in a transaction of its own. One that cannot be ended does not keep the others.
    """
    overdue = Return.objects.overdue(at).order_by("expires_at", "id")
    numbers = list(overdue.values_list("number", flat=True)[:EXPIRED_AT_A_TIME])
    return sum(_expire(number, at) for number in numbers)


def _expire(number: str, at: datetime) -> bool:
    try:
        with transaction.atomic():
            returned = lock_return(number)
            if not Return.objects.overdue(at).filter(pk=returned.pk).exists():
                return False  # it came, or was cancelled, in the meantime
            _end(returned, ReturnState.EXPIRED, EXPIRED, at)
            tell_expired(returned)
    except (DomainError, DatabaseError) as problem:
        log.warning("return_not_expired", number=number, problem=str(problem))
        return False
    return True


def _end(returned: Return, state: ReturnState, kind: str, at: datetime) -> Return:
    if returned.state == state:
        return returned
    RETURN.check(ReturnState(returned.state), state)
    returned.state = state
    returned.ended_at = at
    returned.version += 1
    returned.save(update_fields=["state", "ended_at", "version"])
    emit_ended(kind, returned)
    return returned
