"""The kinds of coupon, and the ways in which goods reach a customer."""

from django.db.models import TextChoices


class CouponKind(TextChoices):
    PERCENT = "percent"
    FIXED = "fixed"
    SHIPPING = "shipping"


class DeliveryMethod(TextChoices):
    DELIVERY = "delivery"
    PICKUP = "pickup"
