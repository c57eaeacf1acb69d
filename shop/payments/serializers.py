"""What the routes of checking out and of payments read and write."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.accounts.serializers import PhoneField
from mdv.http.serializers import (
    BooleanField,
    EmailField,
    IntegerField,
    LineField,
    ListField,
    MoneyField,
    StrictSerializer,
)
from mdv.kernel.money import CENT
from shop.carts.models import MAX_LINES, MAX_QUANTITY
from shop.carts.serializers import refuse_address_of_pickup
from shop.orders.models import Order, OrderLine
from shop.orders.serializers import FullOrderOut, NoteOut, OrderLineOut, ShippingAddressIn
from shop.orders.services import MAX_ORDER_TOTAL, access_token
from shop.orders.states import OrderStatus, PaymentMethod, PaymentStatus
from shop.payments.models import Payment
from shop.payments.services import HowToPay
from shop.payments.services.record_payment import MAX_REFERENCE_LENGTH
from shop.payments.states import ONLINE_PROVIDERS, Channel
from shop.pricing.states import DeliveryMethod

REQUIRED = "This field is required."


class OrderLineIn(StrictSerializer):
    sku = LineField(max_length=64)
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)


class PlaceOrderIn(StrictSerializer):
    """Exactly one of `cart` (a token) and `lines`.

    ``expected_total`` is the total that the customer agreed to: with another one nothing is
    ordered. An address is required for a delivery, and none is given for a pickup. ``email`` may
    be left out by who is logged in.
    """

    cart = LineField(max_length=64, required=False)
    lines = ListField(child=OrderLineIn(), required=False, min_length=1, max_length=MAX_LINES)
    delivery_method = serializers.ChoiceField(DeliveryMethod.choices)
    payment_method = serializers.ChoiceField(PaymentMethod.choices)
    expected_total = MoneyField()
    email = EmailField(required=False)
    name = LineField(max_length=150, required=False)
    phone = PhoneField(required=False)
    shipping_address = ShippingAddressIn(required=False)
    coupon = LineField(max_length=40, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("cart" in attrs) == ("lines" in attrs):
            message = "Exactly one of cart and lines."
            raise serializers.ValidationError({"lines": [message]}, code="cart_or_lines")
        if "shipping_address" in attrs:
            refuse_address_of_pickup(attrs["delivery_method"])
        elif attrs["delivery_method"] == DeliveryMethod.DELIVERY:
            raise serializers.ValidationError({"shipping_address": [REQUIRED]}, code="required")
        return self._signed(attrs)

    def _signed(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Add what is known of who is logged in, where nothing else is said."""
        user = self.context["user"]
        if user.is_authenticated:
            known = {"email": user.email, "name": user.name}
            if "shipping_address" in attrs:
                known["name"] = attrs["shipping_address"]["name"]
            return {**known, **attrs}
        if "email" not in attrs:
            raise serializers.ValidationError({"email": [REQUIRED]}, code="required")
        return attrs


class HowToPayOut(serializers.Serializer[HowToPay]):
    """``reference`` and ``bank_details`` are filled for bank transfers.

    ``providers`` lists where an order can be paid online: start a payment at one of them.
    """

    method = serializers.ChoiceField(PaymentMethod.choices)
    due = MoneyField()
    instructions = serializers.CharField()
    reference = serializers.CharField()
    bank_details = serializers.CharField()
    providers = serializers.ListField(child=serializers.ChoiceField(ONLINE_PROVIDERS))


class OrderDetailOut(FullOrderOut):
    """An order with its lines, and how to pay what is due."""

    lines = serializers.SerializerMethodField()
    payment = serializers.SerializerMethodField()

    class Meta(FullOrderOut.Meta):
        fields = (*FullOrderOut.Meta.fields, "lines", "payment")
        read_only_fields = fields

    @extend_schema_field(OrderLineOut(many=True))
    def get_lines(self, order: Order) -> Any:
        lines: Sequence[OrderLine] = self.context["lines"]
        return OrderLineOut(lines, many=True).data

    @extend_schema_field(HowToPayOut)
    def get_payment(self, order: Order) -> Any:
        return HowToPayOut(self.context["payment"]).data


class PlacedOrderOut(OrderDetailOut):
    """A new order. ``access_token`` opens it without a log-in: send it as ``X-Order-Token``."""

    access_token = serializers.SerializerMethodField()

    class Meta(OrderDetailOut.Meta):
        fields = (*OrderDetailOut.Meta.fields, "access_token")
        read_only_fields = fields

    def get_access_token(self, order: Order) -> str:
        return access_token(order)


class StartPaymentIn(StrictSerializer):
    """``provider`` is one of those that the order's ``payment.providers`` lists."""

    provider = serializers.ChoiceField(ONLINE_PROVIDERS)


class StartedPaymentOut(serializers.ModelSerializer[Payment]):
    """Send the customer to ``redirect_url``. The reference tells later what became of it."""

    amount = MoneyField()

    class Meta:
        model = Payment
        fields = ("reference", "provider", "state", "currency", "amount", "redirect_url")
        read_only_fields = fields


class OnlinePaymentOut(serializers.ModelSerializer[Payment]):
    """What became of a payment, and of its order."""

    amount = MoneyField()
    captured = MoneyField()
    order = serializers.CharField(source="order.number")
    order_status = serializers.ChoiceField(OrderStatus.choices, source="order.status")
    payment_status = serializers.ChoiceField(PaymentStatus.choices, source="order.payment_status")

    class Meta:
        model = Payment
        fields = (
            "reference",
            "provider",
            "state",
            "currency",
            "amount",
            "captured",
            "order",
            "order_status",
            "payment_status",
        )
        read_only_fields = fields


class PaymentIn(StrictSerializer):
    """Money that staff saw arrive. ``reference`` is the bank's or the receipt's.

    More than is due is booked with ``accept_excess`` only; without it the answer is a 409
    ``more_than_due`` that names what is due.
    """

    amount = MoneyField(min_value=CENT, max_value=MAX_ORDER_TOTAL)
    channel = serializers.ChoiceField(Channel.choices)
    reference = LineField(max_length=MAX_REFERENCE_LENGTH)
    accept_excess = BooleanField(default=False)


class PaymentOut(serializers.ModelSerializer[Payment]):
    amount = MoneyField()
    captured = MoneyField()
    refunded = MoneyField()

    class Meta:
        model = Payment
        fields = (
            "provider",
            "reference",
            "channel",
            "state",
            "currency",
            "amount",
            "captured",
            "refunded",
            "created_at",
            "captured_at",
        )
        read_only_fields = fields


class StaffOrderDetailOut(FullOrderOut):
    """An order with all that belongs to it."""

    customer = serializers.EmailField(
        source="user.email", allow_null=True, default=None, help_text="The account, if any."
    )
    coupon = serializers.CharField(source="coupon.code", allow_null=True, default=None)
    lines = OrderLineOut(many=True, source="lines_by_position")
    payments = PaymentOut(many=True, source="payments_by_age")
    notes = NoteOut(many=True, source="notes_by_age")

    class Meta(FullOrderOut.Meta):
        fields = (
            *FullOrderOut.Meta.fields,
            "customer",
            "coupon",
            "lines",
            "payments",
            "notes",
        )
        read_only_fields = fields
