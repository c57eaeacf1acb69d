"""What one customer does, and what staff then do with the order. Over HTTP only."""

import time
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from mdv.ops.drill.asking import Answer, Client, Request, Unexplained, at_once, new_key, pay_at
from mdv.ops.drill.ledger import Charge, Ledger, Order
from mdv.ops.drill.plan import DOUBLE_CLICK_SHARE, REPLAY_SHARE, Attempt, Fate, total_of
from mdv.ops.drill.refunding import Refunding

WAITS_FOR_NOTICE_S = 20.0
POLL_S = 0.25
OUT_OF_STOCK = "out_of_stock"
PAYS_ONLINE = frozenset(Fate) - {Fate.LEFT_UNPAID, Fate.CANCELLED}
ADDRESS = {
    "name": "Ada Obi",
    "phone": "+2348012345678",
    "street": "1 Marina",
    "city": "Lagos",
    "state": "Lagos",
    "country": "NG",
}


class Visit:
    """One attempt, from wanting something to having it, or not."""

    def __init__(self, attempt: Attempt, *, customer: Client, staff: Client) -> None:
        self.attempt = attempt
        self.customer = customer
        self.staff = staff
        self.ledger: Ledger = customer.ledger

    def make(self) -> None:
        """Do all that the attempt says.

        Raises:
            Unexplained: by the answer.
            NeverAnswered: the ledger has it.
        """
        with self.ledger.writing() as ledger:
            ledger.asked.update(self.attempt.lines)
        placed = self._place()
        fate = self.attempt.fate if placed else "sold out"
        with self.ledger.writing() as ledger:
            ledger.fates[fate] += 1
        if placed is None:
            return
        if self.attempt.fate == Fate.CANCELLED:
            self._cancel(placed)
        elif self.attempt.fate in PAYS_ONLINE:
            self._pay(placed)
            self._refund(placed)

    def _place(self) -> Mapping[str, Any] | None:
        """Order what is wanted, or as much of it as there is left; None when nothing is."""
        lines = dict(self.attempt.lines)
        while lines:
            request = self._order(lines)
            answer = self._double_click(request)
            if answer.status == HTTPStatus.CREATED:
                placed = answer.json()
                order = Order(lines=lines, total=Decimal(placed["total"]))
                self.ledger.note_order(placed["number"], order)
                self._replay(self.customer, request, answer)
                return dict(placed)
            if answer.code != OUT_OF_STOCK:
                raise Unexplained(f"{request}: {answer.status} {answer.code}")
            left = {line["sku"]: line["available"] for line in answer.json()["lines"]}
            lines = {sku: min(units, left.get(sku, units)) for sku, units in lines.items()}
            lines = {sku: units for sku, units in lines.items() if units}
        return None

    def _order(self, lines: Mapping[str, int]) -> Request:
        online = self.attempt.fate in PAYS_ONLINE
        body = {
            "lines": [{"sku": sku, "quantity": units} for sku, units in lines.items()],
            "delivery_method": "delivery",
            "payment_method": "online" if online else "bank_transfer",
            "email": f"customer{self.attempt.number}@drill.example.com",
            "shipping_address": ADDRESS,
            "expected_total": f"{total_of(lines):.2f}",
        }
        return Request(
            method="POST", path="/orders", body=body, headers={"Idempotency-Key": new_key()}
        )

    def _double_click(self, request: Request) -> Answer:
        """Send an order, now and then twice at the same moment with the same key."""
        if self.attempt.luck.random() >= DOUBLE_CLICK_SHARE:
            return self.customer.ask(request)
        first, second = at_once(
            lambda: self.customer.ask(request), lambda: self.customer.ask(request)
        )
        if HTTPStatus.CREATED in {first.status, second.status}:
            self.note_replay(request, first, second)
        return first if first.status == HTTPStatus.CREATED else second

    def _cancel(self, placed: Mapping[str, Any]) -> None:
        request = self._own(placed, "cancel", {})
        answer = self.customer.ask(request)
        if answer.status != HTTPStatus.OK:
            raise Unexplained(f"{request}: {answer.status} {answer.code}")
        with self.ledger.writing() as ledger:
            ledger.cancelled.add(placed["number"])
        self._replay(self.customer, request, answer)

    def _pay(self, placed: Mapping[str, Any]) -> None:
        request = self._own(placed, "payments", {"provider": self.attempt.provider})
        answer = self.customer.ask(request)
        if answer.status != HTTPStatus.CREATED:
            raise Unexplained(f"{request}: {answer.status} {answer.code}")
        started = answer.json()
        self._replay(self.customer, request, answer)
        if not pay_at(started["redirect_url"]):
            raise Unexplained(f"{request}: the page {started['redirect_url']} takes no money")
        charge = Charge(order=placed["number"], amount=Decimal(started["amount"]))
        with self.ledger.writing() as ledger:
            ledger.charges[started["reference"]] = charge
        self._wait_until_paid(placed, started["reference"])

    def _wait_until_paid(self, placed: Mapping[str, Any], reference: str) -> None:
        """Wait for the provider's notice; in a hurry, or after a while, have the shop ask it."""
        path, token = f"/orders/{placed['number']}", placed["access_token"]
        deadline = time.monotonic() + WAITS_FOR_NOTICE_S
        while not self.attempt.asks_the_provider and time.monotonic() < deadline:
            if self.customer.get(path, **{"X-Order-Token": token}).json()["status"] == "confirmed":
                return
            time.sleep(POLL_S)
        answer = self.customer.post(f"/payments/{reference}/verify")
        if answer.status != HTTPStatus.OK or answer.json()["state"] != "captured":
            raise Unexplained(f"verify {reference}: {answer.status} {answer.body!r}")

    def _refund(self, placed: Mapping[str, Any]) -> None:
        refunding = Refunding(placed, staff=self.staff, replay=self._replay)
        match self.attempt.fate:
            case Fate.REFUNDED_IN_PART:
                refunding.refund_a_unit()
            case Fate.REFUNDED_IN_FULL:
                refunding.refund_all()
            case Fate.REFUND_RACED:
                refunding.race()
            case Fate.REFUND_TOO_HIGH:
                refunding.refund_too_much()

    def _own(self, placed: Mapping[str, Any], what: str, body: Mapping[str, Any]) -> Request:
        headers = {"Idempotency-Key": new_key(), "X-Order-Token": placed["access_token"]}
        path = f"/orders/{placed['number']}/{what}"
        return Request(method="POST", path=path, body=body, headers=headers)

    def _replay(self, client: Client, request: Request, answer: Answer) -> None:
        """Now and then send the same once more: the answer has to be the same to the byte."""
        if self.attempt.luck.random() < REPLAY_SHARE:
            self.note_replay(request, answer, client.ask(request), must_say_so=True)

    def note_replay(
        self, request: Request, first: Answer, second: Answer, *, must_say_so: bool = False
    ) -> None:
        """Enter whether two answers to the very same request are the same."""
        is_same = (first.status, first.body) == (second.status, second.body)
        with self.ledger.writing() as ledger:
            ledger.replays += 1
            if not is_same or (must_say_so and not second.is_replay):
                ledger.altered_replays.append(f"{request}: {first.status}, {second.status}")
