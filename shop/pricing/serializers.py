"""What the routes of coupons, zones and tax rates read and write."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.accounts.serializers import CountryField
from mdv.http.serializers import (
    BooleanField,
    IntegerField,
    LineField,
    ListField,
    MoneyField,
    StrictSerializer,
)
from mdv.kernel.money import MAX_PRICE
from shop.pricing.models import MAX_PERCENT, Coupon, ShippingZone, TaxRate
from shop.pricing.states import CouponKind

MAX_STATES = 300
MAX_COUNTRIES = 250


@extend_schema_field({"type": "string", "examples": ["NGN"]})
class CurrencyField(serializers.Field[str, str, str, Any]):
    """The shop's currency, in which all amounts of the object are."""

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True)

    def to_representation(self, value: Any) -> str:
        return settings.STORE_CURRENCY


class CouponIn(StrictSerializer):
    """``value`` is a percentage, an amount, or left out for free shipping."""

    code = LineField(max_length=40)
    kind = serializers.ChoiceField(CouponKind.choices)
    value = MoneyField(required=False, max_value=MAX_PRICE)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    min_subtotal = MoneyField(required=False, max_value=MAX_PRICE)
    limit_total = IntegerField(required=False, allow_null=True, min_value=1)
    limit_per_customer = IntegerField(required=False, allow_null=True, min_value=1)
    excludes_sale_items = BooleanField(required=False)
    is_active = BooleanField(required=False)


class CouponOut(serializers.ModelSerializer[Coupon]):
    value = MoneyField()
    min_subtotal = MoneyField()
    currency = CurrencyField()

    class Meta:
        model = Coupon
        fields = (
            "code",
            "kind",
            "value",
            "starts_at",
            "ends_at",
            "min_subtotal",
            "limit_total",
            "limit_per_customer",
            "used_count",
            "excludes_sale_items",
            "is_active",
            "currency",
        )
        read_only_fields = fields


class ZoneIn(StrictSerializer):
    name = LineField(max_length=80)
    states = ListField(child=LineField(max_length=100), required=False, max_length=MAX_STATES)
    countries = ListField(
        child=CountryField(),
        required=False,
        max_length=MAX_COUNTRIES,
        help_text="ISO 3166-1 codes. None means the shop's own country alone.",
    )
    fee = MoneyField(max_value=MAX_PRICE)
    free_over = MoneyField(required=False, allow_null=True, max_value=MAX_PRICE)
    is_default = BooleanField(required=False)
    is_active = BooleanField(required=False)


class ZoneOut(serializers.ModelSerializer[ShippingZone]):
    states = serializers.ListField(child=serializers.CharField())
    countries = serializers.ListField(
        child=serializers.CharField(), help_text="Empty for the shop's own country alone."
    )
    fee = MoneyField()
    free_over = MoneyField(allow_null=True)
    currency = CurrencyField()

    class Meta:
        model = ShippingZone
        fields = (
            "id",
            "name",
            "states",
            "countries",
            "fee",
            "free_over",
            "is_default",
            "is_active",
            "currency",
        )
        read_only_fields = fields


class TaxRateIn(StrictSerializer):
    """``state`` empty means the whole country. ``percent`` is a string: ``"7.50"``."""

    country = CountryField()
    state = LineField(max_length=100, required=False, allow_blank=True)
    percent = MoneyField(max_value=Decimal(MAX_PERCENT))
    is_included = BooleanField(required=False)


class TaxRateOut(serializers.ModelSerializer[TaxRate]):
    percent = MoneyField()

    class Meta:
        model = TaxRate
        fields = ("id", "country", "state", "percent", "is_included")
        read_only_fields = fields
