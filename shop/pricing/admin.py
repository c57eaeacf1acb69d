from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.base import BackOfficeAdmin
from mdv.admin.fields import lines_field
from mdv.admin.forms import VersionedForm
from mdv.admin.show import GOOD, show_label, show_money
from shop.pricing import services
from shop.pricing.models import Coupon, ShippingZone, TaxRate
from shop.pricing.states import CouponKind


class CouponForm(VersionedForm):
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
            "excludes_sale_items",
            "is_active",
        )
        labels = {
            "value": f"Percent, or amount in {settings.STORE_CURRENCY}",
            "starts_at": "From",
            "ends_at": "Until",
            "min_subtotal": f"Smallest value of the goods ({settings.STORE_CURRENCY})",
            "limit_total": "At most so many orders",
            "limit_per_customer": "At most so many orders of one customer",
            "excludes_sale_items": "Not for goods that are reduced already",
            "is_active": "In use",
        }

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()


class ZoneForm(VersionedForm):
    states = lines_field("States", help_text="One per line. A default zone takes all others.")
    countries = lines_field(
        "Countries", help_text="One ISO code per line. None means the shop's own country alone."
    )

    class Meta:
        model = ShippingZone
        fields = ("name", "states", "countries", "fee", "free_over", "is_default", "is_active")
        labels = {
            "fee": f"Fee ({settings.STORE_CURRENCY})",
            "free_over": f"Free from ({settings.STORE_CURRENCY})",
            "is_default": "The default zone, for all states without one of their own",
            "is_active": "In use",
        }


class TaxRateForm(VersionedForm):
    class Meta:
        model = TaxRate
        fields = ("country", "state", "percent", "is_included")
        labels = {"percent": "Percent", "is_included": "The prices contain it"}

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


@admin.register(Coupon)
class CouponAdmin(BackOfficeAdmin):
    form = CouponForm
    list_display = ("code", "gives", "used", "starts_at", "ends_at", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("code__istartswith",)
    search_help_text = "Beginning of the code"
    ordering = ("-id",)
    fields = (*CouponForm.Meta.fields, "used")
    readonly_fields = ("used",)

    def create(self, request: HttpRequest, form: Any) -> Coupon:
        return services.create_coupon(**form.changes())

    def update(self, request: HttpRequest, obj: Coupon, form: Any) -> None:
        version = form.cleaned_data["shown"]
        services.update_coupon(coupon_id=obj.pk, version=version, **form.changes())

    def delete_model(self, request: HttpRequest, obj: Coupon) -> None:
        services.delete_coupon(coupon_id=obj.pk)

    @admin.display(description="gives")
    def gives(self, coupon: Coupon) -> str:
        if coupon.kind == CouponKind.PERCENT:
            return f"{coupon.value.normalize():f} %"
        return "Free shipping" if coupon.kind == CouponKind.SHIPPING else show_money(coupon.value)

    @admin.display(description="used")
    def used(self, coupon: Coupon) -> str:
        limit = "" if coupon.limit_total is None else f" of {coupon.limit_total}"
        return f"{coupon.used_count}{limit}"


@admin.register(ShippingZone)
class ShippingZoneAdmin(BackOfficeAdmin):
    form = ZoneForm
    list_display = (
        "name",
        "shown_states",
        "shown_countries",
        "shown_fee",
        "shown_free_over",
        "shown_default",
    )
    ordering = ("name", "id")
    fields = ZoneForm.Meta.fields

    def create(self, request: HttpRequest, form: Any) -> ShippingZone:
        return services.create_zone(**form.changes())

    def update(self, request: HttpRequest, obj: ShippingZone, form: Any) -> None:
        version = form.cleaned_data["shown"]
        services.update_zone(zone_id=obj.pk, version=version, **form.changes())

    def delete_model(self, request: HttpRequest, obj: ShippingZone) -> None:
        services.delete_zone(zone_id=obj.pk)

    @admin.display(description="states")
    def shown_states(self, zone: ShippingZone) -> str:
        if zone.states:
            return ", ".join(zone.states)
        if zone.is_default:
            return "all others"
        return "all" if zone.countries else "none"

    @admin.display(description="countries")
    def shown_countries(self, zone: ShippingZone) -> str:
        return ", ".join(zone.all_countries)

    @admin.display(description="default")
    def shown_default(self, zone: ShippingZone) -> SafeString | str:
        return show_label("Default", GOOD) if zone.is_default and zone.is_active else ""

    @admin.display(description="fee", ordering="fee")
    def shown_fee(self, zone: ShippingZone) -> str:
        return show_money(zone.fee)

    @admin.display(description="free over", ordering="free_over")
    def shown_free_over(self, zone: ShippingZone) -> str:
        return show_money(zone.free_over)


@admin.register(TaxRate)
class TaxRateAdmin(BackOfficeAdmin):
    form = TaxRateForm
    list_display = ("country", "state", "shown_percent", "is_included")
    ordering = ("country", "state", "id")
    fields = TaxRateForm.Meta.fields

    def create(self, request: HttpRequest, form: Any) -> TaxRate:
        return services.create_tax_rate(**form.changes())

    def update(self, request: HttpRequest, obj: TaxRate, form: Any) -> None:
        version = form.cleaned_data["shown"]
        services.update_tax_rate(rate_id=obj.pk, version=version, **form.changes())

    def delete_model(self, request: HttpRequest, obj: TaxRate) -> None:
        services.delete_tax_rate(rate_id=obj.pk)

    @admin.display(description="percent", ordering="percent")
    def shown_percent(self, rate: TaxRate) -> str:
        return f"{rate.percent.normalize():f} %"
