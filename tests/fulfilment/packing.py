"""Orders that can be packed, and what tests ask of parcels."""

from decimal import Decimal

from mdv.kernel import clock
from shop.fulfilment import services
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from shop.orders.services import confirm_pay_on_delivery
from shop.payments.services import record_payment
from shop.payments.states import Channel
from shop.stock.models import StockItem
from tests.orders.ordering import guest, placed

CARRIER = {"carrier": "GIG", "tracking": "GIG-1"}


def paid(*lines, total, caller=None, **changes):
    """The number of an order that is paid: pack it."""
    number = placed(caller or guest(), *lines, total=total, **changes)["number"]
    pay(number, total)
    return number


def pay(number, amount):
    record_payment(
        number=number,
        amount=Decimal(amount),
        channel=Channel.BANK_TRANSFER,
        reference=f"TRF-{number}",
        at=clock.now(),
    )


def cash_order(*lines, total, **changes):
    """The number of a confirmed order that is paid when it is delivered."""
    number = placed(guest(), *lines, total=total, payment_method="cash_on_delivery", **changes)[
        "number"
    ]
    confirm_pay_on_delivery(number=number, at=clock.now())
    return number


def pack(number, *lines):
    """Open a parcel of (sku, quantity), or of everything, and return its number."""
    packed = [services.Packed(sku=sku, quantity=quantity) for sku, quantity in lines]
    return services.create_shipment(number=number, lines=packed, at=clock.now()).number


def ready(number, *lines):
    parcel = pack(number, *lines)
    services.mark_ready(number=parcel, at=clock.now())
    return parcel


def ship(number, *lines):
    """Pack and dispatch (sku, quantity), or everything; return the parcel's number."""
    parcel = ready(number, *lines)
    services.dispatch_shipment(number=parcel, **CARRIER, at=clock.now())
    return parcel


def deliver(number, *lines):
    parcel = ship(number, *lines)
    services.deliver_shipment(number=parcel, at=clock.now())
    return parcel


def state_of(parcel):
    return Shipment.objects.get(number=parcel).state


def counts(number):
    """Of each line of an order: cancelled, shipped, delivered, returned."""
    lines = Order.objects.get(number=number).lines.order_by("position")
    return [
        (line.qty_cancelled, line.qty_shipped, line.qty_delivered, line.qty_returned)
        for line in lines
    ]


def level(sku="SHIRT"):
    """On hand, reserved, available."""
    item = StockItem.objects.get(variant__sku=sku)
    return (item.on_hand, item.reserved, item.available)


def status_of(number):
    return Order.objects.get(number=number).status


def everything():
    """All that a refusal must leave as it is."""
    return (
        list(Shipment.objects.order_by("id").values()),
        list(Order.objects.order_by("id").values()),
        [tuple(row) for row in Order.objects.order_by("id").values_list("lines__qty_shipped")],
        list(StockItem.objects.order_by("id").values()),
    )
