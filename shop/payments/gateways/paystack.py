"""Paystack (https://paystack.com/docs/api/transaction), spoken to over plain HTTPS.

The customer pays on a page of theirs. A reference is used once: a second start with it is
refused and does not tell the page again. Signatures are made with the API key itself, so changing
it needs the old one for a while: notices on their way are still signed with it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from shop.payments.gateways.base import (
    BadSignature,
    Charge,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    ReferenceTaken,
    Started,
    UnreadableNotice,
    Wanted,
)
from shop.payments.gateways.minor_units import DoesNotFit, to_minor
from shop.payments.gateways.paystack_reading import DEPARTURES, read_charge, read_event
from shop.payments.gateways.reading import (
    Unreadable,
    address_in,
    object_in,
    read_object,
    reason_in,
    text_in,
)
from shop.payments.gateways.signatures import header_in, is_signed
from shop.payments.gateways.wire import Answer, Outage, Wire
from shop.payments.states import Provider

LIVE_KEY = "sk_live_"
# The codes are newer than the sentences; either may be missing.
TAKEN = ("duplicate_reference", "duplicate transaction reference")
UNKNOWN = ("transaction_not_found", "transaction reference not found")


class Paystack:
    provider: ClassVar[Provider] = Provider.PAYSTACK
    currencies: ClassVar[frozenset[str]] = frozenset({"EGP", "GHS", "KES", "NGN", "USD", "ZAR"})
    # Notices do not name an account: the key that signs them belongs to one.
    merchant = ""

    def __init__(
        self,
        *,
        secret_key: str,
        old_secret_keys: Sequence[str] = (),
        api_url: str,
        wire: Wire | None = None,
    ) -> None:
        self.is_live = secret_key.startswith(LIVE_KEY)
        self._secret_key = secret_key
        self._secrets = (secret_key, *old_secret_keys)
        self._api_url = api_url.rstrip("/")
        self._wire = wire or Wire(self.provider)

    def start(self, wanted: Wanted) -> Started:
        """Have Paystack open its page. As in the Protocol."""
        answer = self._ask("POST", "/transaction/initialize", _order(wanted))
        try:
            said = read_object(answer.body)
            if answer.status != HTTPStatus.OK:
                raise _refusal(said)
            page = object_in(said, "data")
            return Started(
                redirect_url=address_in(page, "authorization_url"),
                provider_id=text_in(page, "access_code"),
            )
        except Unreadable:
            raise GatewayUnavailable from None

    def look_up(self, *, reference: str, provider_id: str) -> Charge | None:
        """Ask what became of a payment. Paystack goes by the reference alone."""
        answer = self._ask("GET", f"/transaction/verify/{quote(reference, safe='')}")
        try:
            said = read_object(answer.body)
            if answer.status == HTTPStatus.OK:
                return _charge_of(reference, said)
        except Unreadable:
            raise GatewayUnavailable from None
        # A 404 of something in between is not Paystack's word on the payment.
        if _says(said, UNKNOWN):
            return None
        raise GatewayUnavailable

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        """Verify and read a webhook. Paystack's signature says nothing of the time."""
        signature = header_in(headers, "x-paystack-signature")
        if not is_signed(body, signatures=[signature], secrets=self._secrets, digest="sha512"):
            raise BadSignature
        try:
            return read_event(body)
        except Unreadable as problem:
            raise UnreadableNotice(str(problem)) from None

    def _ask(self, method: str, path: str, content: bytes | None = None) -> Answer:
        headers = {
            "Authorization": f"Bearer {self._secret_key}",
            "Content-Type": "application/json",
        }
        try:
            return self._wire.ask(method, self._api_url + path, headers=headers, content=content)
        except Outage:
            raise GatewayUnavailable from None


def _order(wanted: Wanted) -> bytes:
    if wanted.currency not in Paystack.currencies:
        raise GatewayRefused(f"Paystack is not offered in {wanted.currency}.")
    try:
        amount = to_minor(wanted.amount, wanted.currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise GatewayRefused(str(problem)) from None
    return orjson.dumps(
        {
            "reference": wanted.reference,
            "amount": str(amount),
            "currency": wanted.currency,
            "email": wanted.email,
            "callback_url": wanted.return_url,
            "metadata": {"order_number": wanted.order_number},
        }
    )


def _charge_of(reference: str, said: Mapping[str, Any]) -> Charge:
    charge = read_charge(object_in(said, "data"))
    if charge.reference != reference:
        raise Unreadable("This is another payment.")
    return charge


def _refusal(said: Mapping[str, Any]) -> GatewayRefused:
    kind = ReferenceTaken if _says(said, TAKEN) else GatewayRefused
    return kind(reason_in(said, "message"))


def _says(said: Mapping[str, Any], words: tuple[str, str]) -> bool:
    code, sentence = words
    return said.get("code") == code or sentence in reason_in(said, "message").lower()
