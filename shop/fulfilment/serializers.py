"""What the routes of parcels read and write."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.http.serializers import (
    BooleanField,
    IntegerField,
    LineField,
    ListField,
    StrictSerializer,
)
from shop.carts.models import MAX_QUANTITY
from shop.fulfilment.models import (
    MAX_CARRIER_LENGTH,
    MAX_NOTE_LENGTH,
    MAX_TRACKING_LENGTH,
    Shipment,
    ShipmentEvent,
    ShipmentLine,
)
from shop.fulfilment.services import MAX_ROWS, BulkStep, Outcome
from shop.fulfilment.services.pack_shipment import MAX_LINES
from shop.fulfilment.states import EventKind, ShipmentState
from shop.orders.models import OrderLine
from shop.orders.states import OrderStatus

MAX_SKU_LENGTH = 64
MAX_NUMBER_LENGTH = 24


class PackedIn(StrictSerializer):
    sku = LineField(max_length=MAX_SKU_LENGTH)
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)


class PackIn(StrictSerializer):
    lines = ListField(
        child=PackedIn(),
        max_length=MAX_LINES,
        required=False,
        allow_empty=False,
        help_text="Left out: everything that is open.",
    )


class LinesIn(StrictSerializer):
    lines = ListField(child=PackedIn(), max_length=MAX_LINES, allow_empty=False)


class DispatchIn(StrictSerializer):
    carrier = LineField(max_length=MAX_CARRIER_LENGTH)
    tracking = LineField(max_length=MAX_TRACKING_LENGTH, required=False, allow_blank=True)


class TrackingIn(StrictSerializer):
    carrier = LineField(max_length=MAX_CARRIER_LENGTH)
    tracking = LineField(
        max_length=MAX_TRACKING_LENGTH, allow_blank=True, help_text="Empty: there is none."
    )


class StepNoteIn(StrictSerializer):
    """``note`` is for colleagues."""

    note = LineField(max_length=MAX_NOTE_LENGTH, required=False, allow_blank=True)


class RestockIn(StrictSerializer):
    sku = LineField(max_length=MAX_SKU_LENGTH)
    quantity = IntegerField(max_value=MAX_QUANTITY)


class CameBackIn(StepNoteIn):
    restock = ListField(
        child=RestockIn(),
        max_length=MAX_LINES,
        help_text="What goes back on the shelf, in units. An empty list: nothing does.",
    )


class BulkRowIn(StrictSerializer):
    number = LineField(
        max_length=MAX_NUMBER_LENGTH, help_text="The parcel's; to pack, the order's."
    )
    carrier = LineField(max_length=MAX_CARRIER_LENGTH, required=False, allow_blank=True)
    tracking = LineField(max_length=MAX_TRACKING_LENGTH, required=False, allow_blank=True)
    restock = BooleanField(
        required=False, help_text="Whether all of what came back goes on the shelf again."
    )


class BulkIn(StrictSerializer):
    step = serializers.ChoiceField(BulkStep.choices)
    rows = ListField(child=BulkRowIn(), max_length=MAX_ROWS, allow_empty=False)
    preview = BooleanField(
        default=False, help_text="Say what would become of each row, and change nothing."
    )


class RowOutcomeOut(serializers.Serializer[Any]):
    number = serializers.CharField(help_text="As it was sent.")
    outcome = serializers.ChoiceField([outcome.value for outcome in Outcome])
    shipment = serializers.CharField(help_text="The parcel, or empty.")
    state = serializers.CharField(help_text="The parcel's state afterwards, or empty.")
    code = serializers.CharField(help_text="Why it was refused, or empty.")
    detail = serializers.CharField(help_text="The same as a sentence for people.")


class BulkOut(serializers.Serializer[Any]):
    preview = serializers.BooleanField()
    done = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = RowOutcomeOut(many=True)


class ParcelLineOut(serializers.ModelSerializer[ShipmentLine]):
    """So many units of an article in a parcel."""

    sku = serializers.CharField(source="order_line.sku")
    title = serializers.CharField(source="order_line.title")
    options = serializers.ListField(
        source="order_line.options", child=serializers.CharField(max_length=120)
    )

    class Meta:
        model = ShipmentLine
        fields = ("sku", "title", "options", "quantity", "restocked")
        read_only_fields = fields


class ParcelEventOut(serializers.ModelSerializer[ShipmentEvent]):
    """Something that happened to a parcel."""

    kind = serializers.ChoiceField(EventKind.choices)
    by = serializers.CharField(source="actor_label")

    class Meta:
        model = ShipmentEvent
        fields = ("kind", "happened_at", "note", "by")
        read_only_fields = fields


class ShipmentOut(serializers.ModelSerializer[Shipment]):
    """A parcel in a list."""

    order = serializers.CharField(source="order.number")
    state = serializers.ChoiceField(ShipmentState.choices)
    next_states = serializers.ListField(child=serializers.ChoiceField(ShipmentState.choices))
    delivered_at = serializers.DateTimeField(allow_null=True)
    lines = serializers.SerializerMethodField()

    class Meta:
        model = Shipment
        fields: tuple[str, ...] = (
            "number",
            "order",
            "state",
            "next_states",
            "carrier",
            "tracking",
            "created_at",
            "ready_at",
            "dispatched_at",
            "delivered_at",
            "ended_at",
            "lines",
        )
        read_only_fields = fields

    @extend_schema_field(ParcelLineOut(many=True))
    def get_lines(self, shipment: Shipment) -> Any:
        return ParcelLineOut(shipment.lines_by_position, many=True).data  # type: ignore[attr-defined]


class ShipmentDetailOut(ShipmentOut):
    """A parcel with what happened to it."""

    events = serializers.SerializerMethodField()

    class Meta(ShipmentOut.Meta):
        fields = (*ShipmentOut.Meta.fields, "events")
        read_only_fields = fields

    @extend_schema_field(ParcelEventOut(many=True))
    def get_events(self, shipment: Shipment) -> Any:
        return ParcelEventOut(shipment.events_by_age, many=True).data  # type: ignore[attr-defined]


class TrackedLineOut(serializers.ModelSerializer[ShipmentLine]):
    sku = serializers.CharField(source="order_line.sku")
    title = serializers.CharField(source="order_line.title")

    class Meta:
        model = ShipmentLine
        fields = ("sku", "title", "quantity")
        read_only_fields = fields


class TrackedEventOut(serializers.ModelSerializer[ShipmentEvent]):
    kind = serializers.ChoiceField(EventKind.choices)

    class Meta:
        model = ShipmentEvent
        fields = ("kind", "happened_at")
        read_only_fields = fields


class TrackedShipmentOut(serializers.ModelSerializer[Shipment]):
    """A parcel as its customer sees it."""

    state = serializers.ChoiceField(ShipmentState.choices)
    delivered_at = serializers.DateTimeField(allow_null=True)
    lines = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()

    class Meta:
        model = Shipment
        fields = (
            "number",
            "state",
            "carrier",
            "tracking",
            "dispatched_at",
            "delivered_at",
            "lines",
            "events",
        )
        read_only_fields = fields

    @extend_schema_field(TrackedLineOut(many=True))
    def get_lines(self, shipment: Shipment) -> Any:
        return TrackedLineOut(shipment.lines_by_position, many=True).data  # type: ignore[attr-defined]

    @extend_schema_field(TrackedEventOut(many=True))
    def get_events(self, shipment: Shipment) -> Any:
        return TrackedEventOut(shipment.events_by_age, many=True).data  # type: ignore[attr-defined]


class ProgressOut(serializers.ModelSerializer[OrderLine]):
    """How far one line of an order is, in units."""

    cancelled = serializers.IntegerField(source="qty_cancelled")
    shipped = serializers.IntegerField(source="qty_shipped")
    delivered = serializers.IntegerField(source="qty_delivered")
    returned = serializers.IntegerField(source="qty_returned")

    class Meta:
        model = OrderLine
        fields = ("sku", "title", "quantity", "cancelled", "shipped", "delivered", "returned")
        read_only_fields = fields


class TrackingOut(serializers.Serializer[Any]):
    number = serializers.CharField()
    status = serializers.ChoiceField(OrderStatus.choices)
    lines = ProgressOut(many=True)
    shipments = TrackedShipmentOut(many=True)
