"""Giving money back as staff do it over the API."""

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from tests.accounts.people import PASSWORD
from tests.orders.ordering import act, staff

SHIPPING = {"shipping": "100.00", "reason": "price"}


def shirts(quantity=1, restock="cancel", **changes):
    """The body of a refund of shirts."""
    line = {"sku": "SHIRT", "quantity": quantity, "restock": restock}
    return {"lines": [line], "reason": "other", **changes}


def with_password(role=Role.SUPERVISOR):
    """Somebody on the staff who can say the password again."""
    caller = staff(role)
    person = User.objects.get(pk=caller.user.pk)
    person.set_password(PASSWORD)
    person.save()
    return caller


def preview(caller, number, body):
    return caller.send("POST", f"/staff/orders/{number}/refunds/preview", body)


def send(caller, number, body, *, plan_hash=None, key=None):
    """Ask for a refund as somebody who has just seen its plan; return the answer."""
    plan_hash = plan_hash or preview(caller, number, body).json()["plan_hash"]
    path = f"/staff/orders/{number}/refunds"
    return act(caller, path, {**body, "plan_hash": plan_hash}, key=key)


def refunded(caller, number, body):
    """The refunds that came of it, as the answer says."""
    answer = send(caller, number, body)
    assert answer.status_code == 201, answer.content
    return answer.json()["refunds"]


def step(caller, refund, name, body=None, *, key=None):
    return act(caller, f"/staff/refunds/{refund['number']}/{name}", body, key=key)


def approve(caller, refund, *, password=PASSWORD, key=None, **changes):
    body = {"version": refund["version"], "password": password, **changes}
    return step(caller, refund, "approve", body, key=key)


def outcome(answer):
    """The status, with the code of a refusal."""
    code = answer.json()["code"] if answer.status_code >= 400 else ""
    return f"{answer.status_code} {code}".strip()
