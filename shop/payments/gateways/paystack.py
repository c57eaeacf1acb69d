"""Paystack (https://paystack.com/docs/api/transaction), spoken to over plain HTTPS.

The customer pays on a page of theirs. A reference is used once: a second start with it is
refused and does not tell the page again. Signatures are made with the API key itself, so changing
it needs the old one for a while: notices on their way are still signed with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import orjson

from shop.payments.gateways.base import (
    BadSignature,
    Charge,
    GatewayRefused,
    GatewayUnavailable,
    NotAsked,
    Notice,
    ReferenceTaken,
    RefundFact,
    RefundWanted,
    Started,
    UnreadableNotice,
    Wanted,
    find_refund,
)
from shop.payments.gateways.minor_units import DoesNotFit, to_minor
from shop.payments.gateways.paystack_notices import read_event
from shop.payments.gateways.paystack_reading import DEPARTURES, read_charge
from shop.payments.gateways.paystack_refunds import order_of as refund_order_of
from shop.payments.gateways.paystack_refunds import read_refund
from shop.payments.gateways.reading import (
    Unreadable,
    address_in,
    object_in,
    objects_in,
    read_object,
    reason_in,
    text_in,
)
from shop.payments.gateways.signatures import header_in, is_signed
from shop.payments.gateways.wire import Answer, NotSent, Outage, Wire
from shop.payments.states import Provider

LIVE_KEY = "sk_live_"
# The codes are newer than the sentences; either may be missing.
TAKEN = ("duplicate_reference", "duplicate transaction reference")
DONE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
REFUNDS_ON_A_PAGE = 100
MAX_PAGES = 20
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
        # A test key is known to many: it says nothing of real money.
        of_the_mode = (key for key in old_secret_keys if key.startswith(LIVE_KEY) == self.is_live)
        self._secrets = (secret_key, *of_the_mode)
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

    def refund(self, wanted: RefundWanted) -> RefundFact:
        """Have Paystack give money back. It knows no keys: what it has done is looked up first."""
        order = refund_order_of(wanted)
        try:
            known = self.look_up_refund(wanted, provider_id="")
        except GatewayUnavailable:
            raise NotAsked from None
        if known is not None:
            return known
        answer = self._ask("POST", "/refund", order)
        try:
            return _made(wanted, answer)
        except Unreadable:
            raise GatewayUnavailable from None

    def look_up_refund(self, wanted: RefundWanted, *, provider_id: str) -> RefundFact | None:
        """Ask what became of a refund: it is one of its payment's."""
        refunds = self.refunds_of(
            reference=wanted.reference, payment_provider_id=wanted.payment_provider_id
        )
        return find_refund(refunds, wanted=wanted, provider_id=provider_id)

    def refunds_of(self, *, reference: str, payment_provider_id: str) -> list[RefundFact]:
        """Tell every refund of a payment, page by page."""
        found: list[RefundFact] = []
        for page in range(1, MAX_PAGES + 1):
            names = {
                "transaction": payment_provider_id,
                "perPage": REFUNDS_ON_A_PAGE,
                "page": page,
            }
            answer = self._ask("GET", f"/refund?{urlencode(names)}")
            try:
                refunds = _listed(answer, reference)
            except Unreadable:
                raise GatewayUnavailable from None
            # Whatever else was answered.
            found += [one for one in refunds if one.payment_provider_id == payment_provider_id]
            if len(refunds) < REFUNDS_ON_A_PAGE:
                return found
        raise GatewayUnavailable

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        """Verify and read a webhook. Paystack's signature says nothing of the time."""
        signature = header_in(headers, "x-paystack-signature")
        if not is_signed(body, signatures=[signature], secrets=self._secrets, digest="sha512"):
            raise BadSignature
        try:
            return read_event(body, at=at)
        except Unreadable as problem:
            raise UnreadableNotice(str(problem)) from None

    def _ask(self, method: str, path: str, content: bytes | None = None) -> Answer:
        headers = {
            "Authorization": f"Bearer {self._secret_key}",
            "Content-Type": "application/json",
        }
        try:
            return self._wire.ask(method, self._api_url + path, headers=headers, content=content)
        except NotSent:
            raise NotAsked from None
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


def _listed(answer: Answer, reference: str) -> list[RefundFact]:
    if answer.status != HTTPStatus.OK:
        raise Unreadable("This is no list.")
    refunds = objects_in(read_object(answer.body), "data")
    return [read_refund(facts, reference=reference) for facts in refunds]


def _made(wanted: RefundWanted, answer: Answer) -> RefundFact:
    """Read the answer to a refund that was asked for.

    Raises:
        GatewayRefused: Paystack says no.
        Unreadable: it is something in between that speaks, or speaks of something else.
    """
    said = read_object(answer.body)
    if answer.status not in DONE:
        if said.get("status") is not False:
            raise Unreadable("This is no refusal of Paystack's.")
        raise GatewayRefused(reason_in(said, "message"))
    found = read_refund(object_in(said, "data"), reference=wanted.reference)
    if found.payment_provider_id != wanted.payment_provider_id:
        raise Unreadable("This is a refund of another payment.")
    return replace(found, key=wanted.key)


def _refusal(said: Mapping[str, Any]) -> GatewayRefused:
    kind = ReferenceTaken if _says(said, TAKEN) else GatewayRefused
    return kind(reason_in(said, "message"))


def _says(said: Mapping[str, Any], words: tuple[str, str]) -> bool:
    code, sentence = words
    return said.get("code") == code or sentence in reason_in(said, "message").lower()
