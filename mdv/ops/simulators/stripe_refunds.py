"""Stripe: refunds (https://docs.stripe.com/api/refunds/create)."""

import re
import time
from typing import Any

from mdv.ops.simulators.sale import Sale
from mdv.ops.simulators.stripe_words import intent_id, refuse_unknown, refused

KNOWN = ("payment_intent|amount|reason", r"metadata\[[^\]]{1,40}\]", r"expand\[\d+\]")
REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})


def new_refund(sale: Sale, form: dict[str, str], *, number: int) -> dict[str, Any]:
    """Give back all that is left, or the amount that is named, never more than is left.

    Raises:
        Refused: by the rules.
    """
    refuse_unknown(form, KNOWN)
    if sale.status != "paid":
        raise refused("This PaymentIntent does not have a successful charge to refund.")
    if not sale.left:
        raise refused("Charge has already been refunded.", code="charge_already_refunded")
    if form.get("reason") and form["reason"] not in REASONS:
        raise refused("Invalid reason", param="reason")
    amount = _amount(form, sale)
    found = {
        "id": f"re_{number:024d}",
        "object": "refund",
        "amount": amount,
        "charge": f"ch_{sale.number:024d}",
        "created": int(time.time()),
        "currency": sale.currency.lower(),
        "metadata": {name[9:-1]: value for name, value in form.items() if name[:9] == "metadata["},
        "payment_intent": intent_id(sale),
        "reason": form.get("reason"),
        "status": "succeeded",
    }
    sale.refunds.append(found)
    return found


def _amount(form: dict[str, str], sale: Sale) -> int:
    if "amount" not in form:
        return sale.left
    if not re.fullmatch(r"[0-9]{1,12}", form["amount"]) or not int(form["amount"]):
        raise refused("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if int(form["amount"]) > sale.left:
        raise refused(
            f"Refund amount ({form['amount']}) is greater than unrefunded amount on charge "
            f"({sale.left})",
            param="amount",
        )
    return int(form["amount"])
