"""Checking out: placing an order that is paid in a way which the store offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from mdv.kernel.errors import FieldProblem, Invalid
from mdv.store.models import StoreSettings
from mdv.store.services import store_settings
from shop.orders.models import Order, OrderLine
from shop.orders.services import REFUSALS_OF_PLACING, Checkout, WantedLine, place_order
from shop.orders.states import PaymentMethod
from shop.payments.gateways import offered as offered_gateways
from shop.payments.services.how_to_pay import HowToPay, how_to_pay
from shop.pricing.states import DeliveryMethod


class PaymentMethodNotOffered(Invalid):
    code = "payment_method_not_offered"
    detail = "The shop does not offer this way of paying here."
    described = {
        "offered": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The ways of paying that the shop offers for this delivery.",
        }
    }


REFUSALS_OF_CHECKING_OUT = (PaymentMethodNotOffered, *REFUSALS_OF_PLACING)


@dataclass(frozen=True, kw_only=True)
class CheckedOut:
    order: Order
    lines: Sequence[OrderLine]
    payment: HowToPay


@transaction.atomic(savepoint=False)
def check_out(
    *,
    checkout: Checkout,
    at: datetime,
    lines: Sequence[WantedLine] = (),
    cart_token: str = "",
) -> CheckedOut:
    """Place an order and say how to pay for it.

    Raises:
        PaymentMethodNotOffered: 400, naming the methods that are.
        And all that :func:`shop.orders.services.place_order` refuses.
    """
    store = store_settings()
    offered = _offered(store, checkout.delivery_method)
    if checkout.payment_method not in offered:
        raise PaymentMethodNotOffered(
            problems=[
                FieldProblem(
                    "payment_method", PaymentMethodNotOffered.code, PaymentMethodNotOffered.detail
                )
            ],
            members={"offered": offered},
        )
    placed = place_order(
        checkout=checkout,
        lines=lines,
        cart_token=cart_token,
        at=at,
        pay_within=timedelta(minutes=store.payment_expiry_minutes),
    )
    return CheckedOut(
        order=placed.order, lines=placed.lines, payment=how_to_pay(placed.order, store)
    )


def _offered(store: StoreSettings, delivery_method: str) -> list[str]:
    """List the methods for a delivery method. Paying online takes a gateway."""
    is_pickup = delivery_method == DeliveryMethod.PICKUP
    allowed = {
        PaymentMethod.ONLINE: bool(offered_gateways(settings.STORE_CURRENCY)),
        PaymentMethod.BANK_TRANSFER: store.allows_bank_transfer,
        PaymentMethod.CASH_ON_DELIVERY: store.allows_cash_on_delivery and not is_pickup,
        PaymentMethod.PAY_AT_PICKUP: store.allows_pay_at_pickup and is_pickup,
    }
    return [method.value for method, is_allowed in allowed.items() if is_allowed]
