"""What the routes of returns read and write."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.http.serializers import (
    BooleanField,
    IntegerField,
    LineField,
    ListField,
    StrictSerializer,
    TextField,
)
from refunds.models import MAX_NOTE_LENGTH, Return, ReturnLine, ReturnReceipt
from refunds.services import MAX_LINES
from refunds.states import Condition, ReturnReason, ReturnSource, ReturnState
from shop.carts.models import MAX_QUANTITY

MAX_SKU_LENGTH = 64
MAX_CONDITIONS = 2 * len(Condition)  # of one line: each on the shelf again, or not


class ReturnLineIn(StrictSerializer):
    sku = LineField(max_length=MAX_SKU_LENGTH)
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)


class ReturnIn(StrictSerializer):
    """What is to be returned, and why."""

    lines = ListField(child=ReturnLineIn(), max_length=MAX_LINES, allow_empty=False)
    reason = serializers.ChoiceField(ReturnReason.choices)
    note = TextField(max_length=MAX_NOTE_LENGTH, required=False, allow_blank=True)


class ApprovedLineIn(StrictSerializer):
    sku = LineField(max_length=MAX_SKU_LENGTH)
    quantity = IntegerField(max_value=MAX_QUANTITY)


class ApproveReturnIn(StrictSerializer):
    lines = ListField(
        child=ApprovedLineIn(),
        max_length=MAX_LINES,
        required=False,
        allow_empty=False,
        help_text="How many units of each line, 0 for none. Left out: all that was asked for.",
    )
    answer = TextField(
        max_length=MAX_NOTE_LENGTH,
        required=False,
        allow_blank=True,
        help_text="Told to the customer.",
    )


class RejectReturnIn(StrictSerializer):
    answer = TextField(max_length=MAX_NOTE_LENGTH, help_text="Why: told to the customer.")


class ReceivedIn(StrictSerializer):
    sku = LineField(max_length=MAX_SKU_LENGTH)
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)
    condition = serializers.ChoiceField(Condition.choices)
    restock = BooleanField(help_text="Whether these units go back on the shelf.")


class ReceiveReturnIn(StrictSerializer):
    version = IntegerField(help_text="The return's, as it was when the goods were counted.")
    lines = ListField(
        child=ReceivedIn(),
        max_length=MAX_CONDITIONS * MAX_LINES,
        allow_empty=False,
        help_text="What came, by article, condition and what becomes of it.",
    )


class ReturnLineOut(serializers.ModelSerializer[ReturnLine]):
    """So many units of an article, from asked for to sold again."""

    sku = serializers.CharField(source="order_line.sku")
    title = serializers.CharField(source="order_line.title")
    options = serializers.ListField(
        source="order_line.options", child=serializers.CharField(max_length=120)
    )

    class Meta:
        model = ReturnLine
        fields: tuple[str, ...] = ("sku", "title", "options", "requested", "approved", "received")
        read_only_fields = fields


class ReturnReceiptOut(serializers.ModelSerializer[ReturnReceipt]):
    """So many units that came in one condition."""

    restocked = serializers.BooleanField(source="is_restocked")
    condition = serializers.ChoiceField(Condition.choices)
    by = serializers.CharField(source="actor_label")

    class Meta:
        model = ReturnReceipt
        fields = ("quantity", "condition", "restocked", "received_at", "by")
        read_only_fields = fields


class StaffReturnLineOut(ReturnLineOut):
    """The same with what became of it."""

    refundable = serializers.IntegerField(
        source="refundable_quantity", help_text="Units that may be refunded: what was received."
    )
    receipts = serializers.SerializerMethodField()

    class Meta(ReturnLineOut.Meta):
        fields = (*ReturnLineOut.Meta.fields, "restocked", "refundable", "receipts")
        read_only_fields = fields

    @extend_schema_field(ReturnReceiptOut(many=True))
    def get_receipts(self, line: ReturnLine) -> Any:
        return ReturnReceiptOut(line.receipts_by_age, many=True).data  # type: ignore[attr-defined]


class ReturnOut(serializers.ModelSerializer[Return]):
    """A return as its customer sees it."""

    order = serializers.CharField(source="order.number")
    state = serializers.ChoiceField(ReturnState.choices)
    reason = serializers.ChoiceField(ReturnReason.choices)
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when the goods are waited for, once that is agreed."
    )
    lines = serializers.SerializerMethodField()

    class Meta:
        model = Return
        fields: tuple[str, ...] = (
            "number",
            "order",
            "state",
            "reason",
            "note",
            "answer",
            "requested_at",
            "decided_at",
            "expires_at",
            "ended_at",
            "lines",
        )
        read_only_fields = fields

    @extend_schema_field(ReturnLineOut(many=True))
    def get_lines(self, returned: Return) -> Any:
        return ReturnLineOut(returned.lines_by_position, many=True).data  # type: ignore[attr-defined]


class StaffReturnOut(ReturnOut):
    """A return with what staff need to work on it."""

    asked_by = serializers.ChoiceField(ReturnSource.choices, source="source")
    next_states = serializers.ListField(child=serializers.ChoiceField(ReturnState.choices))

    class Meta(ReturnOut.Meta):
        fields = (*ReturnOut.Meta.fields, "asked_by", "next_states", "version")
        read_only_fields = fields

    @extend_schema_field(StaffReturnLineOut(many=True))
    def get_lines(self, returned: Return) -> Any:
        return StaffReturnLineOut(returned.lines_by_position, many=True).data  # type: ignore[attr-defined]
