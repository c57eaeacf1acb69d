"""What staff read and write about stock."""

from typing import Any

from rest_framework import serializers

from mdv.http.serializers import IntegerField, LineField, StrictSerializer
from shop.catalog.models import Variant
from shop.stock.models import StockMovement
from shop.stock.services import MAX_CHANGE

MAX_REASON_LENGTH = 255


class LevelOut(serializers.ModelSerializer[Variant]):
    """How much there is of a variant, in units. `available` is what is not reserved."""

    product = serializers.SlugField(source="product.slug")
    title = serializers.CharField(source="product.title")
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()
    low_at = serializers.IntegerField()

    class Meta:
        model = Variant
        fields: tuple[str, ...] = (
            "sku",
            "product",
            "title",
            "option_values",
            "is_archived",
            "on_hand",
            "reserved",
            "available",
            "low_at",
        )


class MovementOut(serializers.ModelSerializer[StockMovement]):
    class Meta:
        model = StockMovement
        fields = (
            "seq",
            "kind",
            "d_on_hand",
            "d_reserved",
            "on_hand_after",
            "reserved_after",
            "reason",
            "source",
            "actor_label",
            "request_id",
            "created_at",
        )


class LedgerOut(serializers.Serializer[Any]):
    """One page of a variant's movements, the newest first."""

    next = serializers.URLField(allow_null=True)
    results = MovementOut(many=True)


class LevelWithLedgerOut(LevelOut):
    ledger = LedgerOut()

    class Meta(LevelOut.Meta):
        fields = (*LevelOut.Meta.fields, "ledger")


class AdjustIn(StrictSerializer):
    delta = IntegerField(min_value=-MAX_CHANGE, max_value=MAX_CHANGE)
    reason = LineField(max_length=MAX_REASON_LENGTH)


class ReceiveIn(StrictSerializer):
    quantity = IntegerField(min_value=1, max_value=MAX_CHANGE)
    reason = LineField(max_length=MAX_REASON_LENGTH, required=False, allow_blank=True)


class LowLevelIn(StrictSerializer):
    low_at = IntegerField(max_value=MAX_CHANGE)
