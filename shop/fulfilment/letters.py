"""The mails that customers get about parcels: ready to be collected, shipped, delivered."""

from collections.abc import Callable

import structlog
from django.db import transaction

from mdv.jobs.app import job
from mdv.mail import services as mail
from mdv.mail.quiet import is_quiet
from mdv.mail.writing import UnsafeMail
from mdv.store.services import store_settings
from shop.fulfilment.models import Shipment
from shop.fulfilment.states import SHIPPED, ShipmentState
from shop.orders.models import OrderLine
from shop.pricing.states import DeliveryMethod

log = structlog.get_logger("mdv.fulfilment")


def tell_ready(shipment: Shipment) -> None:
    """Have a customer who fetches it told that it waits for them."""
    if not is_quiet() and shipment.order.delivery_method == DeliveryMethod.PICKUP:
        write_ready.defer(shipment_id=shipment.pk)


def tell_shipped(shipment: Shipment) -> None:
    """Have the customer told what is on its way, by a job that writes the mail.

    Who fetches it has it in hand by then.
    """
    if not is_quiet() and shipment.order.delivery_method != DeliveryMethod.PICKUP:
        write_shipped.defer(shipment_id=shipment.pk)


def tell_delivered(shipment: Shipment) -> None:
    """Have the customer told what has arrived, by a job that writes the mail."""
    if not is_quiet():
        write_delivered.defer(shipment_id=shipment.pk)


@job("fulfilment.mail_ready")
@transaction.atomic
def write_ready(*, shipment_id: int) -> None:
    """Write the mail about a parcel to be collected, unless that was done or it is gone."""
    _write("order_ready", shipment_id, when=lambda shipment: shipment.state == ShipmentState.READY)


@job("fulfilment.mail_shipped")
@transaction.atomic
def write_shipped(*, shipment_id: int) -> None:
    """Write the mail about a parcel that left, unless that was done."""
    _write("order_shipped", shipment_id, when=lambda shipment: shipment.state in SHIPPED)


@job("fulfilment.mail_delivered")
@transaction.atomic
def write_delivered(*, shipment_id: int) -> None:
    """Write the mail about a parcel that arrived, unless that was done."""
    _write(
        "order_delivered",
        shipment_id,
        when=lambda shipment: shipment.state == ShipmentState.DELIVERED,
    )


def _write(kind: str, shipment_id: int, *, when: Callable[[Shipment], bool]) -> None:
    rows = Shipment.objects.select_related("order").select_for_update(of=("self",))
    shipment = rows.get(pk=shipment_id)
    if not when(shipment) or mail.was_written(kind=kind, about=shipment):
        return
    parcel = shipment.lines.select_related("order_line").order_by("order_line__position")
    content = {
        "order": shipment.order,
        "shipment": shipment,
        "address": store_settings().address,
        "lines": [_say(line.order_line, line.quantity) for line in parcel],
        "rest": [
            _say(line, line.open_quantity)
            for line in shipment.order.lines.order_by("position")
            if line.open_quantity
        ],
    }
    try:
        mail.send_mail(kind=kind, to=shipment.order.email, context=content, about=shipment)
    except UnsafeMail:
        # The parcel is on its way whatever somebody's address looks like.
        log.warning("mail_not_written", kind=kind, number=shipment.number)


def _say(line: OrderLine, units: int) -> str:
    options = f" ({' / '.join(line.options)})" if line.options else ""
    return f"{units} × {line.title}{options}"
