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
