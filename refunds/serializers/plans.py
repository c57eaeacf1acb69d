"""What somebody wants to give back, and the plan that says what would come of it."""

from rest_framework import serializers

from mdv.http.serializers import (
    IntegerField,
    LineField,
    ListField,
    MoneyField,
    StrictSerializer,
    TextField,
)
from mdv.kernel.money import ZERO
from refunds.models import MAX_REFUND_NOTE_LENGTH
from refunds.serializers.returns import MAX_SKU_LENGTH
from refunds.services import MAX_LINES, RefundWish, WantedLine
from refunds.states import (
    REASONS_TO_GIVE,
    RefundMethod,
    RefundReason,
    RefundSource,
    Restock,
)
from shop.carts.models import MAX_QUANTITY

MAX_NUMBER_LENGTH = 16
PLAN_HASH_LENGTH = 64
RESTOCK_WORDS = (
    "What entitles to the money: `cancel` gives units up that are still in the house, `return` is "
    "for units that came back, `none` for units that the customer keeps, or that were lost."
)


class RefundLineIn(StrictSerializer):
    """Units of one article; of what they cost, `withheld` is kept."""

    sku = LineField(max_length=MAX_SKU_LENGTH)
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)
    restock = serializers.ChoiceField(Restock.choices, help_text=RESTOCK_WORDS)
    withheld = MoneyField(
        default=ZERO, help_text="What is kept of what the units cost, say for wear."
    )


class PlanRefundIn(StrictSerializer):
    """What is to go back, and why."""

    lines = ListField(
        child=RefundLineIn(),
        max_length=len(Restock) * MAX_LINES,
        default=list,
        help_text="Left out: no goods, only shipping or goodwill.",
    )
    shipping = MoneyField(default=ZERO, help_text="What goes back of the delivery's price.")
    goodwill = MoneyField(
        default=ZERO, help_text="What goes back for nothing in particular, or was paid too much."
    )
    reason = serializers.ChoiceField(REASONS_TO_GIVE)
    method = serializers.ChoiceField(
        RefundMethod.choices,
        default=RefundMethod.GATEWAY,
        help_text="`manual`: a person moves the money at the bank, whatever the order was paid by. "
        "What was not paid at a provider always is.",
    )
    note = TextField(
        max_length=MAX_REFUND_NOTE_LENGTH,
        default="",
        allow_blank=True,
        help_text="For colleagues; customers never see it.",
    )
    of_return = LineField(
        max_length=MAX_NUMBER_LENGTH,
        default="",
        allow_blank=True,
        help_text="The number of the return that it is for, if it is for one.",
    )

    def wish(self) -> RefundWish:
        """Return what was asked for, as the services take it."""
        sent = self.validated_data
        return RefundWish(
            lines=[
                WantedLine(**{**line, "restock": Restock(line["restock"])})
                for line in sent["lines"]
            ],
            shipping=sent["shipping"],
            goodwill=sent["goodwill"],
            of_return=sent["of_return"],
            reason=RefundReason(sent["reason"]),
            source=RefundSource.RETURN if sent["of_return"] else RefundSource.STAFF,
            note=sent["note"],
            by_hand=sent["method"] == RefundMethod.MANUAL,
        )


class RequestRefundIn(PlanRefundIn):
    """The same as was planned, with the plan that was seen."""

    plan_hash = LineField(
        max_length=PLAN_HASH_LENGTH,
        help_text="From the preview. If anything has moved since: 409 `plan_has_changed`.",
    )


class PlannedLineOut(serializers.Serializer[object]):
    """Units of one article that go back."""

    sku = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    restock = serializers.ChoiceField(Restock.choices)
    amount = MoneyField(help_text="What goes back for them, `tax` included.")
    tax = MoneyField(help_text="Contained in `amount`.")
    withheld = MoneyField(help_text="What is kept of what they cost.")
    cancels = serializers.IntegerField(help_text="In units: given up with it; their stock is free.")


class PlannedPartOut(serializers.Serializer[object]):
    """What one payment gives back: one refund."""

    payment = serializers.CharField(source="reference")
    provider = serializers.CharField()
    method = serializers.ChoiceField(RefundMethod.choices)
    amount = MoneyField()
    shipping = MoneyField(help_text="What of `amount` is for the delivery.")
    goodwill = MoneyField(help_text="What of `amount` is for nothing in particular.")
    left_after = MoneyField(help_text="What this payment could still give back then.")


class ApprovalOut(serializers.Serializer[object]):
    """Whether somebody else has to agree, by the limits of who asks."""

    is_required = serializers.BooleanField()
    exceeded = serializers.ChoiceField(
        ["", "per_refund", "per_day"], help_text="Which limit is too low; empty for none."
    )
    max_per_refund = MoneyField()
    max_per_day = MoneyField()
    left_today = MoneyField(help_text="What of the day's limit is left before this refund.")


class BalancesOut(serializers.Serializer[object]):
    """The order's money, before and after."""

    captured = MoneyField(help_text="What has arrived.")
    committed_before = MoneyField(help_text="What is promised back, or gone, by now.")
    committed_after = MoneyField()
    left_after = MoneyField(help_text="What could still go back then.")


class RefundPlanOut(serializers.Serializer[object]):
    """All that would come of a refund, if nothing moves in between."""

    order = serializers.CharField()
    currency = serializers.CharField()
    lines = PlannedLineOut(many=True)
    shipping = MoneyField(help_text="What goes back of the delivery's price.")
    goodwill = MoneyField()
    tax = MoneyField(help_text="Contained in the lines' amounts.")
    amount = MoneyField(help_text="What goes back in all.")
    parts = PlannedPartOut(many=True)
    reason = serializers.ChoiceField(RefundReason.choices)
    of_return = serializers.CharField(help_text="The return's number; empty for none.")
    approval = ApprovalOut()
    balances = BalancesOut()
    mails = serializers.ListField(
        child=serializers.CharField(), help_text="What the customer gets once the money has gone."
    )
    documents = serializers.ListField(
        child=serializers.CharField(), help_text="What is issued then."
    )
    plan_hash = serializers.CharField(help_text="Send it to have exactly this done.")
