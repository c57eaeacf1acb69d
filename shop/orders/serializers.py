"""What the routes of orders read and write."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.accounts.serializers import CountryField
from mdv.http.serializers import LineField, MoneyField, StrictSerializer, TextField
from shop.carts.serializers import CartOut, PlaceIn
from shop.carts.services import read_cart
from shop.orders.models import (
    MAX_ACCEPTING_REASON_LENGTH,
    MissingAcceptance,
    Order,
    OrderLine,
    OrderNote,
)
from shop.orders.services.reorder import Reordered
from shop.orders.services.write_note import MAX_LENGTH
from shop.orders.states import PaymentStatus

MAX_REASON_LENGTH = 500


class ShippingAddressIn(PlaceIn):
    name = LineField(max_length=150)
    street = LineField(max_length=255)
    city = LineField(max_length=100)
    country = CountryField()


class CancelIn(StrictSerializer):
    """``reason`` is in the customer's own words."""

    reason = TextField(max_length=MAX_REASON_LENGTH, required=False, allow_blank=True)


class NoteIn(StrictSerializer):
    text = TextField(max_length=MAX_LENGTH)


class AcceptMissingIn(StrictSerializer):
    amount = MoneyField(help_text="What is missing, as it was seen.")
    reason = LineField(max_length=MAX_ACCEPTING_REASON_LENGTH)


class OrderLineOut(serializers.ModelSerializer[OrderLine]):
    """A line as it was ordered."""

    options = serializers.ListField(child=serializers.CharField())
    unit_price = MoneyField()
    list_price = MoneyField()
    discount = MoneyField()
    tax = MoneyField()
    total = MoneyField()

    class Meta:
        model = OrderLine
        fields = (
            "position",
            "sku",
            "title",
            "options",
            "quantity",
            "unit_price",
            "list_price",
            "discount",
            "tax",
            "total",
        )
        read_only_fields = fields


class OrderOut(serializers.ModelSerializer[Order]):
    """An order in a list."""

    payment_status = serializers.ChoiceField(PaymentStatus.choices)
    total = MoneyField()
    due = MoneyField()

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "number",
            "status",
            "payment_status",
            "cancel_reason",
            "delivery_method",
            "payment_method",
            "currency",
            "total",
            "due",
            "created_at",
        )
        read_only_fields = fields


class LeftOutOut(serializers.ModelSerializer[OrderLine]):
    class Meta:
        model = OrderLine
        fields = ("sku", "title", "quantity")


class ReorderedOut(serializers.Serializer[Reordered]):
    """A cart as `/carts` shows it, and what of the order is not in it."""

    cart = serializers.SerializerMethodField()
    left_out = LeftOutOut(many=True, help_text="No longer sold.")

    @extend_schema_field(CartOut)
    def get_cart(self, reordered: Reordered) -> Any:
        return CartOut(read_cart(reordered.cart, at=self.context["at"])).data


class ShippingAddressOut(serializers.Serializer[Any]):
    name = serializers.CharField(default="")
    phone = serializers.CharField(default="")
    street = serializers.CharField(default="")
    city = serializers.CharField(default="")
    state = serializers.CharField(default="")
    country = serializers.CharField(default="")


class FullOrderOut(OrderOut):
    """An order with its amounts and address."""

    items_total = MoneyField()
    discount_total = MoneyField()
    shipping_total = MoneyField()
    tax_total = MoneyField()
    captured_total = MoneyField()
    refunded_total = MoneyField()
    taken_back_total = MoneyField()
    shipping_address = serializers.SerializerMethodField(help_text="Null for a pickup.")

    class Meta(OrderOut.Meta):
        fields = (
            *OrderOut.Meta.fields,
            "name",
            "email",
            "phone",
            "shipping_address",
            "items_total",
            "discount_total",
            "shipping_total",
            "tax_total",
            "prices_include_tax",
            "captured_total",
            "refunded_total",
            "taken_back_total",
            "expires_at",
            "confirmed_at",
            "cancelled_at",
        )
        read_only_fields = fields

    @extend_schema_field(ShippingAddressOut(allow_null=True))
    def get_shipping_address(self, order: Order) -> Any:
        return ShippingAddressOut(order.shipping_address).data if order.shipping_address else None


class StaffOrderOut(OrderOut):
    """An order in the staff's list."""

    class Meta(OrderOut.Meta):
        fields = (*OrderOut.Meta.fields, "name", "email", "phone")
        read_only_fields = fields


class NoteOut(serializers.ModelSerializer[OrderNote]):
    author = serializers.EmailField(source="author.email")

    class Meta:
        model = OrderNote
        fields = ("text", "author", "created_at")
        read_only_fields = fields


class AcceptanceOut(serializers.ModelSerializer[MissingAcceptance]):
    """That goods may leave though so much is missing."""

    amount = MoneyField()
    accepted_by = serializers.EmailField(source="accepted_by.email")

    class Meta:
        model = MissingAcceptance
        fields = ("amount", "reason", "accepted_by", "accepted_at")
        read_only_fields = fields


class MissingMoneyOut(serializers.Serializer[Any]):
    """What is missing of an order, and what of that was accepted."""

    currency = serializers.CharField()
    due = MoneyField()
    missing = MoneyField()
    accepted = MoneyField()
    is_held = serializers.BooleanField()
    acceptances = AcceptanceOut(many=True)
