"""Agreeing to take goods back, or not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from refunds.events import REJECTED, emit_approved, emit_ended
from refunds.letters import tell_approved, tell_rejected
from refunds.models import Return, ReturnLine
from refunds.services.lock_return import lines_of, lock_return, who_acts
from refunds.services.request_return import Wanted
from refunds.states import RETURN, ReturnState

# Goods are waited for so long after the shop agreed to take them.
APPROVAL_LASTS = timedelta(days=30)


class AlreadyApproved(Conflict):
    code = "already_approved"
    detail = "This return is approved, with other quantities."


@transaction.atomic
def approve_return(
    *, number: str, at: datetime, lines: Sequence[Wanted] | None = None, answer: str = ""
) -> Return:
    """Agree to take a return back: all of it or, with `lines`, so much of each of its lines.

    Approved already with the same quantities: no-op.

    Raises:
        NotFound: there is no such return.
        Invalid: a line is left out, named twice or not in it, it is too much, or nothing at all.
        AlreadyApproved, InvalidTransition: 409.
    """
    returned = lock_return(number)
    inside = lines_of(returned)
    approved = _approved(inside, lines)
    if returned.state == ReturnState.APPROVED:
        if [line.approved for line in inside] != approved:
            raise AlreadyApproved
        return returned
    RETURN.check(ReturnState(returned.state), ReturnState.APPROVED)
    for line, units in zip(inside, approved, strict=True):
        line.approved = units
    ReturnLine.objects.bulk_update(inside, ["approved"])
    returned.state = ReturnState.APPROVED
    returned.expires_at = at + APPROVAL_LASTS
    _decide(returned, answer, at)
    returned.save(
        update_fields=["state", "expires_at", "answer", "decided_at", "decided_by", "version"]
    )
    emit_approved(returned, inside)
    tell_approved(returned)
    return returned


@transaction.atomic
def reject_return(*, number: str, answer: str, at: datetime) -> Return:
    """Refuse to take a return back, and say why. Rejected already: no-op.

    Raises:
        NotFound: there is no such return.
        Invalid: `answer` is empty: the customer is told why.
        InvalidTransition: 409.
    """
    if not answer.strip():
        message = "Say why: the customer is told."
        raise Invalid(problems=[FieldProblem("answer", "required", message)])
    returned = lock_return(number)
    if returned.state == ReturnState.REJECTED:
        return returned
    RETURN.check(ReturnState(returned.state), ReturnState.REJECTED)
    returned.state = ReturnState.REJECTED
    returned.ended_at = at
    _decide(returned, answer, at)
    returned.save(
        update_fields=["state", "ended_at", "answer", "decided_at", "decided_by", "version"]
    )
    emit_ended(REJECTED, returned)
    tell_rejected(returned)
    return returned


def _decide(returned: Return, answer: str, at: datetime) -> None:
    returned.answer = answer
    returned.decided_at = at
    returned.decided_by_id = who_acts()
    returned.version += 1


def _approved(inside: Sequence[ReturnLine], lines: Sequence[Wanted] | None) -> list[int]:
    """Return how many units of each line are agreed to.

    Raises:
        Invalid: see `approve_return`.
    """
    if lines is None:
        return [line.requested for line in inside]
    requested = {line.order_line.sku: line.requested for line in inside}
    problems = _problems_of_lines(requested, lines)
    agreed = {line.sku: line.quantity for line in lines}
    missing = ", ".join(sku for sku in requested if sku not in agreed)
    if missing and not problems:
        message = f"Say how many of {missing}, 0 if none."
        problems.append(FieldProblem("lines", "incomplete", message))
    if not problems and not any(agreed.values()):
        message = "Of nothing at all? Reject it instead."
        problems.append(FieldProblem("lines", "nothing_approved", message))
    if problems:
        raise Invalid(problems=problems)
    return [agreed[line.order_line.sku] for line in inside]


def _problems_of_lines(requested: Mapping[str, int], lines: Sequence[Wanted]) -> list[FieldProblem]:
    problems = []
    seen: set[str] = set()
    for place, line in enumerate(lines):
        if line.sku not in requested:
            message = "This is not in the return."
            problems.append(FieldProblem(f"lines.{place}.sku", "not_in_return", message))
        elif line.sku in seen:
            message = "This is named twice."
            problems.append(FieldProblem(f"lines.{place}.sku", "repeated", message))
        elif not 0 <= line.quantity <= requested[line.sku]:
            message = f"From 0 to {requested[line.sku]}: that many were asked for."
            problems.append(FieldProblem(f"lines.{place}.quantity", "max_value", message))
        seen.add(line.sku)
    return problems
