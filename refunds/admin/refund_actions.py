"""What can be done with a refund: the buttons of its page, each only when it is the next step."""

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

from django.http import HttpRequest

from mdv.accounts.forms import check_own_password
from mdv.accounts.models import User
from mdv.admin.actions import Action, Made
from mdv.admin.show import show_money
from mdv.kernel import clock
from refunds import services
from refunds.admin.refund_forms import (
    ApproveForm,
    BankReferenceForm,
    RejectForm,
    RetryForm,
    suggest_version,
)
from refunds.models import Refund
from refunds.states import IN_LIMBO, RefundMethod, RefundState
from shop.payments.states import Provider

RIGHT_TO_REQUEST = "refunds.request_refund"
RIGHT_TO_APPROVE = "refunds.approve_refund"
HEARD = {
    RefundState.PROCESSING: "its provider has it and is not done yet",
    RefundState.UNKNOWN: "nobody knows yet what its provider did; it is looked up by itself",
    RefundState.SUCCEEDED: "the money has gone back",
    RefundState.FAILED: "its provider refused",
}
BLOCKED = "it waits, since money of its payment was taken back: settle that exception first"
ASKED_SOON = "its provider is asked within a minute"
BY_HAND = "somebody pays it at the bank now, and records the bank's reference"


def person_of(request: HttpRequest) -> User:
    """Return who is logged in."""
    return cast("User", request.user)


def ask_providers(numbers: Iterable[str]) -> str:
    """Have providers give back what was agreed to, and say what came of it."""
    at = clock.now()
    done = [services.execute_refund(number=number, at=at) for number in numbers]
    return " ".join(say_what_became_of(refund) for refund in done)


def look_up_now(number: str) -> str:
    """Ask the provider what became of a refund, and say it."""
    return say_what_became_of(services.look_up_refund(number=number, at=clock.now()))


def say_what_became_of(refund: Refund) -> str:
    """Say in a sentence how far a refund is."""
    state = RefundState(refund.state)
    is_agreed = state == RefundState.APPROVED
    heard = _what_follows(refund) if is_agreed else HEARD.get(state, f"it is {state}")
    why = f" ({refund.failure})" if state == RefundState.FAILED else ""
    return f"{refund.number}: {heard}{why}."


def _what_follows(refund: Refund) -> str:
    """Say what comes next of a refund that is agreed to."""
    if services.was_taken_back([refund.payment_id]):
        return BLOCKED
    return BY_HAND if refund.method == RefundMethod.MANUAL else ASKED_SOON


def approve(request: HttpRequest, refund: Refund, filled: dict[str, Any]) -> Made:
    services.approve_refund(
        number=refund.number,
        version=filled["version"],
        answer=filled["answer"],
        user_id=person_of(request).pk,
        at=clock.now(),
    )
    return Made(text=f"{refund.number} is approved.", then=partial(ask_providers, [refund.number]))


def reject(request: HttpRequest, refund: Refund, filled: dict[str, Any]) -> str:
    services.reject_refund(
        number=refund.number, user_id=person_of(request).pk, **filled, at=clock.now()
    )
    return f"{refund.number} is rejected. Its money may be refunded otherwise."


def cancel(request: HttpRequest, refund: Refund, filled: dict[str, Any]) -> str:
    services.cancel_refund(number=refund.number, user_id=person_of(request).pk, at=clock.now())
    return f"{refund.number} is given up. Its money may be refunded otherwise."


def retry(request: HttpRequest, refund: Refund, filled: dict[str, Any]) -> Made:
    services.retry_refund(
        number=refund.number, user_id=person_of(request).pk, **filled, at=clock.now()
    )
    return Made(
        text=f"{refund.number} is tried again.", then=partial(ask_providers, [refund.number])
    )


def look_up(request: HttpRequest, refund: Refund, filled: dict[str, Any]) -> Made:
    return Made(then=partial(look_up_now, refund.number))


def record(request: HttpRequest, refund: Refund, filled: dict[str, Any]) -> str:
    services.record_manual_refund(
        number=refund.number, user_id=person_of(request).pk, **filled, at=clock.now()
    )
    return f"{refund.number} is booked as paid. Its credit note is issued."


def say_what_approving_does(refund: Refund) -> str:
    return (
        f"{_amount(refund)} goes back to the customer of {refund.order.number}{_way(refund)}. It "
        "counts against your own limits. The customer hears of it once the money has gone, and "
        "the credit note is issued then."
    )


def say_what_rejecting_does(refund: Refund) -> str:
    return (
        f"{_amount(refund)} stays, and may be refunded otherwise. Units that were cancelled with "
        "it stay cancelled. The customer is told nothing. This cannot be undone."
    )


def say_what_retrying_does(refund: Refund) -> str:
    why = f"It failed: {refund.failure} " if refund.failure else ""
    return (
        f"{why}{_amount(refund)} is promised again and counts against your limits today. The "
        "provider is asked anew; nothing went out the last time."
    )


def say_what_looking_up_does(refund: Refund) -> str:
    return (
        f"{Provider(refund.payment.provider).label} is asked what became of {_amount(refund)}. "
        "What it says is booked; if it says nothing, nothing changes."
    )


def say_what_recording_does(refund: Refund) -> str:
    return (
        f"Says that {_amount(refund)} has left the bank. The customer gets a mail, and the credit "
        "note is issued. This cannot be undone."
    )


def _amount(refund: Refund) -> str:
    return show_money(refund.amount, refund.currency)


def _way(refund: Refund) -> str:
    if refund.method == RefundMethod.MANUAL:
        return ", as soon as somebody has paid it at the bank"
    return f", by {Provider(refund.payment.provider).label}, which is asked at once"


def is_somebody_elses(person: User, refund: Refund) -> bool:
    return refund.requested_by_id != person.pk


def may_try_again(person: User, refund: Refund) -> bool:
    return not refund.approval_required or is_somebody_elses(person, refund)


REFUND_ACTIONS = (
    Action(
        name="approve",
        label="Approve",
        right=RIGHT_TO_APPROVE,
        form=ApproveForm,
        initial=suggest_version,
        check=check_own_password,
        run=approve,
        is_open=lambda refund: refund.state == RefundState.REQUESTED,
        is_for=is_somebody_elses,
        preview=say_what_approving_does,
    ),
    Action(
        name="look-up",
        label="Look up",
        right=RIGHT_TO_REQUEST,
        run=look_up,
        is_open=lambda refund: refund.state in IN_LIMBO,
        preview=say_what_looking_up_does,
    ),
    Action(
        name="record",
        label="Record the bank's reference",
        right=RIGHT_TO_REQUEST,
        form=BankReferenceForm,
        run=record,
        is_open=lambda refund: (
            refund.state == RefundState.APPROVED
            and refund.method == RefundMethod.MANUAL
            and refund.blocked_by is None
        ),
        preview=say_what_recording_does,
    ),
    Action(
        name="retry",
        label="Try again",
        right=RIGHT_TO_REQUEST,
        form=RetryForm,
        initial=suggest_version,
        run=retry,
        is_open=lambda refund: refund.state == RefundState.FAILED,
        is_for=may_try_again,
        preview=say_what_retrying_does,
    ),
    Action(
        name="reject",
        label="Reject",
        right=RIGHT_TO_APPROVE,
        form=RejectForm,
        run=reject,
        is_open=lambda refund: refund.state == RefundState.REQUESTED,
        preview=say_what_rejecting_does,
        is_dangerous=True,
    ),
    Action(
        name="cancel",
        label="Give up",
        right=RIGHT_TO_REQUEST,
        run=cancel,
        is_open=lambda refund: refund.state in {RefundState.REQUESTED, RefundState.APPROVED},
        preview=say_what_rejecting_does,
        is_dangerous=True,
    ),
)
