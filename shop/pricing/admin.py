from django.contrib import admin
from django.http import HttpRequest

from mdv.admin.base import BackOfficeAdmin
from mdv.admin.show import show_money
from shop.pricing.models import Coupon, ShippingZone, TaxRate


@admin.register(Coupon)
class CouponAdmin(BackOfficeAdmin):
    list_display = ("code", "kind", "value", "used", "starts_at", "ends_at", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("code__startswith",)
    search_help_text = "Code, in capitals"
    ordering = ("-id",)
    readonly_fields = ("used_count",)

    @admin.display(description="used")
    def used(self, coupon: Coupon) -> str:
        limit = "" if coupon.limit_total is None else f" of {coupon.limit_total}"
        return f"{coupon.used_count}{limit}"

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        """Keep what was ever used: switch it off instead."""
        is_unused = obj is None or not obj.used_count
        return is_unused and super().has_delete_permission(request, obj)


@admin.register(ShippingZone)
class ShippingZoneAdmin(BackOfficeAdmin):
    list_display = ("name", "states", "shown_fee", "shown_free_over", "is_default")
    ordering = ("name", "id")

    @admin.display(description="fee", ordering="fee")
    def shown_fee(self, zone: ShippingZone) -> str:
        return show_money(zone.fee)

    @admin.display(description="free over", ordering="free_over")
    def shown_free_over(self, zone: ShippingZone) -> str:
        return show_money(zone.free_over)


@admin.register(TaxRate)
class TaxRateAdmin(BackOfficeAdmin):
    list_display = ("country", "state", "percent", "is_included")
    ordering = ("country", "state", "id")
