"""What the routes of carts read and write."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.accounts.serializers import CountryField, PhoneField
from mdv.http.serializers import IntegerField, LineField, MoneyField, StrictSerializer
from shop.carts.models import MAX_QUANTITY, CartLine
from shop.carts.services import CartContents, is_for_sale
from shop.pricing.serializers import CurrencyField
from shop.pricing.services import Destination


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


class QuoteIn(StrictSerializer):
    delivery_method = serializers.ChoiceField(["delivery", "pickup"])
    shipping_address = PlaceIn(required=False)

    def destination(self) -> Destination:
        """Return where the goods would go."""
        place = self.validated_data.get("shipping_address", {})
        return Destination(
            country=place.get("country", settings.STORE_COUNTRY),
            state=place.get("state", ""),
            is_pickup=self.validated_data["delivery_method"] == "pickup",
        )


class CartLineOut(serializers.Serializer[CartLine]):
    """``unit_price`` is today's, ``seen_price`` that of the day when it was put in."""

    sku = serializers.CharField(source="variant.sku")
    product = serializers.CharField(source="variant.product.slug", help_text="The slug.")
    title = serializers.CharField(source="variant.product.title")
    options = serializers.ListField(
        child=serializers.CharField(), source="variant.option_values"
    )
    quantity = serializers.IntegerField()
    unit_price = MoneyField(source="variant.price")
    seen_price = MoneyField()
    total = serializers.SerializerMethodField()
    is_available = serializers.SerializerMethodField(help_text="Still sold. What is not is not in the totals.")
    in_stock = serializers.BooleanField(source="variant.in_stock")

    @extend_schema_field(MoneyField())
    def get_total(self, line: CartLine) -> str:
        return MoneyField().to_representation(line.variant.price * line.quantity)

    def get_is_available(self, line: CartLine) -> bool:
        return is_for_sale(line.variant)
