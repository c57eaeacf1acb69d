"""Stripe: Checkout Sessions, PaymentIntents, refunds and their notices."""

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

from mdv.ops.simulators import pages
from mdv.ops.simulators.exchange import Answer, Request, as_json, as_redirect
from mdv.ops.simulators.post import Post
from mdv.ops.simulators.sale import Sale
from mdv.ops.simulators.stripe_keys import IdempotencyKeys
from mdv.ops.simulators.stripe_refunds import Refunds
from mdv.ops.simulators.stripe_sessions import new_sale
from mdv.ops.simulators.stripe_words import (
    INTENTS,
    as_list,
    intent_id,
    intent_out,
    missing,
    read_form,
    refused,
    session_id,
    session_out,
)

VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
# The one search that is simulated; a quote within is written \'.
SEARCH = re.compile(r"metadata\['(\w+)'\]:'((?:[^'\\]|\\.)*)'")
LATER = {"pay_later": "Pay later (a bank debit)", "fail_later": "Pay later, and it fails"}


class Stripe:
    prefix = "/stripe"

    def __init__(self, *, base_url: str, secret_key: str, webhook_secret: str, post: Post) -> None:
        self.base_url = base_url + self.prefix
        self.secret_key = secret_key
        self.webhook_secret = webhook_secret
        self.is_live = "_live_" in secret_key
        self.post = post
        self.lock = threading.RLock()
        self.numbers = itertools.count(int(time.time()))
        self.keys = IdempotencyKeys()
        self.sales: list[Sale] = []
        self.refunds = Refunds(
            sales=self.sales,
            is_live=self.is_live,
            next_number=lambda: next(self.numbers),
            notify=self.notify,
        )

    def answer(self, request: Request) -> Answer:
        """Answer a call of the interface."""
        if request.bearer != self.secret_key:
            raise refused("Invalid API Key provided", status=HTTPStatus.UNAUTHORIZED)
        if not VERSION.fullmatch(request.headers.get("stripe-version", "")):
            raise refused("Invalid Stripe API version: the caller pins none")
        if request.method == "POST":
            return self.keys.once(request, lambda: self._change(request))
        with self.lock:
            return self._tell(request)

    def pay_page(self, request: Request, page: str) -> Answer:
        """Show the payer's page, or do what the payer chose."""
        with self.lock:
            sale = next((sale for sale in self.sales if sale.page == page), None)
            if sale is None or not sale.can_be_paid or sale.expires < time.time():
                return pages.closed_page("Stripe", HTTPStatus.NOT_FOUND)
            if request.method != "POST":
                return pages.payer_page("Stripe", sale, LATER)
            return self._choose(sale, dict(request.form).get("action", ""))

    def expire(self, reference: str) -> bool:
        """Let the time for a payment run out."""
        with self.lock:
            sale = next((sale for sale in self.sales if sale.reference == reference), None)
            if sale is None or not sale.can_be_paid:
                return False
            sale.status = "expired"
            self._notify_session("expired", sale)
            return True

    def refund_by_hand(self, reference: str, amount: int) -> str:
        """Give money back as somebody does on Stripe's own pages; return the number."""
        with self.lock:
            return self.refunds.by_hand(reference, amount)

    def charge_back(self, reference: str, amount: int) -> str:
        """Let a dispute take money; return its number."""
        with self.lock:
            return self.refunds.charge_back(reference, amount)

    def move_refund(self, number: str, status: str) -> None:
        """Let a refund go on."""
        with self.lock:
            self.refunds.move(number, status)

    def notify(self, kind: str, thing: Mapping[str, Any]) -> None:
        """Send a notice."""
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "created": int(time.time()),
            "livemode": self.is_live,
            "type": kind,
            "data": {"object": thing},
        }
        self.post.send(json.dumps(event).encode(), self._sign)

    def _sign(self, body: bytes) -> dict[str, str]:
        moment = str(int(time.time()))
        signed = moment.encode() + b"." + body
        signature = hmac.new(self.webhook_secret.encode(), signed, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={moment},v1={signature},v0={'0' * 64}"}

    def _change(self, request: Request) -> Answer:
        form = read_form(request.form)
        with self.lock:
            match request.path.split("/")[1:]:
                case ["v1", "checkout", "sessions"]:
                    sale = new_sale(form, number=next(self.numbers), page=secrets.token_hex(12))
                    self.sales.append(sale)
                    return as_json(self._session(sale))
                case ["v1", "checkout", "sessions", number, "expire"]:
                    sale = self._find(number)
                    if not self.expire(sale.reference):
                        raise refused("Only open sessions can be expired.")
                    return as_json(self._session(sale))
                case ["v1", "refunds"]:
                    return self.refunds.create(form, course=self.post.panel.now.refunds)
        raise self._unknown_route(request)

    def _tell(self, request: Request) -> Answer:
        query = dict(request.query)
        expands = any("payment_intent" in value for name, value in query.items() if "[" in name)
        match request.path.split("/")[1:]:
            case ["v1", "checkout", "sessions"]:
                intent = query.get("payment_intent")
                found = [s for s in self.sales if not intent or _has_intent(s, intent)]
                told = [self._session(sale, whole_intent=expands) for sale in reversed(found)]
                return as_list(told[: int(query.get("limit", "10"))], "/v1/checkout/sessions")
            case ["v1", "checkout", "sessions", number]:
                return as_json(self._session(self._find(number), whole_intent=expands))
            case ["v1", "payment_intents", "search"]:
                return self._search(query.get("query", ""))
            case ["v1", "refunds"]:
                return self.refunds.list(read_form(request.query))
            case ["v1", "refunds", number]:
                return self.refunds.fetch(number)
        raise self._unknown_route(request)

    def _search(self, query: str) -> Answer:
        wanted = SEARCH.fullmatch(query)
        if wanted is None:
            raise refused("We were unable to parse your search query.", param="query")
        name, value = wanted[1], re.sub(r"\\(.)", r"\1", wanted[2])
        found = [s for s in self.sales if s.status in INTENTS and s.metadata.get(name) == value]
        told = [intent_out(sale, is_live=self.is_live) for sale in found]
        return as_list(told, "/v1/payment_intents/search", kind="search_result")

    def _choose(self, sale: Sale, action: str) -> Answer:
        if action == "decline" or (action.startswith("pay") and self.post.panel.now.declines):
            sale.status = "declined"
            self.notify("payment_intent.payment_failed", intent_out(sale, is_live=self.is_live))
            return pages.payer_page("Stripe", sale, LATER)
        if action in LATER:
            self._pay_later(sale, succeeds=action == "pay_later")
        elif action in {"pay", "pay_short", "pay_over", "pay_other_currency"}:
            sale.pay(action)
            self._notify_session("completed", sale)
        elif action == "leave":
            return as_redirect(sale.cancel_url or sale.return_url)
        else:
            return pages.closed_page("Stripe", HTTPStatus.BAD_REQUEST)
        return as_redirect(sale.return_url)

    def _pay_later(self, sale: Sale, *, succeeds: bool) -> None:
        sale.status = "processing"
        self._notify_session("completed", sale)
        if succeeds:
            sale.pay("pay")
        else:
            sale.status = "failed"
        self._notify_session(f"async_payment_{'succeeded' if succeeds else 'failed'}", sale)

    def _notify_session(self, what: str, sale: Sale) -> None:
        self.notify(f"checkout.session.{what}", self._session(sale))

    def _session(self, sale: Sale, *, whole_intent: bool = False) -> dict[str, Any]:
        return session_out(
            sale, base_url=self.base_url, is_live=self.is_live, whole_intent=whole_intent
        )

    def _find(self, number: str) -> Sale:
        for sale in self.sales:
            if session_id(sale, is_live=self.is_live) == number:
                return sale
        raise missing("checkout.session", number)

    def _unknown_route(self, request: Request) -> Exception:
        message = f"Unrecognized request URL ({request.method}: {request.path})."
        return refused(message, status=HTTPStatus.NOT_FOUND)


def _has_intent(sale: Sale, intent: str) -> bool:
    return sale.status in INTENTS and intent_id(sale) == intent
