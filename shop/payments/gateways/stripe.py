"""Stripe Checkout (https://docs.stripe.com/api/checkout/sessions), through Stripe's library.

The customer pays on a page of theirs. Our reference is the idempotency key, so starting again
with the same reference leads to the same page for at least 24 hours.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar

import stripe
from stripe.params import RefundListParams

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
from shop.payments.gateways.reading import (
    Unreadable,
    address_in,
    as_line,
    objects_in,
    text_in,
    yes_or_no_in,
)
from shop.payments.gateways.signatures import header_in, is_signed
from shop.payments.gateways.stripe_notices import read_event
from shop.payments.gateways.stripe_orders import CURRENCIES, order_of
from shop.payments.gateways.stripe_reading import read_session
from shop.payments.gateways.stripe_refunds import order_of as refund_order_of
from shop.payments.gateways.stripe_refunds import read_refund
from shop.payments.gateways.stripe_wire import StripeWire
from shop.payments.gateways.wire import NotSent, Wire
from shop.payments.states import Provider

# What this adapter was written against; the account's own default does not matter.
API_VERSION = "2026-10-28.endive"
LIVE_KEY = re.compile(r"(sk|rk)_live_")
TIMESTAMP = re.compile(r"[0-9]{1,12}")
TOLERANCE = timedelta(seconds=300)
NEWEST_SESSIONS = 100
REFUNDS_ON_A_PAGE = 100
MAX_PAGES = 20
PAYMENT_INTENT = "pi_"


class Stripe:
    provider: ClassVar[Provider] = Provider.STRIPE
    currencies: ClassVar[frozenset[str]] = CURRENCIES
    # Our own account is not named in notices; another one, of Stripe Connect, is.
    merchant = ""

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secrets: Sequence[str],
        api_url: str,
        wire: Wire | None = None,
    ) -> None:
        self.is_live = LIVE_KEY.match(secret_key) is not None
        self._webhook_secrets = tuple(webhook_secrets)
        self._client = stripe.StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_url.rstrip("/")},
            http_client=StripeWire(wire or Wire(self.provider)),
            max_network_retries=0,
        )

    def start(self, wanted: Wanted) -> Started:
        """Have Stripe open its page. As in the Protocol."""
        order = order_of(wanted)
        with _in_our_words():
            try:
                sessions = self._client.v1.checkout.sessions
                session = sessions.create(order, {"idempotency_key": wanted.reference}).to_dict()
            except stripe.StripeError as problem:
                if _is_unclear(problem):
                    raise
                is_taken = isinstance(problem, stripe.IdempotencyError)
                kind = ReferenceTaken if is_taken else GatewayRefused
                raise kind(_reason(problem)) from None
            if session.get("url", "") is None:  # paid or expired since it was created
                raise ReferenceTaken
            return Started(
                redirect_url=address_in(session, "url"), provider_id=text_in(session, "id")
            )

    def look_up(self, *, reference: str, provider_id: str) -> Charge | None:
        """Ask what became of a payment, by the session's or PaymentIntent's number if there is one.

        By the reference alone: among the newest sessions, then by searching, which finds what was
        tried to be paid more than a minute ago (https://docs.stripe.com/search#data-freshness).
        """
        with _in_our_words():
            for session in self._sessions(reference, provider_id):
                if "client_reference_id" not in session:  # null where it is not the shop's
                    raise Unreadable("This is not a session.")
                if session["client_reference_id"] == reference:
                    return read_session(session)
        return None

    def refund(self, wanted: RefundWanted) -> RefundFact:
        """Have Stripe give money back. It remembers keys for at least 24 hours."""
        order = refund_order_of(wanted)
        with _in_our_words():
            try:
                made = self._client.v1.refunds.create(order, {"idempotency_key": wanted.key})
            except stripe.IdempotencyError:
                # The key was sent before, with other words: what came of that is not told here.
                raise
            except stripe.StripeError as problem:
                if _is_unclear(problem):
                    raise
                raise GatewayRefused(_reason(problem)) from None
            return self._read_refund(made.to_dict(), wanted.reference, wanted.payment_provider_id)

    def look_up_refund(self, wanted: RefundWanted, *, provider_id: str) -> RefundFact | None:
        """Ask what became of a refund: it is one of its payment's."""
        refunds = self.refunds_of(
            reference=wanted.reference, payment_provider_id=wanted.payment_provider_id
        )
        return find_refund(refunds, wanted=wanted, provider_id=provider_id)

    def refunds_of(self, *, reference: str, payment_provider_id: str) -> list[RefundFact]:
        """Tell every refund of a payment, page by page."""
        found: list[RefundFact] = []
        with _in_our_words():
            for _ in range(MAX_PAGES):
                after = found[-1].provider_id if found else ""
                told = self._refunds_after(after, payment_provider_id)
                found += [
                    self._read_refund(facts, reference, payment_provider_id)
                    for facts in objects_in(told, "data")
                ]
                if not yes_or_no_in(told, "has_more"):
                    return found
        raise GatewayUnavailable

    def _refunds_after(self, number: str, intent: str) -> dict[str, Any]:
        asked: RefundListParams = {"payment_intent": intent, "limit": REFUNDS_ON_A_PAGE}
        if number:
            asked["starting_after"] = number
        return self._client.v1.refunds.list(asked).to_dict()

    def _read_refund(self, facts: dict[str, Any], reference: str, intent: str) -> RefundFact:
        found = read_refund(facts, is_live=self.is_live, reference=reference)
        if found.payment_provider_id != intent:
            raise Unreadable("This is a refund of another payment.")
        return found

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        """Verify and read a webhook. A signature holds for TOLERANCE around its time."""
        parts = [part.partition("=") for part in header_in(headers, "stripe-signature").split(",")]
        times = [value for name, _, value in parts if name.strip() == "t"]
        signatures = [value for name, _, value in parts if name.strip() == "v1"]
        if len(times) != 1 or not TIMESTAMP.fullmatch(times[0]):
            raise BadSignature
        signed = f"{times[0]}.".encode() + body
        secrets = self._webhook_secrets
        if not is_signed(signed, signatures=signatures, secrets=secrets, digest="sha256"):
            raise BadSignature
        if abs(at.timestamp() - int(times[0])) > TOLERANCE.total_seconds():
            raise BadSignature
        try:
            return read_event(body)
        except Unreadable as problem:
            raise UnreadableNotice(str(problem)) from None

    def _sessions(self, reference: str, provider_id: str) -> Iterator[dict[str, Any]]:
        sessions = self._client.v1.checkout.sessions
        if provider_id.startswith(PAYMENT_INTENT):
            yield from self._sessions_of(provider_id)
        elif provider_id:
            try:
                found = sessions.retrieve(provider_id, {"expand": ["payment_intent"]})
            except stripe.InvalidRequestError as problem:
                if problem.http_status != HTTPStatus.NOT_FOUND:
                    raise
            else:
                yield found.to_dict()
        else:
            newest = sessions.list({"limit": NEWEST_SESSIONS, "expand": ["data.payment_intent"]})
            yield from objects_in(newest.to_dict(), "data")
            quoted = reference.replace("\\", "\\\\").replace("'", "\\'")
            query = f"metadata['reference']:'{quoted}'"
            intents = self._client.v1.payment_intents.search({"query": query})
            for intent in objects_in(intents.to_dict(), "data"):
                yield from self._sessions_of(text_in(intent, "id"))

    def _sessions_of(self, intent: str) -> list[dict[str, Any]]:
        sessions = self._client.v1.checkout.sessions
        found = sessions.list({"payment_intent": intent, "expand": ["data.payment_intent"]})
        return objects_in(found.to_dict(), "data")


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except (stripe.StripeError, Unreadable) as problem:
        if isinstance(problem.__cause__, NotSent):
            raise NotAsked from None
        raise GatewayUnavailable from None


def _is_unclear(problem: stripe.StripeError) -> bool:
    """Tell whether the same request may still succeed: no answer, or one in flight with its key."""
    return problem.http_status is None or problem.http_status == HTTPStatus.CONFLICT


def _reason(problem: stripe.StripeError) -> str:
    return as_line(problem.user_message or "")
