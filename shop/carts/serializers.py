"""What the routes of carts read and write."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.accounts.serializers import CountryField, PhoneField
from mdv.http.serializers import IntegerField, LineField, MoneyField, StrictSerializer
from shop.carts.models import MAX_QUANTITY, CartLine
from shop.carts.services import CartContents, CartQuote, is_for_sale
from shop.pricing.calculation import Price
from shop.pricing.serializers import CurrencyField
from shop.pricing.services import Destination
from shop.pricing.states import DeliveryMethod


class NewCartIn(StrictSerializer):
    """Nothing: a new cart is empty."""


class NewLineIn(StrictSerializer):
    sku = LineField(max_length=64)
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)


class LineIn(StrictSerializer):
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)


class CouponCodeIn(StrictSerializer):
    code = LineField(max_length=40)


class PlaceIn(StrictSerializer):
    """An address as far as it is known. State and country decide what shipping and tax cost."""

    name = LineField(max_length=150, required=False, allow_blank=True)
    phone = PhoneField(required=False)
    street = LineField(max_length=255, required=False, allow_blank=True)
    city = LineField(max_length=100, required=False, allow_blank=True)
    state = LineField(max_length=100, required=False, allow_blank=True)
    country = CountryField(required=False)


def refuse_address_of_pickup(delivery_method: str) -> None:
    """Refuse an address that would be ignored, and its tax with it.

    Raises:
        ValidationError: the customer collects the goods.
    """
    if delivery_method == DeliveryMethod.PICKUP:
        message = "A pickup has no shipping address."
        raise serializers.ValidationError({"shipping_address": [message]}, code="not_allowed")


class QuoteIn(StrictSerializer):
    delivery_method = serializers.ChoiceField(DeliveryMethod.choices)
    shipping_address = PlaceIn(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "shipping_address" in attrs:
            refuse_address_of_pickup(attrs["delivery_method"])
        return attrs

    def destination(self) -> Destination:
        """Return where the goods would go."""
        place = self.validated_data.get("shipping_address", {})
        return Destination(
            country=place.get("country", ""),
            state=place.get("state", ""),
            is_pickup=self.validated_data["delivery_method"] == DeliveryMethod.PICKUP,
        )


class CartLineOut(serializers.Serializer[CartLine]):
    """``unit_price`` is today's, ``seen_price`` that of the day when it was put in."""

    sku = serializers.CharField(source="variant.sku")
    product = serializers.CharField(source="variant.product.slug", help_text="The slug.")
    title = serializers.CharField(source="variant.product.title")
    options = serializers.ListField(child=serializers.CharField(), source="variant.option_values")
    quantity = serializers.IntegerField()
    unit_price = MoneyField(source="variant.price")
    seen_price = MoneyField()
    total = serializers.SerializerMethodField()
    is_available = serializers.SerializerMethodField(
        help_text="Still sold. What is not, is not in the totals."
    )
    in_stock = serializers.BooleanField(source="variant.in_stock")

    @extend_schema_field(MoneyField())
    def get_total(self, line: CartLine) -> str:
        return MoneyField().to_representation(line.variant.price * line.quantity)

    def get_is_available(self, line: CartLine) -> bool:
        return is_for_sale(line.variant)


class RefusalOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(source="message")


class CartCouponOut(serializers.Serializer[CartContents]):
    code = serializers.CharField(source="cart.coupon.code")
    problem = RefusalOut(
        source="coupon_problem", allow_null=True, help_text="Why it gives nothing now, or null."
    )


class CartTotalsOut(serializers.Serializer[Price]):
    """Before shipping and tax: a quote adds them."""

    items_total = MoneyField()
    discount_total = MoneyField()
    total = MoneyField()


class CartOut(serializers.Serializer[CartContents]):
    token = serializers.CharField(source="cart.token")
    lines = CartLineOut(many=True)
    coupon = serializers.SerializerMethodField()
    totals = CartTotalsOut(source="price")
    currency = CurrencyField()
    updated_at = serializers.DateTimeField(source="cart.updated_at")

    @extend_schema_field(CartCouponOut(allow_null=True))
    def get_coupon(self, contents: CartContents) -> Any:
        return CartCouponOut(contents).data if contents.cart.coupon else None


class TotalsOut(CartTotalsOut):
    """``total`` is what an order placed now would expect as its ``expected_total``."""

    shipping_total = MoneyField()
    tax_total = MoneyField()
    prices_include_tax = serializers.BooleanField()


class ChangedPriceOut(serializers.Serializer[CartLine]):
    sku = serializers.CharField(source="variant.sku")
    quantity = serializers.IntegerField()
    old = MoneyField(source="seen_price")
    new = MoneyField(source="variant.price")


class GoneLineOut(serializers.Serializer[CartLine]):
    sku = serializers.CharField(source="variant.sku")
    title = serializers.CharField(source="variant.product.title")


class ShortLineOut(serializers.Serializer[Any]):
    sku = serializers.CharField()
    requested = serializers.IntegerField(source="wanted")
    available = serializers.IntegerField()


class ChangesOut(serializers.Serializer[CartQuote]):
    """What became of the lines since they were put in. Nothing is held until it is ordered."""

    prices = ChangedPriceOut(many=True, source="changed")
    unavailable = GoneLineOut(many=True)
    out_of_stock = ShortLineOut(many=True, source="short")


class QuoteOut(serializers.Serializer[CartQuote]):
    totals = TotalsOut(source="quote.price")
    shipping_zone = serializers.CharField(
        source="quote.zone.name", allow_null=True, default=None, help_text="Null for a pickup."
    )
    currency = CurrencyField()
    changes = ChangesOut(source="*")
