"""Refunds as staff and customers see them, and what staff decide."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.accounts.serializers import PasswordField
from mdv.http.serializers import (
    IntegerField,
    LineField,
    MoneyField,
    StrictSerializer,
    TextField,
)
from refunds.models import MAX_REFERENCE_LENGTH, MAX_REFUND_NOTE_LENGTH, Refund, RefundLine
from refunds.states import (
    TOLD,
    RefundMethod,
    RefundReason,
    RefundState,
    Restock,
    ToldState,
)

VERSION_WORDS = "The refund's, as it was when it was looked at."


class ApproveRefundIn(StrictSerializer):
    version = IntegerField(help_text=VERSION_WORDS)
    password = PasswordField(help_text="One's own, once more.")
    answer = TextField(
        max_length=MAX_REFUND_NOTE_LENGTH,
        default="",
        allow_blank=True,
        help_text="For colleagues; customers never see it.",
    )


class RejectRefundIn(StrictSerializer):
    answer = TextField(max_length=MAX_REFUND_NOTE_LENGTH, help_text="Why not: for colleagues.")


class RetryRefundIn(StrictSerializer):
    version = IntegerField(help_text=VERSION_WORDS)
    method = serializers.ChoiceField(
        RefundMethod.choices,
        default=RefundMethod.GATEWAY,
        help_text="`manual`: a person moves the money at the bank instead.",
    )


class TransferredIn(StrictSerializer):
    bank_reference = LineField(
        max_length=MAX_REFERENCE_LENGTH, help_text="What the transfer is found by at the bank."
    )


class RefundLineOut(serializers.ModelSerializer[RefundLine]):
    """What of a refund is for one article.

    Of units whose money comes from several payments one refund has the quantity, the others 0.
    """

    sku = serializers.CharField(source="order_line.sku")
    title = serializers.CharField(source="order_line.title")
    restock = serializers.ChoiceField(Restock.choices)
    amount = MoneyField(help_text="What goes back for it, `tax` included.")
    tax = MoneyField(help_text="Contained in `amount`.")
    withheld = MoneyField(help_text="What is kept of what the units cost.")

    class Meta:
        model = RefundLine
        fields = ("sku", "title", "quantity", "restock", "amount", "tax", "withheld")
        read_only_fields = fields


class StaffRefundOut(serializers.ModelSerializer[Refund]):
    """A refund with what staff need to decide and to follow it."""

    order = serializers.CharField(source="order.number")
    payment = serializers.CharField(source="payment.reference")
    provider = serializers.CharField(source="payment.provider")
    of_return = serializers.CharField(source="of_return.number", allow_null=True, default=None)
    amount = MoneyField()
    shipping = MoneyField(help_text="What of `amount` is for the delivery.")
    goodwill = MoneyField(help_text="What of `amount` is for nothing in particular.")
    reason = serializers.ChoiceField(RefundReason.choices)
    state = serializers.ChoiceField(
        RefundState.choices,
        help_text="`unknown`: the provider was asked and nobody knows what came of it; look it up.",
    )
    method = serializers.ChoiceField(RefundMethod.choices)
    next_states = serializers.ListField(child=serializers.ChoiceField(RefundState.choices))
    requested_by = serializers.EmailField(
        source="requested_by.email", allow_null=True, default=None
    )
    approved_by = serializers.EmailField(source="approved_by.email", allow_null=True, default=None)
    credit_note = serializers.CharField(source="credit_note.number", allow_null=True, default=None)
    lines = serializers.SerializerMethodField()

    class Meta:
        model = Refund
        fields = (
            "number",
            "order",
            "payment",
            "provider",
            "of_return",
            "currency",
            "amount",
            "shipping",
            "goodwill",
            "reason",
            "note",
            "state",
            "next_states",
            "method",
            "source",
            "requested_by",
            "requested_at",
            "approval_required",
            "approved_by",
            "approved_at",
            "answer",
            "attempt",
            "asked_at",
            "provider_id",
            "bank_reference",
            "failure",
            "settled_at",
            "credit_note",
            "version",
            "lines",
        )
        read_only_fields = fields

    @extend_schema_field(RefundLineOut(many=True))
    def get_lines(self, refund: Refund) -> Any:
        return RefundLineOut(refund.lines_by_position, many=True).data  # type: ignore[attr-defined]


class RequestedRefundsOut(serializers.Serializer[object]):
    """What a plan became: one refund for each payment that the money comes from."""

    refunds = StaffRefundOut(many=True)


class RefundOut(serializers.ModelSerializer[Refund]):
    """A refund as its customer sees it."""

    order = serializers.CharField(source="order.number")
    amount = MoneyField()
    state = serializers.SerializerMethodField(
        help_text="`on_its_way`: the shop has agreed to it; `refunded`: the money has gone."
    )
    agreed_at = serializers.DateTimeField(source="approved_at", allow_null=True)
    refunded_at = serializers.DateTimeField(source="settled_at", allow_null=True)
    credit_note = serializers.CharField(source="credit_note.number", allow_null=True, default=None)

    class Meta:
        model = Refund
        fields = (
            "number",
            "order",
            "currency",
            "amount",
            "state",
            "agreed_at",
            "refunded_at",
            "credit_note",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(ToldState.choices))
    def get_state(self, refund: Refund) -> str:
        return TOLD[RefundState(refund.state)]
