"""The same step for many parcels at once: each by itself, with an outcome of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import psycopg
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import TextChoices

from mdv.kernel.errors import DomainError, NotFound
from shop.fulfilment.models import Shipment
from shop.fulfilment.services.deliver_shipment import deliver_shipment
from shop.fulfilment.services.dispatch_shipment import dispatch_shipment
from shop.fulfilment.services.lock_shipment import lock_shipment
from shop.fulfilment.services.move_shipment import cancel_shipment, mark_in_transit, mark_ready
from shop.fulfilment.services.pack_shipment import create_shipment
from shop.fulfilment.services.return_to_sender import return_to_sender

MAX_ROWS = 100
BUSY = "Somebody is working on this order. Try again in a moment."


class BulkStep(TextChoices):
    PACK = "pack"
    READY = "ready"
    DISPATCH = "dispatch"
    IN_TRANSIT = "in_transit"
    DELIVER = "deliver"
    RETURNED = "returned"
    CANCEL = "cancel"


class Outcome(StrEnum):
    DONE = "done"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class BulkRow:
    """One parcel by its number; an order by its number where it is to be packed."""

    number: str
    carrier: str = ""
    tracking: str = ""
    restock: bool = False


@dataclass(frozen=True, kw_only=True)
class RowOutcome:
    """What became of a row, or would. ``code`` and ``detail`` say why it was refused."""

    number: str
    outcome: Outcome
    shipment: str = ""
    state: str = ""
    code: str = ""
    detail: str = ""


Step = Callable[[BulkRow, datetime], Shipment]

STEPS: dict[BulkStep, Step] = {
    BulkStep.PACK: lambda row, at: create_shipment(number=row.number, at=at),
    BulkStep.READY: lambda row, at: mark_ready(number=row.number, at=at),
    BulkStep.DISPATCH: lambda row, at: dispatch_shipment(
        number=row.number, carrier=row.carrier, tracking=row.tracking, at=at
    ),
    BulkStep.IN_TRANSIT: lambda row, at: mark_in_transit(number=row.number, at=at),
    BulkStep.DELIVER: lambda row, at: deliver_shipment(number=row.number, at=at),
    BulkStep.RETURNED: lambda row, at: return_to_sender(
        number=row.number, restock=None if row.restock else (), at=at
    ),
    BulkStep.CANCEL: lambda row, at: cancel_shipment(number=row.number, at=at),
}


def bulk_change(
    *, step: BulkStep, rows: Sequence[BulkRow], at: datetime, preview: bool = False
) -> list[RowOutcome]:
    """Take the step for every row, each in a transaction of its own, and say what became of each.

    With `preview` everything is tried, COMMIT's checks included, and taken back.
    Called outside of transactions.
    """
    return [_take(step, row, at, preview=preview) for row in rows]


def _take(step: BulkStep, row: BulkRow, at: datetime, *, preview: bool) -> RowOutcome:
    try:
        with transaction.atomic(durable=True):
            found = _run(step, row, at)
            if preview:
                _check_as_commit_does()
                transaction.set_rollback(True)
    except NotFound:
        what = "order" if step == BulkStep.PACK else "parcel"
        return _refused(row, NotFound.code, f"There is no such {what}.")
    except DomainError as problem:
        told = [one.message for one in problem.problems]
        return _refused(row, problem.code, " ".join([problem.message, *told]))
    except IntegrityError as problem:
        cause = problem.__cause__
        name = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
        if not name:
            raise
        return _refused(row, name, f"The rule is: {name.replace('_', ' ')}.")
    except DatabaseError as problem:
        if not isinstance(problem.__cause__, psycopg.errors.LockNotAvailable):
            raise
        return _refused(row, "try_again", BUSY)
    return found


def _run(step: BulkStep, row: BulkRow, at: datetime) -> RowOutcome:
    version = 0 if step == BulkStep.PACK else lock_shipment(row.number).version
    shipment = STEPS[step](row, at)
    is_changed = shipment.version != version
    return RowOutcome(
        number=row.number,
        outcome=Outcome.DONE if is_changed else Outcome.UNCHANGED,
        shipment=shipment.number,
        state=shipment.state,
    )


def _check_as_commit_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _refused(row: BulkRow, code: str, detail: str) -> RowOutcome:
    return RowOutcome(number=row.number, outcome=Outcome.REFUSED, code=code, detail=detail)
