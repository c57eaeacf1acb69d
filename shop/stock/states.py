"""What can happen to stock."""

from django.db.models import TextChoices


class MovementKind(TextChoices):
    RECEIPT = "receipt"
    ADJUST = "adjust"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    RETURN = "return"
