"""The simulated providers as the drill sees them: their switches, and their journal."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROVIDERS = ("paystack", "stripe")
COPIES = 2  # of each notice
HELD_S = 1.0
PAUSE_S = 1.5
CENTS = 100
KEY_IN_NOTE = "key="


@dataclass(kw_only=True)
class ProviderBooks:
    """What both providers did: charges by their own number of it, refunds by theirs.

    A charge is (our reference, amount), a refund (our key, amount). ``deliveries`` counts notices
    that the shop took, ``failed_deliveries`` those that it did not take at that try.
    """

    charges: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    refunds: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    deliveries: int = 0
    failed_deliveries: int = 0


class Disorder:
    """Has notices come twice, held back for a while, and then the last one first."""

    def __init__(self, url: str) -> None:
        self.place = urlsplit(url).netloc
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        for provider in PROVIDERS:
            self._turn(provider, copies=COPIES)
        self._thread.start()

    def end(self) -> None:
        """Have everything delivered that is held back."""
        self._over.set()
        self._thread.join()
        for provider in PROVIDERS:
            self._turn(provider, holds_notices=False)

    def _run(self) -> None:
        while not self._over.wait(PAUSE_S):
            for provider in PROVIDERS:
                self._turn(provider, holds_notices=True)
            self._over.wait(HELD_S)
            for provider in PROVIDERS:
                self._turn(provider, holds_notices=False)

    def _turn(self, provider: str, **switches: Any) -> None:
        # Without a timeout: what was held is delivered one after the other before this is answered.
        connection = http.client.HTTPConnection(self.place)
        try:
            body = json.dumps({"provider": provider, "switches": switches})
            connection.request("POST", "/_control", body, {"Content-Type": "application/json"})
            if connection.getresponse().status != HTTPStatus.OK:
                raise http.client.HTTPException(f"{provider} does not know {switches}")
        finally:
            connection.close()


def read_journal(path: Path) -> ProviderBooks:
    """Read from a journal what the providers did."""
    books = ProviderBooks()
    for entry in _entries(path):
        if "notice" in entry:
            _count(books, entry)
            _read_notice(books, entry["provider"], json.loads(entry["notice"]))
        elif _is_refund_by_paystack(entry):
            asked = json.loads(entry["body"])
            # The journal has no number of it: each such call gives money once more.
            number = f"paystack-{len(books.refunds)}"
            key = asked["merchant_note"].removeprefix(KEY_IN_NOTE)
            books.refunds[number] = (key, _amount(asked["amount"]))
    return books


def _entries(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open() as lines:
        for line in lines:
            yield json.loads(line)


def _count(books: ProviderBooks, entry: Mapping[str, Any]) -> None:
    if entry["status"] == HTTPStatus.OK:
        books.deliveries += 1
    else:
        books.failed_deliveries += 1


def _is_refund_by_paystack(entry: Mapping[str, Any]) -> bool:
    call = (entry["provider"], entry["method"], entry["path"], entry["status"])
    return call == ("paystack", "POST", "/refund", HTTPStatus.OK)


def _read_notice(books: ProviderBooks, provider: str, notice: Mapping[str, Any]) -> None:
    reader = READERS.get((provider, str(notice.get("event") or notice.get("type"))))
    if reader is not None:
        reader(books, notice["data"])


def _paystack_charge(books: ProviderBooks, told: Mapping[str, Any]) -> None:
    books.charges[f"paystack-{told['id']}"] = (told["reference"], _amount(told["amount"]))


def _stripe_charge(books: ProviderBooks, told: Mapping[str, Any]) -> None:
    session = told["object"]
    if session["payment_status"] == "paid":
        amount = _amount(session["amount_total"])
        books.charges[session["id"]] = (session["client_reference_id"], amount)


def _stripe_refund(books: ProviderBooks, told: Mapping[str, Any]) -> None:
    refund = told["object"]
    books.refunds[refund["id"]] = (refund["metadata"].get("key", ""), _amount(refund["amount"]))


READERS: Mapping[tuple[str, str], Callable[[ProviderBooks, Mapping[str, Any]], None]] = {
    ("paystack", "charge.success"): _paystack_charge,
    ("stripe", "checkout.session.completed"): _stripe_charge,
    ("stripe", "refund.created"): _stripe_refund,
}


def _amount(smallest: int | str) -> Decimal:
    return Decimal(smallest) / CENTS
