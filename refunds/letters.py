"""The mails that customers get: what became of a return, and of money sent back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Model

from mdv.jobs.app import job
from mdv.kernel.money import write_money
from mdv.mail import services as mail
from mdv.mail.quiet import is_quiet
from mdv.mail.writing import UnsafeMail
from mdv.store.services import store_settings
from refunds.mail_links import link_to_credit_note
from refunds.models import Refund, Return, ReturnLine, ReturnReceipt
from refunds.states import FROM_OUTSIDE, RefundMethod, ReturnState
from shop.orders.models import OrderLine

log = structlog.get_logger("mdv.refunds")


def tell_requested(returned: Return) -> None:
    """Have the customer told that their request has come in, by a job that writes the mail."""
    if not is_quiet():
        write_requested.defer(return_id=returned.pk)


def tell_approved(returned: Return) -> None:
    """Have the customer told what they may send back, where to, and until when."""
    if not is_quiet():
        write_approved.defer(return_id=returned.pk)


def tell_rejected(returned: Return) -> None:
    """Have the customer told why not."""
    if not is_quiet():
        write_rejected.defer(return_id=returned.pk)


def tell_received(receipts: Sequence[ReturnReceipt]) -> None:
    """Have the customer told what has come; a receipt in parts is a mail for each."""
    if not is_quiet():
        write_received.defer(receipt_id=receipts[0].pk)


def tell_cancelled(returned: Return) -> None:
    """Have the customer told that staff gave their return up."""
    if not is_quiet():
        write_cancelled.defer(return_id=returned.pk)


def tell_expired(returned: Return) -> None:
    """Have the customer told that nothing came in time."""
    if not is_quiet():
        write_expired.defer(return_id=returned.pk)


def tell_succeeded(refund: Refund) -> None:
    """Have the customer told that money is on its way to them; not of what they took themselves."""
    if not is_quiet() and refund.source not in FROM_OUTSIDE:
        write_succeeded.defer(refund_id=refund.pk)


@job("refunds.mail_requested")
@transaction.atomic
def write_requested(*, return_id: int) -> None:
    """Write the mail about a request, unless that was done."""
    returned = _locked(return_id)
    _send("return_requested", returned, about=returned, lines=_lines(returned, _requested))


@job("refunds.mail_approved")
@transaction.atomic
def write_approved(*, return_id: int) -> None:
    """Write the mail about an approval, unless that was done or it does not hold any more."""
    returned = _locked(return_id)
    if returned.state != ReturnState.APPROVED:
        return
    store = store_settings()
    content = {"address": store.address, "legal_name": store.legal_name}
    lines = _lines(returned, _approved)
    _send("return_approved", returned, about=returned, lines=lines, **content)


@job("refunds.mail_rejected")
@transaction.atomic
def write_rejected(*, return_id: int) -> None:
    """Write the mail about a rejection, unless that was done."""
    returned = _locked(return_id)
    _send("return_rejected", returned, about=returned, lines=_lines(returned, _requested))


@job("refunds.mail_received")
@transaction.atomic
def write_received(*, receipt_id: int) -> None:
    """Write the mail about what came together with a receipt, unless that was done."""
    first = ReturnReceipt.objects.select_related("line").get(pk=receipt_id)
    returned = _locked(first.line.of_return_id)
    came = ReturnReceipt.objects.filter(
        line__of_return=returned, seen_version=first.seen_version
    ).select_related("line__order_line")
    units: dict[OrderLine, int] = {}
    for receipt in came.order_by("line__order_line__position", "id"):
        line = receipt.line.order_line
        units[line] = units.get(line, 0) + receipt.quantity
    lines = [_say(line, quantity) for line, quantity in units.items()]
    _send("return_received", returned, about=first, lines=lines)


@job("refunds.mail_cancelled")
@transaction.atomic
def write_cancelled(*, return_id: int) -> None:
    """Write the mail about a return that staff cancelled, unless that was done."""
    returned = _locked(return_id)
    units = _requested if returned.decided_at is None else _approved
    _send("return_cancelled", returned, about=returned, lines=_lines(returned, units))


@job("refunds.mail_expired")
@transaction.atomic
def write_expired(*, return_id: int) -> None:
    """Write the mail about a return of which nothing came in time, unless that was done."""
    returned = _locked(return_id)
    _send("return_expired", returned, about=returned, lines=_lines(returned, _approved))


@job("refunds.mail_succeeded")
@transaction.atomic
def write_succeeded(*, refund_id: int) -> None:
    """Write the mail about money that went back, unless that was done."""
    rows = Refund.objects.select_related("order", "credit_note").select_for_update(of=("self",))
    refund = rows.get(pk=refund_id)
    if mail.was_written(kind="refund_succeeded", about=refund):
        return
    inside = refund.lines.select_related("order_line").filter(quantity__gt=0)
    lines = inside.order_by("order_line__position", "id")
    context = {
        "order": refund.order,
        "refund": refund,
        "amount": write_money(refund.amount, refund.currency),
        "is_by_bank": refund.method == RefundMethod.MANUAL,
        "lines": [_say(line.order_line, line.quantity) for line in lines],
        "credit_note": refund.credit_note.number,
        "credit_note_link": link_to_credit_note(refund.credit_note),
    }
    try:
        mail.send_mail(
            kind="refund_succeeded", to=refund.order.email, context=context, about=refund
        )
    except UnsafeMail:
        # The money has gone whatever somebody's address looks like.
        log.warning("mail_not_written", kind="refund_succeeded", number=refund.number)


def _locked(return_id: int) -> Return:
    rows = Return.objects.select_related("order").select_for_update(of=("self",))
    return rows.get(pk=return_id)


def _requested(line: ReturnLine) -> int:
    return line.requested


def _approved(line: ReturnLine) -> int:
    return line.approved


def _lines(returned: Return, units: Callable[[ReturnLine], int]) -> list[str]:
    rows = returned.lines.select_related("order_line").order_by("order_line__position", "id")
    return [_say(line.order_line, units(line)) for line in rows if units(line)]


def _send(
    kind: str, returned: Return, *, about: Model, lines: Sequence[str], **content: Any
) -> None:
    if mail.was_written(kind=kind, about=about):
        return
    context: Mapping[str, Any] = {
        "order": returned.order,
        "returned": returned,
        "lines": lines,
        **content,
    }
    try:
        mail.send_mail(kind=kind, to=returned.order.email, context=context, about=about)
    except UnsafeMail:
        # The return goes its way whatever somebody's address looks like.
        log.warning("mail_not_written", kind=kind, number=returned.number)


def _say(line: OrderLine, units: int) -> str:
    options = f" ({' / '.join(line.options)})" if line.options else ""
    return f"{units} × {line.title}{options}"
