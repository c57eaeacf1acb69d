"""What it costs: coupons, shipping zones, tax rates."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Lower, Upper
from django.db.models.lookups import Regex

from mdv.kernel.countries import check_country
from mdv.kernel.money import ZERO, MoneyField
from shop.pricing.states import CouponKind

CODE_PATTERN = r"^[A-Z0-9_-]{2,40}$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"
COUNTRIES_PATTERN = r"^([A-Z]{2}(,[A-Z]{2})*)?$"
MAX_PERCENT = 100
NOT_NEGATIVE = [MinValueValidator(ZERO)]


def in_small_letters(state: str) -> str:
    """Return a state as zones and tax rates know it, however it was typed."""
    return " ".join(state.lower().split())


class Coupon(models.Model):
    """A code that makes an order cheaper.

    ``used_count`` counts the orders that use it and are not cancelled. ``value`` is a percentage,
    an amount, or 0 for free shipping.
    """

    code = models.CharField(
        max_length=40, help_text="Stored in capitals.", validators=[RegexValidator(CODE_PATTERN)]
    )
    kind = models.CharField(max_length=8, choices=CouponKind.choices)
    value = MoneyField(default=ZERO, validators=NOT_NEGATIVE)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    min_subtotal = MoneyField(default=ZERO, validators=NOT_NEGATIVE)
    limit_total = models.PositiveIntegerField(null=True, blank=True)
    limit_per_customer = models.PositiveIntegerField(null=True, blank=True)
    used_count = models.PositiveIntegerField(default=0, editable=False)
    excludes_sale_items = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("code", name="coupon_code_is_unique"),
            models.CheckConstraint(
                name="coupon_code_is_in_capitals",
                condition=Q(code=Upper("code")) & Q(code__regex=CODE_PATTERN),
            ),
            models.CheckConstraint(
                name="coupon_exhausted",
                condition=Q(limit_total=None) | Q(used_count__lte=F("limit_total")),
                violation_error_code="coupon_exhausted",
            ),
            models.CheckConstraint(
                name="coupon_value_fits_its_kind",
                condition=Q(kind=CouponKind.PERCENT, value__gt=0, value__lte=MAX_PERCENT)
                | Q(kind=CouponKind.FIXED, value__gt=0)
                | Q(kind=CouponKind.SHIPPING, value=0),
            ),
            models.CheckConstraint(
                name="coupon_ends_after_it_starts",
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="coupon_min_subtotal_is_not_negative", condition=Q(min_subtotal__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def is_open(self, at: datetime) -> bool:
        """Tell whether the coupon is active and within its dates."""
        started = self.starts_at is None or self.starts_at <= at
        ended = self.ends_at is not None and self.ends_at <= at
        return self.is_active and started and not ended


class CouponRedemption(models.Model):
    """One order's use of a coupon.

    ``customer_keys`` are all that the customer is known by: ``user:<id>``, ``email:<address>``.
    """

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="redemptions")
    customer_keys = ArrayField(models.CharField(max_length=270))
    order_number = models.CharField(max_length=16, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [GinIndex(fields=["customer_keys"], name="redemption_by_customer")]

    def __str__(self) -> str:
        return f"{self.order_number}"


# A zone that names nothing at all takes nothing, unless it is the default.
WHOLE_COUNTRIES = Q(states=[]) & ~Q(countries=[])


class ShippingZoneQuerySet(models.QuerySet["ShippingZone"]):
    def in_countries(self, codes: Sequence[str]) -> "ShippingZoneQuerySet":
        """Select the active zones in one of these countries."""
        listed = Q(countries__overlap=codes)
        if settings.STORE_COUNTRY in codes:
            listed |= Q(countries=[])
        return self.filter(listed, is_active=True)

    def whole_countries(self) -> "ShippingZoneQuerySet":
        """Select the zones that take all of the countries that they list."""
        return self.filter(WHOLE_COUNTRIES)

    def for_place(self, country: str, state: str) -> "ShippingZone | None":
        """Return the zone in `country` that names `state`, or else all of it, or is the default."""
        named = Q(states__contains=[in_small_letters(state)])
        found = self.in_countries([country]).filter(named | WHOLE_COUNTRIES | Q(is_default=True))
        by_name = Case(When(named, then=Value(0)), default=Value(1))
        return found.order_by(by_name, "is_default", "id").first()


class ShippingZone(models.Model):
    """Where we deliver and for how much. ``free_over`` is compared after the coupon.

    It is in the countries that it lists, or else in the shop's own, and takes the states that it
    names there. One that lists countries and names no states takes all of them; the default zone
    takes what no other zone does, in its countries and no further. One that orders went to is
    kept; it can be switched off.
    """

    name = models.CharField(max_length=80)
    states = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="States in small letters, separated by commas.",
    )
    countries = ArrayField(
        models.CharField(max_length=2, validators=[check_country]),
        default=list,
        blank=True,
        help_text="ISO 3166-1 codes. None means the shop's own country alone.",
    )
    fee = MoneyField(validators=NOT_NEGATIVE)
    free_over = MoneyField(null=True, blank=True, validators=NOT_NEGATIVE)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[ShippingZoneQuerySet] = ShippingZoneQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint("name", name="shipping_zone_name_is_unique"),
            models.CheckConstraint(name="zone_fee_is_not_negative", condition=Q(fee__gte=0)),
            models.CheckConstraint(
                name="zone_free_over_is_not_negative",
                condition=Q(free_over=None) | Q(free_over__gte=0),
            ),
            models.UniqueConstraint(
                "is_default",
                condition=Q(is_default=True, is_active=True),
                name="one_default_shipping_zone",
            ),
            models.CheckConstraint(
                name="zone_countries_are_two_capital_letters",
                condition=Regex(
                    Func(
                        F("countries"),
                        Value(","),
                        function="array_to_string",
                        output_field=models.TextField(),
                    ),
                    COUNTRIES_PATTERN,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def all_countries(self) -> list[str]:
        """The countries that it is in, the shop's own included."""
        return self.countries or [settings.STORE_COUNTRY]


class TaxRateQuerySet(models.QuerySet["TaxRate"]):
    def for_address(self, country: str, state: str) -> "TaxRate | None":
        """Return the rate of the state, else of its country, else none."""
        found = self.filter(country=country, state__in=[in_small_letters(state), ""])
        return found.order_by("-state").first()


class TaxRate(models.Model):
    """A tax of one place, either contained in the prices or added on top of them."""

    country = models.CharField(max_length=2, validators=[check_country])
    state = models.CharField(max_length=100, blank=True, help_text="In small letters, or empty.")
    percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        validators=[*NOT_NEGATIVE, MaxValueValidator(MAX_PERCENT)],
    )
    is_included = models.BooleanField(default=True, help_text="Prices already contain it.")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[TaxRateQuerySet] = TaxRateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint("country", "state", name="one_tax_rate_per_place"),
            models.CheckConstraint(
                name="tax_percent_is_from_0_to_100",
                condition=Q(percent__gte=0) & Q(percent__lte=MAX_PERCENT),
            ),
            models.CheckConstraint(
                name="tax_country_is_two_capital_letters",
                condition=Q(country__regex=COUNTRY_PATTERN),
            ),
            models.CheckConstraint(
                name="tax_state_is_in_small_letters", condition=Q(state=Lower("state"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.state} {self.percent} %".replace("  ", " ")
