"""What may become of a delivery."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class DeliveryState(TextChoices):
    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"


# Back to queued: somebody asked for it to be delivered again. Delivered after it failed: a worker
# that was thought dead had got through.
DELIVERY = StateTable(
    "the delivery",
    {
        DeliveryState.QUEUED: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED}),
        DeliveryState.DELIVERED: frozenset({DeliveryState.QUEUED}),
        DeliveryState.FAILED: frozenset({DeliveryState.QUEUED, DeliveryState.DELIVERED}),
    },
)
