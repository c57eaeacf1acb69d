"""Orders in the back office: the list, and the page on which one is worked."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString

from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.filters import KnownFilter
from mdv.admin.show import show_choice, show_moment, show_money
from mdv.backoffice.order_actions import ORDER_ACTIONS
from mdv.backoffice.order_as_it_was import past_path
from mdv.backoffice.order_chips import payment_label, status_label
from mdv.backoffice.order_page import facts_of
from mdv.backoffice.order_papers import paper_paths
from refunds.services import owed_orders
from shop.fulfilment.services import orders_to_pack
from shop.orders.models import Order, OrderQuerySet
from shop.orders.services import held_orders
from shop.orders.states import OrderStatus, PaymentMethod, PaymentStatus
from shop.pricing.states import DeliveryMethod


class StatusFilter(KnownFilter):
    title = "status"
    parameter_name = "status"
    choices_known = [(status.value, show_choice(status)) for status in OrderStatus]


class PaymentStatusFilter(KnownFilter):
    title = "payment"
    parameter_name = "payment_status"
    choices_known = [(status.value, show_choice(status)) for status in PaymentStatus]


class PaymentMethodFilter(KnownFilter):
    title = "how it is paid"
    parameter_name = "payment_method"
    choices_known = [(method.value, show_choice(method)) for method in PaymentMethod]


class DeliveryMethodFilter(KnownFilter):
    title = "delivery"
    parameter_name = "delivery_method"
    choices_known = [(method.value, show_choice(method)) for method in DeliveryMethod]


WAITING = {
    "pack": orders_to_pack,
    "held": held_orders,
    "owed": owed_orders,
}


class WorkFilter(KnownFilter):
    title = "work"
    parameter_name = "work"
    choices_known = [
        ("pack", "To pack"),
        ("held", "Held: money is missing"),
        ("owed", "Owed to customers"),
    ]

    def narrow(self, queryset: Any, value: str) -> Any:
        return queryset.filter(pk__in=WAITING[value]().values("pk"))


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Nothing here is edited by hand: the buttons call the services."""

    list_display = (
        "number",
        "placed",
        "customer",
        "shown_status",
        "shown_payment_status",
        "how",
        "shown_total",
    )
    list_filter = (
        WorkFilter,
        StatusFilter,
        PaymentStatusFilter,
        PaymentMethodFilter,
        DeliveryMethodFilter,
    )
    sortable_by = ("placed",)
    search_fields = ("number",)
    search_help_text = "Beginning of the number, e-mail or phone, or a whole SKU"
    ordering = ("-created_at", "-id")
    fields = ()
    change_form_template = "mdv/backoffice/order.html"
    object_actions = ORDER_ACTIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("coupon", "invoice")

    def get_urls(self) -> list[URLPattern]:
        return [*paper_paths(self), past_path(self), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        orders = cast("OrderQuerySet", queryset)
        return (orders.search(search_term) if search_term.strip() else orders), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(facts_of(request, context["original"]))
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="placed", ordering="created_at")
    def placed(self, order: Order) -> str:
        return show_moment(order.created_at)

    @admin.display(description="customer")
    def customer(self, order: Order) -> str:
        return order.name or order.email

    @admin.display(description="status")
    def shown_status(self, order: Order) -> SafeString:
        return status_label(order)

    @admin.display(description="payment")
    def shown_payment_status(self, order: Order) -> SafeString:
        return payment_label(order)

    @admin.display(description="paid and delivered by")
    def how(self, order: Order) -> str:
        return f"{show_choice(order.payment_method)}, {order.delivery_method}"

    @admin.display(description="total")
    def shown_total(self, order: Order) -> str:
        return show_money(order.total, order.currency)
