"""What becomes of the demo shop's 500 orders: every state that an order can be in.

Not every old order has left: each parcel takes as long to seed as an order.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from mdv.accounts.roles import Role
from mdv.ops.demo.terms import PAYMENT_EXPIRY
from refunds.states import RefundReason, ReturnState
from shop.fulfilment.states import ShipmentState
from shop.orders.states import CancelReason, PaymentMethod
from shop.payments.states import Channel

ALL = Decimal(1)
HALF = Decimal("0.5")
SOON = timedelta(minutes=5)
EXPIRY_RUN = PAYMENT_EXPIRY + SOON
IN_TIME = PAYMENT_EXPIRY - SOON
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = 60 * DAY


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happens so long after the order was placed."""

    earliest: timedelta
    latest: timedelta


@dataclass(frozen=True, kw_only=True)
class Pay(Step):
    """Money arrives: a `share` of what is due, and `extra` naira."""

    channel: Channel
    share: Decimal = ALL
    extra: Decimal = Decimal(0)


class Confirm(Step):
    """Staff agree to be paid when the goods are handed over."""


@dataclass(frozen=True, kw_only=True)
class Cancel(Step):
    reason: CancelReason


class Expire(Step):
    """The time to pay is over."""


@dataclass(frozen=True, kw_only=True)
class Note(Step):
    text: str


@dataclass(frozen=True, kw_only=True)
class Parcel(Step):
    """The order's parcel gets into a `state`; the first is that it is packed."""

    state: ShipmentState


@dataclass(frozen=True, kw_only=True)
class SendBack(Step):
    """The order's return gets into a `state`; the first is that it is asked for."""

    state: ReturnState


@dataclass(frozen=True, kw_only=True)
class AskForMoney(Step):
    """Somebody of a `role` asks for a refund: within their limits it is agreed to at once."""

    role: Role
    reason: RefundReason


class PayBack(Step):
    """Somebody moves what was agreed to at the bank."""


@dataclass(frozen=True, kw_only=True)
class CancelPaid(Step):
    """The shop cannot deliver what is paid; with a `refund` its money goes back."""

    refund: bool


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What so many orders go through, and how long ago they were placed.

    With `is_free` a coupon pays for everything.
    """

    orders: int
    payment_method: PaymentMethod
    youngest: timedelta
    oldest: timedelta = LONG_AGO
    steps: tuple[Step, ...] = ()
    is_free: bool = False


PAYS_ONLINE = Pay(earliest=SOON, latest=IN_TIME, channel=Channel.CARD)
TRANSFERS = Pay(earliest=2 * HOUR, latest=40 * HOUR, channel=Channel.BANK_TRANSFER)
TRANSFERS_HALF = Pay(earliest=SOON, latest=20 * HOUR, channel=Channel.BANK_TRANSFER, share=HALF)
TRANSFERS_THE_REST = Pay(earliest=26 * HOUR, latest=60 * HOUR, channel=Channel.BANK_TRANSFER)
TRANSFERS_TOO_MUCH = Pay(
    earliest=2 * HOUR, latest=40 * HOUR, channel=Channel.BANK_TRANSFER, extra=Decimal(1_000)
)
CONFIRMED = Confirm(earliest=SOON, latest=10 * HOUR)
PAYS_AT_THE_DOOR = Pay(earliest=26 * HOUR, latest=90 * HOUR, channel=Channel.CASH)
PAYS_AT_THE_COUNTER = Pay(earliest=12 * HOUR, latest=60 * HOUR, channel=Channel.DEBIT)
THINKS_AGAIN = Cancel(earliest=SOON, latest=IN_TIME, reason=CancelReason.CUSTOMER)
NOTED = {"earliest": 40 * HOUR, "latest": 44 * HOUR}
GIVEN_UP = {"earliest": 45 * HOUR, "latest": 46 * HOUR}

PACKED = Parcel(earliest=11 * HOUR, latest=13 * HOUR, state=ShipmentState.PACKING)
CLOSED = Parcel(earliest=14 * HOUR, latest=16 * HOUR, state=ShipmentState.READY)
LEFT = Parcel(earliest=17 * HOUR, latest=21 * HOUR, state=ShipmentState.DISPATCHED)
SCANNED = Parcel(earliest=22 * HOUR, latest=24 * HOUR, state=ShipmentState.IN_TRANSIT)
NEXT_DAY = Parcel(earliest=25 * HOUR, latest=26 * HOUR, state=ShipmentState.DELIVERED)
ARRIVED = Parcel(earliest=40 * HOUR, latest=90 * HOUR, state=ShipmentState.DELIVERED)
CAME_BACK = Parcel(earliest=100 * HOUR, latest=130 * HOUR, state=ShipmentState.RETURNED_TO_SENDER)
SENT = (PACKED, CLOSED, LEFT)
FOLLOWED = (*SENT, SCANNED)

ASKS = SendBack(earliest=100 * HOUR, latest=110 * HOUR, state=ReturnState.REQUESTED)
AGREED = SendBack(earliest=112 * HOUR, latest=120 * HOUR, state=ReturnState.APPROVED)
REFUSED = SendBack(earliest=112 * HOUR, latest=120 * HOUR, state=ReturnState.REJECTED)
RECEIVED = SendBack(earliest=150 * HOUR, latest=170 * HOUR, state=ReturnState.RECEIVING)
CLOSED_RETURN = SendBack(earliest=171 * HOUR, latest=175 * HOUR, state=ReturnState.CLOSED)
RETURNED = (PAYS_ONLINE, *FOLLOWED, ARRIVED, ASKS, AGREED, RECEIVED, CLOSED_RETURN)
PAYS_BACK = PayBack(earliest=200 * HOUR, latest=210 * HOUR)
WANTS_RETURN_REFUNDED = AskForMoney(
    earliest=176 * HOUR, latest=180 * HOUR, reason=RefundReason.RETURNED, role=Role.SUPPORT
)
AGREES_TO_RETURN = replace(WANTS_RETURN_REFUNDED, role=Role.OPERATIONS)
REFUNDS_RETURN = replace(WANTS_RETURN_REFUNDED, role=Role.SUPERVISOR)
REFUNDS_EXCESS = AskForMoney(
    earliest=45 * HOUR, latest=48 * HOUR, reason=RefundReason.OVERPAID, role=Role.SUPERVISOR
)
REFUNDS_ORDER = CancelPaid(earliest=45 * HOUR, latest=60 * HOUR, refund=True)
OWES_ORDER = replace(REFUNDS_ORDER, refund=False)

ONLINE, BANK = PaymentMethod.ONLINE, PaymentMethod.BANK_TRANSFER
DOOR, PICKUP = PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.PAY_AT_PICKUP

FATES = (
    Fate(orders=132, payment_method=ONLINE, youngest=DAY, steps=(PAYS_ONLINE,)),
    Fate(
        orders=4,
        payment_method=ONLINE,
        youngest=DAY,
        oldest=3 * DAY,
        steps=(PAYS_ONLINE, PACKED),
    ),
    Fate(
        orders=4,
        payment_method=ONLINE,
        youngest=DAY,
        oldest=3 * DAY,
        steps=(PAYS_ONLINE, PACKED, CLOSED),
    ),
    Fate(
        orders=4,
        payment_method=ONLINE,
        youngest=DAY,
        oldest=3 * DAY,
        steps=(PAYS_ONLINE, *SENT),
    ),
    Fate(
        orders=5,
        payment_method=ONLINE,
        youngest=2 * DAY,
        oldest=5 * DAY,
        steps=(PAYS_ONLINE, *FOLLOWED),
    ),
    Fate(
        orders=6,
        payment_method=ONLINE,
        youngest=4 * DAY,
        steps=(PAYS_ONLINE, *FOLLOWED, ARRIVED),
    ),
    Fate(
        orders=2,
        payment_method=ONLINE,
        youngest=8 * DAY,
        oldest=20 * DAY,
        steps=(PAYS_ONLINE, *FOLLOWED, ARRIVED, ASKS),
    ),
    Fate(
        orders=2,
        payment_method=ONLINE,
        youngest=8 * DAY,
        oldest=20 * DAY,
        steps=(PAYS_ONLINE, *FOLLOWED, ARRIVED, ASKS, AGREED),
    ),
    Fate(
        orders=1,
        payment_method=ONLINE,
        youngest=8 * DAY,
        oldest=20 * DAY,
        steps=(PAYS_ONLINE, *FOLLOWED, ARRIVED, ASKS, REFUSED),
    ),
    Fate(
        orders=1,
        payment_method=ONLINE,
        youngest=8 * DAY,
        oldest=20 * DAY,
        steps=(PAYS_ONLINE, *FOLLOWED, ARRIVED, ASKS, AGREED, RECEIVED),
    ),
    Fate(
        orders=2,
        payment_method=ONLINE,
        youngest=9 * DAY,
        oldest=20 * DAY,
        steps=(*RETURNED, REFUNDS_RETURN, PAYS_BACK),
    ),
    Fate(
        orders=3,
        payment_method=ONLINE,
        youngest=8 * DAY,
        oldest=20 * DAY,
        steps=(*RETURNED, WANTS_RETURN_REFUNDED),
    ),
    Fate(
        orders=2,
        payment_method=ONLINE,
        youngest=8 * DAY,
        oldest=20 * DAY,
        steps=(*RETURNED, AGREES_TO_RETURN),
    ),
    Fate(
        orders=2,
        payment_method=ONLINE,
        youngest=6 * DAY,
        steps=(PAYS_ONLINE, *FOLLOWED, CAME_BACK),
    ),
    Fate(
        orders=38,
        payment_method=ONLINE,
        youngest=2 * HOUR,
        steps=(Expire(earliest=EXPIRY_RUN, latest=EXPIRY_RUN),),
    ),
    Fate(orders=16, payment_method=ONLINE, youngest=2 * HOUR, steps=(THINKS_AGAIN,)),
    Fate(
        orders=5,
        payment_method=ONLINE,
        youngest=DAY,
        oldest=6 * DAY,
        steps=(Pay(earliest=SOON, latest=IN_TIME, channel=Channel.BANK_TRANSFER, share=HALF),),
    ),
    Fate(orders=6, payment_method=ONLINE, youngest=0 * DAY, oldest=IN_TIME),
    Fate(orders=75, payment_method=BANK, youngest=2 * DAY, steps=(TRANSFERS,)),
    Fate(
        orders=3,
        payment_method=BANK,
        youngest=9 * DAY,
        steps=(TRANSFERS, REFUNDS_ORDER, PAYS_BACK),
    ),
    Fate(
        orders=2,
        payment_method=BANK,
        youngest=3 * DAY,
        oldest=9 * DAY,
        steps=(TRANSFERS, OWES_ORDER),
    ),
    Fate(
        orders=8,
        payment_method=BANK,
        youngest=3 * DAY,
        steps=(TRANSFERS_HALF, TRANSFERS_THE_REST),
    ),
    Fate(orders=7, payment_method=BANK, youngest=2 * DAY, steps=(TRANSFERS_TOO_MUCH,)),
    Fate(
        orders=2,
        payment_method=BANK,
        youngest=9 * DAY,
        steps=(TRANSFERS_TOO_MUCH, REFUNDS_EXCESS, PAYS_BACK),
    ),
    Fate(
        orders=11,
        payment_method=BANK,
        youngest=3 * DAY,
        oldest=12 * DAY,
        steps=(TRANSFERS_HALF, Note(**NOTED, text="Called. The rest comes on Friday.")),
    ),
    Fate(orders=14, payment_method=BANK, youngest=0 * DAY, oldest=4 * DAY),
    Fate(orders=7, payment_method=BANK, youngest=DAY, steps=(THINKS_AGAIN,)),
    Fate(
        orders=6,
        payment_method=BANK,
        youngest=3 * DAY,
        steps=(
            Note(**NOTED, text="The last one has a flaw in the cloth."),
            Cancel(**GIVEN_UP, reason=CancelReason.OUT_OF_STOCK),
        ),
    ),
    Fate(
        orders=7,
        payment_method=BANK,
        youngest=3 * DAY,
        steps=(Cancel(**GIVEN_UP, reason=CancelReason.STAFF),),
    ),
    Fate(orders=43, payment_method=DOOR, youngest=DAY, oldest=12 * DAY, steps=(CONFIRMED,)),
    Fate(
        orders=3,
        payment_method=DOOR,
        youngest=2 * DAY,
        oldest=5 * DAY,
        steps=(CONFIRMED, *SENT, NEXT_DAY),
    ),
    Fate(orders=2, payment_method=DOOR, youngest=6 * DAY, steps=(CONFIRMED, *FOLLOWED, CAME_BACK)),
    Fate(orders=34, payment_method=DOOR, youngest=4 * DAY, steps=(CONFIRMED, PAYS_AT_THE_DOOR)),
    Fate(
        orders=4,
        payment_method=DOOR,
        youngest=4 * DAY,
        steps=(CONFIRMED, *SENT, NEXT_DAY, PAYS_AT_THE_DOOR),
    ),
    Fate(orders=10, payment_method=DOOR, youngest=0 * DAY, oldest=DAY),
    Fate(
        orders=6,
        payment_method=DOOR,
        youngest=3 * DAY,
        steps=(
            Note(**NOTED, text="Five orders to one phone number, and nobody answers it."),
            Cancel(**GIVEN_UP, reason=CancelReason.FRAUD),
        ),
    ),
    Fate(orders=4, payment_method=DOOR, youngest=DAY, steps=(THINKS_AGAIN,)),
    Fate(
        orders=10, payment_method=PICKUP, youngest=3 * DAY, steps=(CONFIRMED, PAYS_AT_THE_COUNTER)
    ),
    Fate(orders=4, payment_method=PICKUP, youngest=DAY, oldest=5 * DAY, steps=(CONFIRMED,)),
    Fate(orders=3, payment_method=PICKUP, youngest=DAY, is_free=True),
)
