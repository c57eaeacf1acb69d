"""Cancelling an order for the shop: the question about its money, and the plan of the answer."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.http.serializers import BooleanField, LineField, MoneyField, StrictSerializer
from refunds.serializers.plans import PLAN_HASH_LENGTH, RefundPlanOut
from refunds.serializers.refunds import StaffRefundOut
from shop.fulfilment.states import ShipmentState
from shop.orders.serializers import StaffOrderOut
from shop.orders.states import STAFF_CANCEL_REASONS, OrderStatus


class PlanCancellationIn(StrictSerializer):
    reason = serializers.ChoiceField(STAFF_CANCEL_REASONS)
    refund = BooleanField(
        default=None,
        allow_null=True,
        help_text="Whether the money that is here goes back; null asks what there is.",
    )


class StaffCancelIn(PlanCancellationIn):
    """`refund` and `plan_hash` are for an order of which money is here."""

    refund = BooleanField(
        default=None,
        allow_null=True,
        help_text="Whether the money that is here goes back. There is no default.",
    )
    plan_hash = LineField(
        max_length=PLAN_HASH_LENGTH,
        default="",
        allow_blank=True,
        help_text="From the preview. If anything has moved since: 409 `plan_has_changed`.",
    )


class FreedUnitsOut(serializers.Serializer[object]):
    """Units of one article whose stock is free then."""

    sku = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()


class UnpackedParcelOut(serializers.Serializer[object]):
    """A parcel that has not left and is given up."""

    number = serializers.CharField()
    state = serializers.ChoiceField(ShipmentState.choices)


class MoneyHereOut(serializers.Serializer[object]):
    """The order's money and what becomes of it."""

    captured = MoneyField(help_text="What has arrived.")
    refunded = MoneyField(help_text="What of it has gone back.")
    promised = MoneyField(help_text="What of it is promised back and has not gone.")
    left = MoneyField(help_text="What is neither: whether it goes back is the question.")
    stays = MoneyField(help_text="What of `left` is here afterwards, owed to the customer.")


class CancellationPlanOut(serializers.Serializer[object]):
    """All that would come of cancelling an order, if nothing moves in between."""

    order = serializers.CharField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(OrderStatus.choices, help_text="The present one.")
    reason = serializers.ChoiceField(STAFF_CANCEL_REASONS)
    units = FreedUnitsOut(many=True)
    parcels = UnpackedParcelOut(many=True)
    coupon = serializers.CharField(help_text="Its code, if it may be used again; else empty.")
    money = MoneyHereOut()
    asks_for_refund = serializers.BooleanField(
        help_text="Whether it takes an answer in `refund`: money is here."
    )
    refund = serializers.BooleanField(
        allow_null=True, help_text="The answer; null where there is none, or nothing to ask."
    )
    refund_plan = RefundPlanOut(allow_null=True, help_text="For a yes.")
    mails = serializers.ListField(
        child=serializers.CharField(), help_text="What the customer gets, the refund's at the end."
    )
    plan_hash = serializers.CharField(help_text="Send it to have exactly this done.")


class OwedOrderOut(StaffOrderOut):
    """An order, and what of its money is the customer's."""

    owed = MoneyField(
        read_only=True, help_text="What was cancelled cost, and is not promised back."
    )

    class Meta(StaffOrderOut.Meta):
        fields = (*StaffOrderOut.Meta.fields, "owed")
        read_only_fields = fields


class CancelledOrderOut(StaffOrderOut):
    """The order, and what was asked for of its money with that."""

    refunds = serializers.SerializerMethodField()

    class Meta(StaffOrderOut.Meta):
        fields = (*StaffOrderOut.Meta.fields, "refunds")
        read_only_fields = fields

    @extend_schema_field(StaffRefundOut(many=True))
    def get_refunds(self, _: object) -> Any:
        return StaffRefundOut(self.context["refunds"], many=True).data
