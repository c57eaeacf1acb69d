"""What can be done with a return: the buttons of its page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from mdv.admin.actions import Action
from mdv.kernel import clock
from refunds import services
from refunds.admin.forms import (
    ApproveForm,
    AskForm,
    PerLineForm,
    ReceiveForm,
    RejectForm,
    write_skus,
)
from refunds.models import Return
from refunds.services.lock_return import lines_of
from refunds.states import RETURN, ReturnReason, ReturnSource, ReturnState

RIGHT_TO_ASK = "refunds.add_return"
RIGHT_TO_DECIDE = "refunds.decide_return"
RIGHT_TO_RECEIVE = "refunds.receive_return"
DAYS = services.APPROVAL_LASTS.days


def ask(request: HttpRequest, _: None, filled: dict[str, Any]) -> str:
    returned = services.request_return(
        number=filled["number"].strip().upper(),
        lines=[services.Wanted(sku=line.sku, quantity=line.quantity) for line in filled["lines"]],
        reason=ReturnReason(filled["reason"]),
        source=ReturnSource.STAFF,
        note=filled["note"],
        at=clock.now(),
    )
    return f"Return {returned.number} waits for a decision."


def approve(request: HttpRequest, returned: Return, filled: dict[str, Any]) -> str:
    services.approve_return(
        number=returned.number, lines=filled["lines"], answer=filled["answer"], at=clock.now()
    )
    return f"{returned.number} is approved. The customer is told where to send it."


def reject(request: HttpRequest, returned: Return, filled: dict[str, Any]) -> str:
    services.reject_return(number=returned.number, **filled, at=clock.now())
    return f"{returned.number} is rejected. The customer is told why."


def receive(request: HttpRequest, returned: Return, filled: dict[str, Any]) -> str:
    services.receive_return(
        number=returned.number,
        version=filled["version"],
        received=filled["received"],
        at=clock.now(),
    )
    units = sum(one.quantity for one in filled["received"])
    shelved = sum(one.quantity for one in filled["received"] if one.restock)
    return f"{returned.number}: {units} came, {shelved} back on the shelf."


def close(request: HttpRequest, returned: Return, filled: dict[str, Any]) -> str:
    services.close_return(number=returned.number, at=clock.now())
    return f"{returned.number} is closed."


def cancel(request: HttpRequest, returned: Return, filled: dict[str, Any]) -> str:
    services.cancel_return(number=returned.number, at=clock.now())
    return f"{returned.number} is cancelled."


def may_become(state: ReturnState) -> Callable[[Return], bool]:
    """Return the question whether a return's next step may lead to `state`."""
    return lambda returned: state in RETURN.next_states(ReturnState(returned.state))


def naming_articles(form: type[PerLineForm]) -> Callable[[Return], type[PerLineForm]]:
    """Return what makes a form say of each article of a return what it is."""

    def form_of(returned: Return) -> type[PerLineForm]:
        titles = {line.order_line.sku: line.order_line.title for line in lines_of(returned)}
        return type(form.__name__, (form,), {"titles": titles})

    return form_of


def is_awaited(returned: Return) -> bool:
    """Return whether any unit of it may still come."""
    is_open = returned.state in {ReturnState.APPROVED, ReturnState.RECEIVING}
    return is_open and any(line.awaited for line in lines_of(returned))


def suggest_approval(returned: Return) -> dict[str, Any]:
    """Suggest to take back all that was asked for."""
    lines = lines_of(returned)
    skus = write_skus([line.order_line.sku for line in lines])
    return {
        "skus": skus,
        **{f"units_{place}": line.requested for place, line in enumerate(lines)},
    }


def suggest_receipt(returned: Return) -> dict[str, Any]:
    """Name what is waited for. How it came is looked at, so no number is suggested."""
    awaited = [line.order_line.sku for line in lines_of(returned) if line.awaited]
    return {"skus": write_skus(awaited), "version": returned.version}


def awaited_units(returned: Return) -> str:
    """Name what may still come, nothing if all has."""
    return ", ".join(
        f"{line.awaited} × {line.order_line.sku} {line.order_line.title}"
        for line in lines_of(returned)
        if line.awaited
    )


def say_what_is_awaited(returned: Return) -> str:
    awaited = awaited_units(returned) or "nothing more"
    return f"Waited for: {awaited}. The customer gets a mail about what came."


def say_what_closing_does(returned: Return) -> str:
    missing = awaited_units(returned)
    given_up = f"Not waited for any more: {missing}." if missing else "All has come."
    return f"{given_up} This cannot be undone."


ASK = Action(
    name="add",
    label="Enter a return",
    right=RIGHT_TO_ASK,
    form=AskForm,
    run=ask,
    preview="For a customer who asked by phone or mail, also after the time for returns.",
)
RETURN_ACTIONS = (
    Action(
        name="approve",
        label="Approve",
        right=RIGHT_TO_DECIDE,
        form_for=naming_articles(ApproveForm),
        initial=suggest_approval,
        run=approve,
        is_open=may_become(ReturnState.APPROVED),
        preview=f"The customer gets a mail and has {DAYS} days to send it.",
    ),
    Action(
        name="reject",
        label="Reject",
        right=RIGHT_TO_DECIDE,
        form=RejectForm,
        run=reject,
        is_open=may_become(ReturnState.REJECTED),
        preview="The customer gets a mail with your reason. This cannot be undone.",
        is_dangerous=True,
    ),
    Action(
        name="receive",
        label="Receive",
        right=RIGHT_TO_RECEIVE,
        form_for=naming_articles(ReceiveForm),
        initial=suggest_receipt,
        run=receive,
        is_open=is_awaited,
        preview=say_what_is_awaited,
    ),
    Action(
        name="close",
        label="Close return",
        right=RIGHT_TO_RECEIVE,
        run=close,
        is_open=may_become(ReturnState.CLOSED),
        preview=say_what_closing_does,
    ),
    Action(
        name="cancel",
        label="Cancel return",
        right=RIGHT_TO_DECIDE,
        run=cancel,
        is_open=may_become(ReturnState.CANCELLED),
        preview="The customer gets a mail, keeps the goods, and may ask again.",
        is_dangerous=True,
    ),
)
