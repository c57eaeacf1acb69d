"""What a Checkout Session may be asked for (https://docs.stripe.com/api/checkout/sessions/create)."""

import re
import time
from collections.abc import Mapping

from mdv.ops.simulators.exchange import is_page
from mdv.ops.simulators.sale import Sale
from mdv.ops.simulators.stripe_words import refuse_unknown, refused

KNOWN = (
    "mode|client_reference_id|customer_email|success_url|cancel_url|expires_at",
    r"line_items\[0\]\[quantity\]",
    r"line_items\[0\]\[price_data\]\[(currency|unit_amount)\]",
    r"line_items\[0\]\[price_data\]\[product_data\]\[name\]",
    r"metadata\[[^\]]{1,40}\]",
    r"payment_intent_data\[metadata\]\[[^\]]{1,40}\]",
    r"expand\[\d+\]",
)
REQUIRED = (
    "mode",
    "success_url",
    "line_items[0][quantity]",
    "line_items[0][price_data][currency]",
    "line_items[0][price_data][unit_amount]",
    "line_items[0][price_data][product_data][name]",
)
MAX_REFERENCE = 200
MAX_AMOUNT = 99_999_999
SHORTEST_S = 30 * 60
LONGEST_S = 24 * 60 * 60
# A clock is never quite ours.
CLOCK_S = 60
CURRENCY = re.compile(r"[a-z]{3}")
THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
TEN = 10
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def new_sale(form: dict[str, str], *, number: int, page: str) -> Sale:
    """Read what is to be sold.

    Raises:
        Refused: by the rules.
    """
    refuse_unknown(form, KNOWN)
    for name in REQUIRED:
        if not form.get(name):
            raise refused(f"Missing required param: {name}.", code="parameter_missing", param=name)
    _check_addresses(form)
    price, currency = _price(form)
    now = int(time.time())
    return Sale(
        number=number,
        page=page,
        reference=form.get("client_reference_id", ""),
        amount=price,
        currency=currency.upper(),
        email=form.get("customer_email", ""),
        return_url=form["success_url"],
        cancel_url=form.get("cancel_url", ""),
        created=now,
        expires=_end(form, now),
        title=form["line_items[0][price_data][product_data][name]"],
        metadata=_metadata(form, "payment_intent_data[metadata]") or _metadata(form, "metadata"),
    )


def _check_addresses(form: Mapping[str, str]) -> None:
    if form["mode"] != "payment":
        raise refused("Only payments are simulated", param="mode")
    for name in ("success_url", "cancel_url"):
        if form.get(name) and not is_page(form[name]):
            raise refused("Not a valid URL", code="url_invalid", param=name)
    if form.get("customer_email") and not EMAIL.fullmatch(form["customer_email"]):
        raise refused("Invalid email address", code="email_invalid", param="customer_email")
    if len(form.get("client_reference_id", "")) > MAX_REFERENCE:
        raise refused("Too long", param="client_reference_id")


def _price(form: Mapping[str, str]) -> tuple[int, str]:
    name = "line_items[0][price_data][unit_amount]"
    quantity = form["line_items[0][quantity]"]
    currency = form["line_items[0][price_data][currency]"]
    if not re.fullmatch(r"[0-9]+", form[name]):
        raise refused(
            f"Invalid integer: {form[name]}", code="parameter_invalid_integer", param=name
        )
    price = int(form[name])
    if quantity != "1":
        raise refused("One line, one piece is what is simulated", param="line_items[0][quantity]")
    if not CURRENCY.fullmatch(currency):
        raise refused("Invalid currency", param="line_items[0][price_data][currency]")
    if not 0 < price <= MAX_AMOUNT:
        code = "amount_too_large" if price else "amount_too_small"
        raise refused("Amount out of range", code=code, param=name)
    if currency in THREE_DECIMALS and price % TEN:
        raise refused("The last digit must be 0", code="invalid_charge_amount", param=name)
    return price, currency


def _end(form: Mapping[str, str], now: int) -> int:
    if "expires_at" not in form:
        return now + LONGEST_S
    end = int(form["expires_at"]) if re.fullmatch(r"[0-9]{1,12}", form["expires_at"]) else 0
    if not now + SHORTEST_S - CLOCK_S <= end <= now + LONGEST_S + CLOCK_S:
        raise refused(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours away.",
            param="expires_at",
        )
    return end


def _metadata(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name[len(prefix) + 1 : -1]: value
        for name, value in form.items()
        if name.startswith(f"{prefix}[")
    }
