"""The promise: what was ordered, at which price, and how far it has come."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When

from mdv.accounts.models import User
from mdv.kernel.money import ZERO, MoneyField
from shop.carts.models import MAX_QUANTITY
from shop.catalog.models import Variant
from shop.orders.states import (
    CancelReason,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
)
from shop.orders.triggers import (
    AMOUNTS_ARE_FIXED,
    LINE_IS_A_SNAPSHOT,
    IsConfirmedByMoneyThatIsHere,
    LineIsInItsOrdersTotals,
    TotalsEqualTheLines,
)
from shop.pricing.models import Coupon, ShippingZone
from shop.pricing.states import DeliveryMethod

NUMBER_PREFIX = "M-"
PREFIX = "varchar_pattern_ops"  # an index that also finds beginnings
MONEY_COLUMNS = (
    "items_total",
    "discount_total",
    "shipping_total",
    "tax_total",
    "total",
    "captured_total",
    "refunded_total",
    "taken_back_total",
)


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user_id: int | None) -> "OrderQuerySet":
        """Select a customer's own orders; a guest's are opened by their access token."""
        return self.none() if user_id is None else self.filter(user_id=user_id)

    def overdue(self, at: datetime) -> "OrderQuerySet":
        """Select pending orders whose time to pay has passed, and of which no money is here."""
        waiting = self.filter(status=OrderStatus.PENDING, expires_at__lte=at)
        return waiting.filter(captured_total=F("refunded_total"))

    def search(self, term: str) -> "OrderQuerySet":
        """Select by the beginning of number, e-mail or phone, or by a SKU: each by its index."""
        number = term.strip().upper()
        numbers = Order.objects.filter(
            Q(number__startswith=number) | Q(number__startswith=f"{NUMBER_PREFIX}{number}")
        )
        emails = Order.objects.filter(email__startswith=term.strip().lower())
        phones = Order.objects.filter(phone__startswith=term.strip())
        lines = OrderLine.objects.filter(sku=term.strip())
        return self.filter(
            pk__in=numbers.values("pk").union(
                emails.values("pk"), phones.values("pk"), lines.values("order_id")
            )
        )


class Order(models.Model):
    """One order. Its lines are snapshots: nothing is computed again afterwards.

    ``access_salt`` and the number make the token that opens a guest's order. ``taken_back_total``,
    written by ``refunds``, is what of ``refunded_total`` left without the shop having agreed: it
    is owed again. ``fulfilled_at``, written by ``shop.fulfilment``, is when the last of it had
    arrived or come back.
    """

    number = models.CharField(max_length=16, unique=True)
    access_salt = models.CharField(max_length=32, editable=False)
    status = models.CharField(
        max_length=9, choices=OrderStatus.choices, default=OrderStatus.PENDING
    )
    cancel_reason = models.CharField(max_length=12, choices=CancelReason.choices, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="orders")
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField()
    phone = models.CharField(max_length=32, blank=True)
    delivery_method = models.CharField(max_length=8, choices=DeliveryMethod.choices)
    payment_method = models.CharField(max_length=16, choices=PaymentMethod.choices)
    pay_on_delivery = models.BooleanField(default=False)
    shipping_address = models.JSONField(default=dict, blank=True)
    shipping_zone = models.ForeignKey(
        ShippingZone, models.PROTECT, null=True, blank=True, related_name="+"
    )
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, blank=True, related_name="orders")
    currency = models.CharField(max_length=3)
    items_total = MoneyField()
    discount_total = MoneyField()
    shipping_total = MoneyField()
    tax_total = MoneyField()
    prices_include_tax = models.BooleanField()
    total = MoneyField()
    captured_total = MoneyField(default=ZERO)
    refunded_total = MoneyField(default=ZERO)
    taken_back_total = MoneyField(default=ZERO)
    payment_status = models.GeneratedField(
        expression=Case(
            When(
                Q(refunded_total__gt=0) & Q(refunded_total=F("captured_total")),
                then=Value(PaymentStatus.REFUNDED.value),
            ),
            When(refunded_total__gt=0, then=Value(PaymentStatus.PARTLY_REFUNDED.value)),
            When(captured_total__gt=F("total"), then=Value(PaymentStatus.OVERPAID.value)),
            When(captured_total=F("total"), then=Value(PaymentStatus.PAID.value)),
            When(captured_total=0, then=Value(PaymentStatus.UNPAID.value)),
            default=Value(PaymentStatus.PARTLY_PAID.value),
        ),
        output_field=models.CharField(max_length=15, choices=PaymentStatus.choices),
        db_persist=True,
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    fulfilled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_status_is_known", condition=Q(status__in=OrderStatus.values)
            ),
            models.CheckConstraint(
                name="order_total_is_items_less_discount_plus_shipping_plus_added_tax",
                condition=Q(
                    prices_include_tax=True,
                    total=F("items_total") - F("discount_total") + F("shipping_total"),
                )
                | Q(
                    prices_include_tax=False,
                    total=F("items_total")
                    - F("discount_total")
                    + F("shipping_total")
                    + F("tax_total"),
                ),
            ),
            models.CheckConstraint(
                name="order_amounts_are_not_negative",
                condition=Q(*((f"{column}__gte", 0) for column in MONEY_COLUMNS)),
            ),
            models.CheckConstraint(
                name="order_discount_is_at_most_its_items",
                condition=Q(discount_total__lte=F("items_total")),
            ),
            models.CheckConstraint(
                name="order_refunded_is_at_most_captured",
                condition=Q(refunded_total__lte=F("captured_total")),
            ),
            models.CheckConstraint(
                name="order_taken_back_is_at_most_refunded",
                condition=Q(taken_back_total__lte=F("refunded_total")),
            ),
            models.CheckConstraint(
                name="order_has_a_cancel_reason_only_when_cancelled",
                condition=Q(status=OrderStatus.CANCELLED, cancel_reason__in=CancelReason.values)
                | (~Q(status=OrderStatus.CANCELLED) & Q(cancel_reason="")),
            ),
            models.CheckConstraint(
                name="order_is_confirmed_only_when_paid_or_paid_on_delivery",
                condition=~Q(status__in=[OrderStatus.CONFIRMED, OrderStatus.COMPLETED])
                | Q(pay_on_delivery=True)
                | Q(captured_total__gte=F("total")),
            ),
            models.CheckConstraint(
                name="order_is_completed_only_once_fulfilled",
                condition=~Q(status=OrderStatus.COMPLETED) | Q(fulfilled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="order_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="order_by_status"),
            models.Index(fields=["user", "-created_at", "-id"], name="order_of_customer"),
            models.Index(fields=["email"], opclasses=[PREFIX], name="order_by_email"),
            models.Index(fields=["phone"], opclasses=[PREFIX], name="order_by_phone"),
            models.Index(
                fields=["id"], name="order_taken_back", condition=Q(taken_back_total__gt=0)
            ),
            models.Index(
                fields=["expires_at"],
                name="order_overdue",
                condition=Q(status=OrderStatus.PENDING, expires_at__isnull=False),
            ),
        ]
        triggers = [TotalsEqualTheLines(), AMOUNTS_ARE_FIXED, IsConfirmedByMoneyThatIsHere()]

    def __str__(self) -> str:
        return self.number

    @property
    def net_captured(self) -> Decimal:
        """What arrived, less what was taken back without the shop having agreed.

        What the shop gives back by itself stays in it: for that, less is owed.
        """
        return self.captured_total - self.taken_back_total

    @property
    def due(self) -> Decimal:
        """What is still to be paid."""
        return max(ZERO, self.total - self.net_captured)

    @property
    def excess(self) -> Decimal:
        """What the shop holds above the total."""
        return max(ZERO, self.captured_total - self.refunded_total - self.total)


class OrderLine(models.Model):
    """What was promised of one variant: title, SKU, options and prices as they were."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="order_lines")
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    options = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    unit_price = MoneyField()
    list_price = MoneyField()
    quantity = models.PositiveIntegerField()
    discount = MoneyField()
    tax = MoneyField()
    tax_is_included = models.BooleanField()
    total = MoneyField()
    qty_cancelled = models.PositiveIntegerField(default=0)
    qty_shipped = models.PositiveIntegerField(default=0)
    qty_delivered = models.PositiveIntegerField(default=0)
    qty_returned = models.PositiveIntegerField(default=0)
    refunded = MoneyField(default=ZERO)

    class Meta:
        constraints = [
            models.UniqueConstraint("order", "variant", name="one_order_line_per_variant"),
            models.UniqueConstraint("order", "position", name="one_order_line_per_position"),
            models.CheckConstraint(
                name="order_line_total_is_gross_less_discount_plus_added_tax",
                condition=Q(
                    tax_is_included=True,
                    total=F("unit_price") * F("quantity") - F("discount"),
                )
                | Q(
                    tax_is_included=False,
                    total=F("unit_price") * F("quantity") - F("discount") + F("tax"),
                ),
            ),
            models.CheckConstraint(
                name="order_line_quantity_is_1_to_999",
                condition=Q(quantity__gte=1) & Q(quantity__lte=MAX_QUANTITY),
            ),
            models.CheckConstraint(
                name="order_line_amounts_are_not_negative",
                condition=Q(unit_price__gte=0, list_price__gte=0, discount__gte=0, tax__gte=0)
                & Q(total__gte=0),
            ),
            models.CheckConstraint(
                name="order_line_cancelled_and_shipped_are_at_most_its_quantity",
                condition=Q(quantity__gte=F("qty_cancelled") + F("qty_shipped")),
            ),
            models.CheckConstraint(
                name="order_line_delivered_and_returned_are_at_most_shipped",
                condition=Q(qty_delivered__lte=F("qty_shipped"))
                & Q(qty_returned__lte=F("qty_shipped")),
            ),
            models.CheckConstraint(
                name="order_line_refunded_is_at_most_its_total",
                condition=Q(refunded__gte=0) & Q(refunded__lte=F("total")),
            ),
        ]
        indexes = [
            models.Index(fields=["sku", "order"], name="order_line_by_sku"),
            models.Index(
                fields=["order"], name="order_line_cancelled", condition=Q(qty_cancelled__gt=0)
            ),
        ]
        triggers = [LineIsInItsOrdersTotals(), LINE_IS_A_SNAPSHOT]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"

    @property
    def open_quantity(self) -> int:
        """What of it still holds stock."""
        return self.quantity - self.qty_cancelled - self.qty_shipped


class OrderNote(models.Model):
    """A remark by staff, never shown to the customer. Written once."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="notes")
    text = models.TextField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:60]
