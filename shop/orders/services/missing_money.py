"""Money that is missing of a confirmed order: what was taken back keeps its goods in the house.

What is missing the database says (`orders_missing_money`), here as where it refuses a parcel: how
much less came than is owed for what neither was cancelled nor came back, what was taken back not
counted. What the shop gave back by itself is not missing, and of an order that is paid on delivery
nothing is.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Func, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from mdv.accounts.rights import person_who_may
from mdv.kernel.errors import Conflict, FieldProblem, Invalid
from mdv.kernel.money import ZERO, MoneyField, write_money
from shop.orders.models import (
    MAX_ACCEPTING_REASON_LENGTH,
    MissingAcceptance,
    Order,
    OrderLine,
)
from shop.orders.services.confirm_order import lock_order
from shop.orders.states import OrderStatus

ACCEPT = "orders.accept_missing"
AMOUNT: dict[str, Any] = {"type": "string", "format": "decimal"}


class MoneyIsMissing(Conflict):
    code = "money_is_missing"
    detail = "Money of this order was taken back."
    described = {
        "missing": {**AMOUNT, "description": "What has to come before its goods may leave."},
        "accepted": {**AMOUNT, "description": "How much of it somebody accepted as missing."},
        "due": {**AMOUNT, "description": "What is still to be paid of the order."},
    }


class NothingIsMissing(Conflict):
    code = "nothing_is_missing"
    detail = "No money is missing of this order that is not accepted as missing already."


class MissingHasChanged(Conflict):
    code = "missing_has_changed"
    detail = "Money came or went meanwhile: look again at what is missing."
    described = {"missing": {**AMOUNT, "description": "What is missing now."}}


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What is ``missing`` of an order, and how much of that was ``accepted``."""

    missing: Decimal
    accepted: Decimal

    @property
    def is_held(self) -> bool:
        """Whether nothing of the order may leave."""
        return self.missing > self.accepted


def held_orders() -> QuerySet[Order]:
    """Select orders of which something is in the house and may not leave: money is missing."""
    in_the_house = OrderLine.objects.filter(
        order=OuterRef("pk"), quantity__gt=F("qty_cancelled") + F("qty_shipped")
    )
    # Without money on delivery an order is confirmed once it is paid: only what was taken back
    # can be missing, and of few orders anything was.
    taken = Order.objects.filter(
        Exists(in_the_house),
        status=OrderStatus.CONFIRMED,
        pay_on_delivery=False,
        taken_back_total__gt=0,
    )
    found = taken.annotate(missing=_missing(), accepted=_accepted())
    return found.filter(missing__gt=F("accepted"))


def missing_of(order: Order) -> Missing:
    """Return what is missing of an order, and how much of that was accepted."""
    if order.status != OrderStatus.CONFIRMED or order.pay_on_delivery or not order.due:
        return Missing(missing=ZERO, accepted=ZERO)
    found = Order.objects.annotate(missing=_missing(), accepted=_accepted())
    missing, accepted = found.values_list("missing", "accepted").get(pk=order.pk)
    return Missing(missing=missing, accepted=accepted)


def refuse_while_money_is_missing(order: Order) -> None:
    """Keep the goods of a locked order in the house while money is missing of it.

    Raises:
        MoneyIsMissing: 409, more than was accepted as missing.
    """
    found = missing_of(order)
    if not found.is_held:
        return
    amount = write_money(found.missing, order.currency)
    detail = (
        f"{MoneyIsMissing.detail} Until {amount} has come, or somebody who may accepts that it is "
        "missing, no parcel of it is made ready or leaves. Packing may go on."
    )
    members = {
        "missing": f"{found.missing:.2f}",
        "accepted": f"{found.accepted:.2f}",
        "due": f"{order.due:.2f}",
    }
    raise MoneyIsMissing(detail, members=members)


@transaction.atomic
def accept_missing(
    *, number: str, amount: Decimal, reason: str, user_id: int, at: datetime
) -> MissingAcceptance:
    """Let an order's goods leave though `amount` is missing of it, which the person saw.

    It stays due. Once more is missing than that, the goods stay in the house again.

    Raises:
        NotFound: there is no such order.
        Forbidden: 403.
        Invalid: the reason does not say anything, or too much.
        NothingIsMissing: 409, or it is accepted already.
        MissingHasChanged: 409, another amount is missing by now.
    """
    person_who_may(user_id, ACCEPT)
    said = reason.strip()
    if not said or len(said) > MAX_ACCEPTING_REASON_LENGTH:
        message = f"Say why, in at most {MAX_ACCEPTING_REASON_LENGTH} characters."
        raise Invalid(problems=[FieldProblem("reason", "required", message)])
    order = lock_order(number)
    found = missing_of(order)
    if not found.is_held:
        raise NothingIsMissing
    if found.missing != amount:
        raise MissingHasChanged(members={"missing": f"{found.missing:.2f}"})
    return MissingAcceptance.objects.create(
        order=order, amount=amount, reason=said, accepted_by_id=user_id, accepted_at=at
    )


def _missing() -> Func:
    return Func(F("pk"), function="orders_missing_money", output_field=MoneyField())


def _accepted() -> Coalesce:
    theirs = MissingAcceptance.objects.filter(order=OuterRef("pk")).order_by()
    most = theirs.values("order").annotate(most=Max("amount")).values("most")
    return Coalesce(Subquery(most), ZERO)
