"""The states of a payment, and what may follow what."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class PaymentState(TextChoices):
    INITIATED = "initiated"
    CAPTURED = "captured"
    FAILED = "failed"
    ABANDONED = "abandoned"


class Channel(TextChoices):
    CASH = "cash"
    CARD = "card"
    DEBIT = "debit"
    CREDIT = "credit"
    BANK_TRANSFER = "bank_transfer"


class Provider(TextChoices):
    MANUAL = "manual"
    PAYSTACK = "paystack"
    STRIPE = "stripe"


# Where people pay by themselves.
ONLINE_PROVIDERS = [(p.value, p.label) for p in Provider if p != Provider.MANUAL]

# Money that arrives late is real money: a failed or abandoned payment may still be captured.
PAYMENT = StateTable(
    "payment",
    {
        PaymentState.INITIATED: frozenset(
            {PaymentState.CAPTURED, PaymentState.FAILED, PaymentState.ABANDONED}
        ),
        PaymentState.FAILED: frozenset({PaymentState.CAPTURED}),
        PaymentState.ABANDONED: frozenset({PaymentState.CAPTURED}),
        PaymentState.CAPTURED: frozenset(),
    },
)


class EventOutcome(TextChoices):
    """What became of something that a provider told us."""

    RECEIVED = "received", "not yet applied"
    APPLIED = "applied", "applied"
    IGNORED = "ignored", "nothing to do"
    SHORT = "short", "less than was due"
    EXCESS = "excess", "more than was due"
    LATE = "late", "for a cancelled order"
    ORPHAN = "orphan", "for no payment of ours"
    MISMATCH = "mismatch", "does not fit the payment"


# What somebody has to look at. The money of the first three is booked, of the others it is not.
EXCEPTIONS = (
    EventOutcome.SHORT,
    EventOutcome.EXCESS,
    EventOutcome.LATE,
    EventOutcome.ORPHAN,
    EventOutcome.MISMATCH,
)

EVENT = StateTable(
    "event",
    {
        EventOutcome.RECEIVED: frozenset(
            {EventOutcome.APPLIED, EventOutcome.IGNORED, *EXCEPTIONS},
        ),
        # Money went back that had not come: it is judged again once it has.
        EventOutcome.ORPHAN: frozenset(
            {
                EventOutcome.APPLIED,
                EventOutcome.IGNORED,
                EventOutcome.EXCESS,
                EventOutcome.MISMATCH,
            }
        ),
    },
)


class Subject(TextChoices):
    """What a provider told something about."""

    CHARGE = "charge", "a payment"
    REFUND = "refund", "a refund"
    CHARGEBACK = "chargeback", "a chargeback"


MONEY_BACK = (Subject.REFUND, Subject.CHARGEBACK)


class Source(TextChoices):
    """How we came to hear of it."""

    WEBHOOK = "webhook"
    LOOK_UP = "look_up", "look-up"
