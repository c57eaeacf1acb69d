"""What every gateway can do, in the shop's words: one Protocol, and what may go wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Protocol

from mdv.kernel.errors import Conflict, Forbidden, Invalid, TryLater
from shop.payments.states import Channel, Provider

RETRY_AFTER_S = 5
MAX_FACT_LENGTH = 200


class GatewayUnavailable(TryLater):
    """It gave no clear answer: the payment may exist there or not."""

    code = "gateway_unavailable"
    detail = "The payment provider does not answer. Please try again."
    retry_after = RETRY_AFTER_S


class NotAsked(GatewayUnavailable):
    """Nothing was sent that moves money, so this call did nothing.

    What an earlier call with the same key came to is another question.
    """


class GatewayRefused(Conflict):
    """It said no, for good. ``reason`` is the provider's sentence, for staff."""

    code = "gateway_refused"
    detail = "The payment provider refused this payment."

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__()


class ReferenceTaken(GatewayRefused):
    """The provider has a payment with this reference, and does not tell again how to pay it."""


class BadSignature(Forbidden):
    """The notice is not signed by the provider, or too long ago."""

    code = "bad_signature"
    detail = "This notice is not signed by the provider."


class UnreadableNotice(Invalid):
    """The notice is signed but is not what the provider's documents describe."""

    code = "unreadable_notice"
    detail = "This notice cannot be read."


class Outcome(StrEnum):
    """What became of a charge."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"
    PENDING = "pending"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A payment to be started. ``amount`` is in the currency's main unit, such as naira.

    ``reference`` is ours, and the key under which the provider does it once. ``expires_at`` ends
    the provider's page, where the provider can do that. All of it, ``begun_at`` included, stays the
    same when it is asked for again.
    """

    reference: str
    amount: Decimal
    currency: str
    email: str
    order_number: str
    return_url: str
    begun_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Started:
    """Where the customer pays, and what the provider calls the payment until it is paid."""

    redirect_url: str
    provider_id: str


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a provider says of one payment. ``amount`` is what arrived, in the main unit.

    ``provider_id`` is the provider's own number of the transaction. ``merchant`` is whose account
    it went to, empty where the provider does not say.
    """

    reference: str
    provider_id: str
    outcome: Outcome
    amount: Decimal
    currency: str
    channel: Channel | None
    is_live: bool
    merchant: str = ""


class RefundOutcome(StrEnum):
    """What became of money that goes back."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"


@dataclass(frozen=True, kw_only=True)
class RefundWanted:
    """Money to be given back. ``amount`` is in the currency's main unit.

    ``key`` is ours, new for every attempt, and the key under which the provider does it once.
    ``reference`` and ``payment_provider_id`` are the payment's.
    """

    key: str
    reference: str
    payment_provider_id: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class RefundFact:
    """What a provider says of one refund or chargeback. ``amount`` is in the main unit.

    ``provider_id`` is the provider's own number of it, empty in notices that do not say which
    refund of the payment they are about: :meth:`Gateway.refunds_of` tells. ``key`` is ours, empty
    where somebody gave the money back at the provider, or took it back (``is_chargeback``).
    ``reference`` is the payment's, empty where the provider names only its own
    ``payment_provider_id``. ``failure`` says why it failed, or what it waits for.
    """

    key: str
    provider_id: str
    reference: str
    payment_provider_id: str
    outcome: RefundOutcome
    amount: Decimal
    currency: str
    is_live: bool
    merchant: str = ""
    is_chargeback: bool = False
    failure: str = ""

    @property
    def name(self) -> str:
        """Name the fact, the same in every notice and every answer that tells it."""
        parts = ["refund", self.provider_id, self.outcome]
        if self.outcome == RefundOutcome.PENDING and self.failure:
            parts.append(self.failure)
        return ":".join(parts)[:MAX_FACT_LENGTH]


def find_refund(
    refunds: Iterable[RefundFact], *, wanted: RefundWanted, provider_id: str
) -> RefundFact | None:
    """Find a refund among those of its payment, by the provider's number or else by our key."""
    for found in refunds:
        if found.provider_id == provider_id or (not provider_id and found.key == wanted.key):
            return found
    return None


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One webhook, verified and read. ``key`` names the fact: every delivery of it has the same.

    It says something of a payment, of a refund or, where both are None, of neither. ``concern``
    says what staff have to look at although nothing can be booked; mostly it is empty.
    """

    key: str
    kind: str
    charge: Charge | None
    refund: RefundFact | None = None
    concern: str = ""


class Gateway(Protocol):
    """One provider. Nothing here is called inside a transaction, but for :meth:`read_notice`."""

    provider: ClassVar[Provider]
    currencies: ClassVar[frozenset[str]]

    @property
    def is_live(self) -> bool:
        """Whether its keys move real money."""

    @property
    def merchant(self) -> str:
        """Whose account it is, as in :attr:`Charge.merchant`; empty where nobody says."""

    def start(self, wanted: Wanted) -> Started:
        """Have the provider open its page for a payment.

        Raises:
            GatewayUnavailable: it may have; asking again with the same reference is safe.
            ReferenceTaken: it has, and does not tell its page again.
            GatewayRefused: it has not and will not.
        """

    def look_up(self, *, reference: str, provider_id: str) -> Charge | None:
        """Ask what became of a payment. None: the provider knows of no such payment.

        Raises:
            GatewayUnavailable: there is no answer.
        """

    def refund(self, wanted: RefundWanted) -> RefundFact:
        """Have the provider give money back. Asking again with the same key is done once.

        One key is never asked for by two callers at the same time: not every provider can tell.

        Raises:
            NotAsked: this call did nothing; the same may be asked again.
            GatewayUnavailable: it may have, or not: only :meth:`look_up_refund` tells.
            GatewayRefused: it has not and will not.
        """

    def look_up_refund(self, wanted: RefundWanted, *, provider_id: str) -> RefundFact | None:
        """Ask what became of a refund, by its provider's number if known, else by our key.

        None: the provider knows of no such refund of this payment.

        Raises:
            GatewayUnavailable: there is no answer.
        """

    def refunds_of(self, *, reference: str, payment_provider_id: str) -> list[RefundFact]:
        """Tell every refund of a payment, whoever asked for it.

        Raises:
            GatewayUnavailable: there is no answer.
        """

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], at: datetime) -> Notice:
        """Verify a webhook's signature over its bytes, then read it. No network.

        Raises:
            BadSignature: 403.
            UnreadableNotice: 400.
        """
