"""Paystack: transactions (https://paystack.com/docs/api/transaction)."""

import hashlib
import hmac
import itertools
import json
import re
import secrets
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlencode

from mdv.ops.simulators import pages
from mdv.ops.simulators.exchange import (
    Answer,
    Refused,
    Request,
    as_json,
    as_redirect,
    is_page,
)
from mdv.ops.simulators.paystack_refunds import Refunds
from mdv.ops.simulators.paystack_words import domain_of, refused, transaction_out
from mdv.ops.simulators.post import Post
from mdv.ops.simulators.sale import Sale

FIRST_NUMBER = 4_099_260_516
CURRENCIES = frozenset({"EGP", "GHS", "KES", "NGN", "RWF", "USD", "XOF", "ZAR"})
# https://paystack.com/docs/api/errors: only - . = and letters and digits
REFERENCE = re.compile(r"[A-Za-z0-9.=-]{1,100}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
KNOWN = frozenset(
    {"amount", "email", "currency", "reference", "callback_url", "metadata", "channels"}
)


class Paystack:
    prefix = "/paystack"

    def __init__(self, *, base_url: str, secret_key: str, post: Post) -> None:
        self.base_url = base_url + self.prefix
        self.secret_key = secret_key
        self.post = post
        self.lock = threading.RLock()
        self.numbers = itertools.count(FIRST_NUMBER)
        self.sales: dict[str, Sale] = {}
        self.refunds = Refunds(
            sales=self.sales,
            domain=domain_of(secret_key),
            next_number=lambda: next(self.numbers),
            notify=self.notify,
        )

    def answer(self, request: Request) -> Answer:
        """Answer a call of the interface."""
        if request.bearer != self.secret_key:
            raise refused("Invalid key", "invalid_key", HTTPStatus.UNAUTHORIZED)
        with self.lock:
            match request.method, request.path.split("/")[1:]:
                case "POST", ["transaction", "initialize"]:
                    return self._initialize(_read(request))
                case "GET", ["transaction", "verify", reference]:
                    return self._verify(unquote(reference))
                case "POST", ["refund"]:
                    return self.refunds.create(_read(request), course=self.post.panel.now.refunds)
                case "GET", ["refund"]:
                    return self.refunds.list(dict(request.query))
                case "GET", ["refund", number]:
                    return self.refunds.fetch(number)
        raise refused("Route not found", "not_found", HTTPStatus.NOT_FOUND)

    def pay_page(self, request: Request, page: str) -> Answer:
        """Show the payer's page, or do what the payer chose."""
        with self.lock:
            sale = next((sale for sale in self.sales.values() if sale.page == page), None)
            if sale is None or not sale.can_be_paid:
                return pages.closed_page("Paystack", HTTPStatus.NOT_FOUND)
            if request.method != "POST":
                return pages.payer_page("Paystack", sale, {})
            return self._choose(sale, dict(request.form).get("action", ""))

    def expire(self, reference: str) -> bool:
        """Let the time for a payment run out. Paystack then says that it failed."""
        with self.lock:
            sale = self.sales.get(reference)
            if sale is None or not sale.can_be_paid:
                return False
            sale.status = "failed"
            return True

    def refund_by_hand(self, reference: str, amount: int) -> str:
        """Give money back as somebody does on Paystack's own pages; return the number."""
        with self.lock:
            return self.refunds.by_hand(reference, amount)

    def charge_back(self, reference: str, amount: int) -> str:
        """Lose a dispute; return its number."""
        with self.lock:
            return self.refunds.charge_back(reference, amount)

    def move_refund(self, number: str, status: str) -> None:
        """Let a refund go on."""
        with self.lock:
            self.refunds.move(number, status)

    def notify(self, event: str, data: Mapping[str, Any]) -> None:
        """Send a notice."""
        body = json.dumps({"event": event, "data": data}).encode()
        self.post.send(body, self._sign)

    def _sign(self, body: bytes) -> dict[str, str]:
        signature = hmac.new(self.secret_key.encode(), body, hashlib.sha512).hexdigest()
        return {"x-paystack-signature": signature}

    def _initialize(self, wanted: Mapping[str, Any]) -> Answer:
        reference = wanted.get("reference") or secrets.token_hex(5)
        currency = wanted.get("currency") or "NGN"
        _check(wanted, reference, currency)
        if reference in self.sales:
            raise refused("Duplicate Transaction Reference", "duplicate_reference")
        sale = self.sales[reference] = Sale(
            number=next(self.numbers),
            page=secrets.token_hex(8),
            reference=reference,
            amount=int(wanted["amount"]),
            currency=currency,
            email=wanted["email"],
            return_url=wanted.get("callback_url") or "",
            cancel_url=wanted.get("callback_url") or "",
            created=int(time.time()),
            title=reference,
            metadata=wanted.get("metadata") or {},
        )
        opened = {
            "authorization_url": f"{self.base_url}/pay/{sale.page}",
            "access_code": sale.page,
            "reference": reference,
        }
        return as_json({"status": True, "message": "Authorization URL created", "data": opened})

    def _verify(self, reference: str) -> Answer:
        sale = self.sales.get(reference)
        if sale is None:
            raise refused("Transaction reference not found.", "transaction_not_found")
        data = transaction_out(sale, self.secret_key)
        return as_json({"status": True, "message": "Verification successful", "data": data})

    def _choose(self, sale: Sale, action: str) -> Answer:
        if action == "decline" or (action.startswith("pay") and self.post.panel.now.declines):
            sale.status = "declined"
            return pages.payer_page("Paystack", sale, {})
        if action in {"pay", "pay_short", "pay_over", "pay_other_currency"}:
            sale.pay(action)
            self.notify("charge.success", transaction_out(sale, self.secret_key))
        elif action != "leave":
            return pages.closed_page("Paystack", HTTPStatus.BAD_REQUEST)
        if not sale.return_url:
            return pages.closed_page("Paystack", HTTPStatus.OK)
        names = urlencode({"trxref": sale.reference, "reference": sale.reference})
        glue = "&" if "?" in sale.return_url else "?"
        return as_redirect(sale.return_url + glue + names)


def _read(request: Request) -> dict[str, Any]:
    try:
        wanted = json.loads(request.body)
    except ValueError:
        wanted = None
    if not isinstance(wanted, dict):
        raise Refused(as_json({"status": False, "message": "Invalid JSON"}, 400))
    return wanted


def _check(wanted: Mapping[str, Any], reference: Any, currency: Any) -> None:
    amount = wanted.get("amount")
    is_number = isinstance(amount, str | int) and not isinstance(amount, bool)
    if not is_number or not re.fullmatch(r"[1-9][0-9]*", str(amount), re.ASCII):
        raise refused("Invalid Amount Sent", "invalid_params")
    if not isinstance(wanted.get("email"), str) or not EMAIL.fullmatch(wanted["email"]):
        raise refused("Invalid Email Address Passed", "invalid_email_address")
    if not isinstance(reference, str) or not REFERENCE.fullmatch(reference):
        raise refused("Invalid transaction reference", "invalid_params")
    if currency not in CURRENCIES:
        raise refused("Currency not supported by merchant", "unsupported_currency", 403)
    if wanted.get("callback_url") and not is_page(wanted["callback_url"]):
        raise refused("Invalid callback URL", "invalid_params")
    unknown = wanted.keys() - KNOWN
    if unknown:  # Paystack takes no notice; here it is a mistake of the shop's
        raise refused(f"Unknown parameter {min(unknown)}", "invalid_params")
