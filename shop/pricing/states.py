"""The kinds of coupon."""

from django.db.models import TextChoices


class CouponKind(TextChoices):
    PERCENT = "percent"
    FIXED = "fixed"
    SHIPPING = "shipping"
