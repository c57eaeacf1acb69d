"""The order page: everything about one order, and only the next allowed actions as buttons."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit.models import AuditEntry
from mdv.admin.actions import Action
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.fields import choice_field, line_field, money_field, text_field
from mdv.admin.show import BAD, BUSY, CALM, GOOD, show_moment, show_money, show_table
from mdv.kernel import clock
from shop.orders import services as orders
from shop.orders.models import Order
from shop.orders.services.write_note import MAX_LENGTH
from shop.orders.states import CancelReason, OrderStatus, PaymentStatus
from shop.payments import services as payments
from shop.payments.states import Channel

TIMELINE_LENGTH = 100  # entries

STATUS_COLOURS = {
    OrderStatus.PENDING: BUSY,
    OrderStatus.CONFIRMED: GOOD,
    OrderStatus.COMPLETED: CALM,
    OrderStatus.CANCELLED: BAD,
}
PAYMENT_COLOURS = {
    PaymentStatus.UNPAID: BUSY,
    PaymentStatus.PARTLY_PAID: BUSY,
    PaymentStatus.PAID: GOOD,
    PaymentStatus.OVERPAID: BAD,
    PaymentStatus.PARTLY_REFUNDED: CALM,
    PaymentStatus.REFUNDED: CALM,
}
STAFF_REASONS = [
    (reason.value, reason.label)
    for reason in (CancelReason.STAFF, CancelReason.FRAUD, CancelReason.OUT_OF_STOCK)
]


class CancelForm(forms.Form):
    reason = choice_field("Reason", STAFF_REASONS)


class PaymentForm(forms.Form):
    amount = money_field("Amount that arrived", min_value=0)
    channel = choice_field("How", Channel.choices)
    reference = line_field(
        "Reference", max_length=100, help_text="The bank's or the receipt's. Booked once only."
    )


class NoteForm(forms.Form):
    text = text_field("Note", max_length=MAX_LENGTH, help_text="For colleagues only.")


def confirm(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    orders.confirm_pay_on_delivery(number=order.number, at=clock.now())
    return f"{order.number} is confirmed."


def cancel(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    reason = CancelReason(filled["reason"])
    orders.cancel_order(number=order.number, reason=reason, at=clock.now())
    return f"{order.number} is cancelled. Its stock is free again."


def book_payment(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    paid = payments.record_payment(
        number=order.number,
        amount=filled["amount"],
        channel=Channel(filled["channel"]),
        reference=filled["reference"],
        at=clock.now(),
    )
    return f"{show_money(filled['amount'], order.currency)} booked. {paid.number} is {paid.status}."


def note(request: HttpRequest, order: Order, filled: dict[str, Any]) -> str:
    orders.write_note(number=order.number, text=filled["text"], author_id=request.user.pk)
    return "Note added."


def is_pending(order: Order) -> bool:
    return order.status == OrderStatus.PENDING


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "created_at",
        "email",
        "shown_status",
        "shown_payment_status",
        "payment_method",
        "delivery_method",
        "shown_total",
    )
    list_filter = ("status", "payment_status", "payment_method", "delivery_method")
    search_fields = ("number",)
    search_help_text = "Number, e-mail, phone or SKU"
    ordering = ("-created_at", "-id")
    fieldsets = (
        (
            "Order",
            {
                "fields": (
                    ("number", "status", "payment_status"),
                    ("created_at", "confirmed_at", "cancelled_at"),
                    ("payment_method", "delivery_method", "expires_at"),
                    "cancel_reason",
                )
            },
        ),
        ("Lines", {"fields": ("line_list",)}),
        (
            "Money",
            {
                "fields": (
                    ("shown_items", "shown_discount", "shown_shipping"),
                    ("shown_tax", "shown_total", "shown_due"),
                    "coupon",
                    "payment_list",
                )
            },
        ),
        ("Customer", {"fields": (("user", "email", "phone"), "address")}),
        ("Notes", {"fields": ("note_list",)}),
        ("What happened", {"fields": ("timeline",)}),
    )
    object_actions = (
        Action(
            name="book-payment",
            label="Book payment",
            right="payments.record_payment",
            form=PaymentForm,
            run=book_payment,
            is_open=lambda order: order.due > 0 and order.status != OrderStatus.CANCELLED,
            preview=lambda order: (
                f"{show_money(order.due, order.currency)} is due. "
                "The order is confirmed as soon as it is paid in full."
            ),
        ),
        Action(
            name="confirm",
            label="Confirm",
            right="orders.confirm_order",
            run=confirm,
            is_open=lambda order: is_pending(order) and order.pay_on_delivery,
            preview=lambda order: (
                f"{show_money(order.due, order.currency)} is to be taken when the goods are "
                "handed over."
            ),
        ),
        Action(
            name="note",
            label="Add note",
            right="orders.write_note",
            form=NoteForm,
            run=note,
        ),
        Action(
            name="cancel",
            label="Cancel order",
            right="orders.cancel_order",
            form=CancelForm,
            run=cancel,
            is_open=lambda order: (
                not order.captured_total
                and order.status in {OrderStatus.PENDING, OrderStatus.CONFIRMED}
            ),
            preview="Its stock and its coupon are given back. This cannot be undone.",
            is_dangerous=True,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("user", "coupon")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names: list[str] = []
        for _, options in self.fieldsets:
            for entry in options["fields"]:
                names.extend([entry] if isinstance(entry, str) else entry)
        return names

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        return (queryset.search(search_term) if search_term.strip() else queryset), False

    @display(description="status", label=STATUS_COLOURS, ordering="status")
    def shown_status(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @display(description="payment", label=PAYMENT_COLOURS, ordering="payment_status")
    def shown_payment_status(self, order: Order) -> tuple[str, str]:
        return order.payment_status, PaymentStatus(order.payment_status).label

    @admin.display(description="items")
    def shown_items(self, order: Order) -> str:
        return show_money(order.items_total, order.currency)

    @admin.display(description="discount")
    def shown_discount(self, order: Order) -> str:
        return show_money(order.discount_total, order.currency)

    @admin.display(description="shipping")
    def shown_shipping(self, order: Order) -> str:
        return show_money(order.shipping_total, order.currency)

    @admin.display(description="tax")
    def shown_tax(self, order: Order) -> str:
        how = "in the prices" if order.prices_include_tax else "added"
        return f"{show_money(order.tax_total, order.currency)} {how}"

    @admin.display(description="total", ordering="total")
    def shown_total(self, order: Order) -> str:
        return show_money(order.total, order.currency)

    @admin.display(description="due")
    def shown_due(self, order: Order) -> str:
        return show_money(order.due, order.currency)

    @admin.display(description="delivery address")
    def address(self, order: Order) -> str:
        parts = ("name", "phone", "street", "city", "state", "country")
        return ", ".join(filter(None, (order.shipping_address.get(part) for part in parts)))

    @admin.display(description="lines")
    def line_list(self, order: Order) -> SafeString:
        rows = [
            (
                line.sku,
                f"{line.title} {' / '.join(line.options)}".strip(),
                line.quantity,
                show_money(line.unit_price, order.currency),
                show_money(line.discount, order.currency),
                show_money(line.total, order.currency),
            )
            for line in order.lines.order_by("position")
        ]
        return show_table(("SKU", "What", "Units", "Unit price", "Discount", "Total"), rows)

    @admin.display(description="payments")
    def payment_list(self, order: Order) -> SafeString:
        rows = [
            (
                show_moment(payment.created_at),
                payment.get_provider_display(),
                payment.get_channel_display(),
                payment.reference,
                payment.get_state_display(),
                show_money(payment.captured, payment.currency),
            )
            for payment in order.payments.order_by("id")
        ]
        return show_table(("When", "Through", "How", "Reference", "State", "Captured"), rows)

    @admin.display(description="notes")
    def note_list(self, order: Order) -> SafeString:
        notes = order.notes.select_related("author").order_by("id")
        rows = [(show_moment(n.created_at), n.author.email, n.text) for n in notes]
        return show_table(("When", "Who", "Note"), rows)

    @admin.display(description="timeline")
    def timeline(self, order: Order) -> SafeString:
        """Show what the trail has on the order, its lines, payments and notes."""
        entries = AuditEntry.objects.filter(order_id=order.pk).select_related("content_type")
        rows = [
            (
                show_moment(entry.timestamp),
                entry.actor_email or entry.actor_kind,
                f"{entry.content_type.name} {entry.object_repr} {entry.event}",
                ", ".join(sorted(entry.changes or {})) if entry.event == "changed" else "",
            )
            for entry in entries.order_by("-id")[:TIMELINE_LENGTH]
        ]
        return show_table(("When", "Who", "What", "Changed"), rows)
