"""Playing the planned orders through the services, everything in the order in which it happened."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.kernel.context import SYSTEM, refined
from mdv.kernel.money import ZERO, round_money
from mdv.ops.demo.accounts import Accounts, acting
from mdv.ops.demo.fates import (
    AskForMoney,
    Cancel,
    CancelPaid,
    Confirm,
    Expire,
    Note,
    Parcel,
    Pay,
    PayBack,
    SendBack,
    Step,
)
from mdv.ops.demo.parcels import move_parcel
from mdv.ops.demo.refunds import ask_for_refund, cancel_paid_order, pay_refunds
from mdv.ops.demo.returns import ask_for_return, count_return, decide_return
from mdv.ops.demo.terms import PAYMENT_EXPIRY
from mdv.ops.demo.trade import PlannedOrder
from refunds.states import ReturnState
from shop.carts import services as carts
from shop.catalog.models import Variant
from shop.fulfilment.states import ShipmentState
from shop.orders.models import Order
from shop.orders.services import (
    Checkout,
    WantedLine,
    cancel_order,
    confirm_pay_on_delivery,
    expire_orders,
    place_order,
    write_note,
)
from shop.orders.states import CancelReason
from shop.payments.services import record_payment
from shop.payments.states import Channel
from shop.pricing import services as pricing
from shop.pricing.states import DeliveryMethod

RECEIPTS = {Channel.BANK_TRANSFER: "TRF", Channel.CASH: "CASH"}
CARD_RECEIPT = "POS"


def play(trade: Sequence[PlannedOrder], accounts: Accounts, *, at: datetime) -> None:
    """Place every order and let happen to it what is planned, until the moment `at`."""
    happenings = _Happenings(trade, accounts)
    events = [
        (at - order.ago + after, place, step)
        for place, order in enumerate(trade)
        for after, step in ((timedelta(0), None), *order.steps)
    ]
    for moment, place, step in sorted(events, key=lambda event: event[:2]):
        if step is None:
            happenings.place(place, moment)
        else:
            happenings.take(step, place, moment)


class _Happenings:
    def __init__(self, trade: Sequence[PlannedOrder], accounts: Accounts) -> None:
        self.trade = trade
        self.accounts = accounts
        self.variants = {variant.sku: variant for variant in Variant.objects.all()}
        self.numbers: dict[int, str] = {}
        self.receipts = 0
        self.parcels = 0
        self.paid_back = 0

    def place(self, place: int, moment: datetime) -> None:
        """Have the customer place the order, from a list or from a cart."""
        planned = self.trade[place]
        user = self._customer(place)
        with acting(user):
            checkout = self._checkout(planned, user)
            if planned.is_from_cart:
                token = _fill_cart(planned, user, moment)
                placed = place_order(
                    checkout=checkout, cart_token=token, at=moment, pay_within=PAYMENT_EXPIRY
                )
            else:
                lines = [WantedLine(sku=sku, quantity=units) for sku, units in planned.lines]
                placed = place_order(
                    checkout=checkout, lines=lines, at=moment, pay_within=PAYMENT_EXPIRY
                )
        self.numbers[place] = placed.order.number

    def take(self, step: Step, place: int, moment: datetime) -> None:
        """Have whoever does such things take the step."""
        number = self.numbers[place]
        match step:
            case Pay() | AskForMoney() | CancelPaid() | PayBack():
                self._move_money(step, number, moment)
            case Confirm():
                with acting(self.accounts.staff[Role.OPERATIONS]):
                    confirm_pay_on_delivery(number=number, at=moment)
            case Cancel():
                with acting(self._canceller(step, place)):
                    cancel_order(number=number, reason=step.reason, at=moment)
            case Expire():
                with refined(actor=SYSTEM):
                    expire_orders(at=moment)
            case Note():
                support = self.accounts.staff[Role.SUPPORT]
                with acting(support):
                    write_note(number=number, text=step.text, author_id=support.pk)
            case Parcel():
                self.parcels += step.state == ShipmentState.DISPATCHED
                with acting(self.accounts.staff[Role.LOGISTICS]):
                    move_parcel(number, step.state, parcels=self.parcels, at=moment)
            case SendBack():
                self._send_back(step.state, place, moment)

    def _move_money(
        self, step: Pay | AskForMoney | CancelPaid | PayBack, number: str, moment: datetime
    ) -> None:
        match step:
            case Pay():
                self._pay(step, number, moment)
            case AskForMoney():
                person = self.accounts.staff[step.role]
                with acting(person):
                    ask_for_refund(number, step.reason, by=person, at=moment)
            case CancelPaid():
                person = self.accounts.staff[Role.SUPERVISOR]
                with acting(person):
                    cancel_paid_order(number, refund=step.refund, by=person, at=moment)
            case PayBack():
                person = self.accounts.staff[Role.OPERATIONS]
                with acting(person):
                    self.paid_back += pay_refunds(
                        number, first=self.paid_back + 1, by=person, at=moment
                    )

    def _send_back(self, state: ReturnState, place: int, moment: datetime) -> None:
        number, staff = self.numbers[place], self.accounts.staff
        if state == ReturnState.REQUESTED:
            with acting(self._customer(place)):
                ask_for_return(number, at=moment)
        elif state in {ReturnState.APPROVED, ReturnState.REJECTED}:
            with acting(staff[Role.SUPPORT]):
                decide_return(number, state, at=moment)
        else:
            with acting(staff[Role.LOGISTICS]):
                count_return(number, state, at=moment)

    def _customer(self, place: int) -> User | None:
        return self.accounts.customers.get(self.trade[place].person.email)

    def _canceller(self, step: Cancel, place: int) -> User | None:
        if step.reason == CancelReason.CUSTOMER:
            return self._customer(place)
        is_grave = step.reason == CancelReason.FRAUD
        return self.accounts.staff[Role.SUPERVISOR if is_grave else Role.SUPPORT]

    def _checkout(self, planned: PlannedOrder, user: User | None) -> Checkout:
        """Return what the customer sends, having seen the price."""
        is_pickup = planned.delivery_method == DeliveryMethod.PICKUP
        checkout = Checkout(
            user_id=user.pk if user else None,
            name=planned.person.name,
            email=planned.person.email,
            phone=planned.person.phone,
            delivery_method=planned.delivery_method,
            payment_method=planned.payment_method,
            shipping_address={} if is_pickup else planned.person.address(planned.place),
            coupon_code=planned.coupon,
            expected_total=ZERO,
        )
        quote = pricing.quote_basket(
            lines=[carts.basket_line(self.variants[sku], units) for sku, units in planned.lines],
            coupon=pricing.find_coupon(planned.coupon) if planned.coupon else None,
            destination=checkout.destination,
        )
        return replace(checkout, expected_total=quote.price.total)

    def _pay(self, step: Pay, number: str, moment: datetime) -> None:
        self.receipts += 1
        receipt = f"{RECEIPTS.get(step.channel, CARD_RECEIPT)}-{self.receipts:05d}"
        due = Order.objects.get(number=number).due
        with acting(self.accounts.staff[Role.OPERATIONS]):
            record_payment(
                number=number,
                amount=round_money(due * step.share) + step.extra,
                channel=step.channel,
                reference=receipt,
                at=moment,
                accept_excess=bool(step.extra),
            )


def _fill_cart(planned: PlannedOrder, user: User | None, moment: datetime) -> str:
    owner = user.pk if user else None
    token = carts.create_cart(user_id=owner).token
    for sku, units in planned.lines:
        carts.add_line(token=token, user_id=owner, sku=sku, quantity=units)
    if planned.coupon:
        carts.set_coupon(token=token, user_id=owner, code=planned.coupon, at=moment)
    return token
