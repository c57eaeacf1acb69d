"""The states of an order, and what may follow what."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class OrderStatus(TextChoices):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CancelReason(TextChoices):
    CUSTOMER = "customer"
    STAFF = "staff"
    EXPIRED = "expired"
    FRAUD = "fraud"
    OUT_OF_STOCK = "out_of_stock"


# The first is suggested; what expires expires by itself.
STAFF_CANCEL_REASONS = [
    (reason.value, reason.label)
    for reason in (
        CancelReason.STAFF,
        CancelReason.CUSTOMER,
        CancelReason.FRAUD,
        CancelReason.OUT_OF_STOCK,
    )
]


class PaymentStatus(TextChoices):
    """Computed by the database from the order's totals; nobody writes it."""

    UNPAID = "unpaid"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class PaymentMethod(TextChoices):
    ONLINE = "online"
    BANK_TRANSFER = "bank_transfer"
    CASH_ON_DELIVERY = "cash_on_delivery"
    PAY_AT_PICKUP = "pay_at_pickup"


# The goods leave before the money comes: staff confirm such an order by hand.
PAID_ON_DELIVERY = frozenset({PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.PAY_AT_PICKUP})

ORDER = StateTable(
    "order",
    {
        OrderStatus.PENDING: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
        OrderStatus.CONFIRMED: frozenset({OrderStatus.COMPLETED, OrderStatus.CANCELLED}),
        OrderStatus.COMPLETED: frozenset(),
        OrderStatus.CANCELLED: frozenset({OrderStatus.CONFIRMED}),
    },
)
