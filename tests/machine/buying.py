"""Placing orders, paying for them, and giving them up."""

import json
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from refunds.services import expire_returns
from shop.fulfilment.services import cancel_packed_order
from shop.orders.services import (
    Checkout,
    WantedLine,
    cancel_order,
    confirm_pay_on_delivery,
    expire_orders,
    reopen_order,
    write_note,
)
from shop.orders.states import CancelReason
from shop.payments.gateways import gateway_of
from shop.payments.models import GatewayEvent
from shop.payments.services import (
    begin_payment,
    check_out,
    record_payment,
    reopen_for_money,
    take_notice,
)
from shop.payments.states import Channel, EventOutcome, Provider
from tests.machine.books import COUPONS, PAYMENT_EXPIRY, PRICES, Line, Order
from tests.machine.money import Payment, half_of
from tests.machine.steps import AT_RANDOM, DONE, UNCHANGED, UNITS, Steps, move
from tests.orders.ordering import LAGOS
from tests.payments.gateways.notices import paystack_headers
from tests.payments.notices import SECRET, told

# How it is paid, and whether it is fetched.
WAYS = [
    ("online", False),
    ("online", False),
    ("online", True),
    ("bank_transfer", False),
    ("cash_on_delivery", False),
    ("cash_on_delivery", False),
    ("cash_on_delivery", True),  # nobody is there to take it
    ("pay_at_pickup", True),
    ("pay_at_pickup", True),
]
TOO_MUCH = Decimal(700)
KOBO = 100

orders = st.fixed_dictionaries(
    {
        "way": st.sampled_from(WAYS),
        "coupon": st.sampled_from(["", *COUPONS]),
        "units": UNITS,
    }
)
amounts = st.sampled_from(["full", "full", "short", "large"])


def amount_of(kind, due):
    return {"full": due, "short": half_of(due), "large": due + TOO_MUCH}[kind]


class Buying(Steps):
    @move(
        often=6,
        wanted=orders,
        mistake=st.sampled_from(["", "", "", "", "", "sku", "total", "nothing"]),
    )
    def place(self, wanted, mistake):
        order = _order(wanted, self.at)
        lines = [WantedLine(sku=sku, quantity=units) for sku, units in wanted["units"].items()]
        if mistake == "sku":
            lines.append(WantedLine(sku="NOSUCH", quantity=1))
        checkout = Checkout(
            user_id=None,
            email="ada@example.com",
            delivery_method="pickup" if order.is_pickup else "delivery",
            payment_method=order.payment_method,
            expected_total=order.total + (1 if mistake == "total" else 0),
            shipping_address={} if order.is_pickup else LAGOS,
            coupon_code=order.coupon,
        )

        def book(checked_out):
            order.number = checked_out.order.number
            if not order.total:
                order.confirm()
            self.books.take_in(order)

        self.take(
            self._placing(order, mistake),
            lambda: check_out(
                checkout=checkout, lines=[] if mistake == "nothing" else lines, at=self.at
            ),
            book,
        )

    def _placing(self, order, mistake):
        if order.payment_method == ("cash_on_delivery" if order.is_pickup else "pay_at_pickup"):
            return "payment_method_not_offered"
        if mistake in ("nothing", "sku"):
            return {"nothing": "empty_order", "sku": "unknown_sku"}[mistake]
        if self.books.is_used_up(order.coupon):
            return "coupon_exhausted"
        if mistake == "total":
            return "price_changed"
        return self._holding(order)

    def _holding(self, order):
        lines = order.lines.values()
        is_there = all(self.books.available(line.sku) >= line.quantity for line in lines)
        return DONE if is_there else "out_of_stock"

    @move(
        often=5,
        of="orders",
        fits="waits_for_money",
        kind=amounts,
        accepts=st.booleans(),
        again=AT_RANDOM,
    )
    def pay_by_hand(self, order, kind, accepts, again):
        amount = amount_of(kind, order.due)
        is_used = again and bool(self.books.references)
        reference = "TRF-1" if is_used else f"TRF-{len(self.books.references) + 1}"
        if amount <= 0:
            foretold = "invalid"
        elif order.status == "cancelled":
            foretold = "order_is_cancelled"
        elif is_used:
            foretold = "payment_reference_is_used_once"
        elif amount > order.due and not accepts:
            foretold = "more_than_due"
        else:
            foretold = DONE

        def book(_):
            self.books.references.append(reference)
            self.books.begun += 1
            order.capture(
                Payment(
                    reference,
                    order,
                    amount,
                    captured=amount,
                    captured_at=self.at,
                    place=self.books.begun,
                )
            )

        self.take(
            foretold,
            lambda: record_payment(
                number=order.number,
                amount=amount,
                channel=Channel.BANK_TRANSFER,
                reference=reference,
                accept_excess=accepts,
                at=self.at,
            ),
            book,
        )

    @move(often=8, of="orders", fits="waits_for_money")
    def start_payment(self, order):
        is_nothing = order.status == "cancelled" or not order.due
        due, fact = order.due, len(self.books.payments) + 1

        def book(begun):
            self.books.begun += 1
            payment = Payment(begun.reference, order, due, fact, place=self.books.begun)
            self.books.payments.append(payment)

        self.take(
            "nothing_to_pay" if is_nothing else DONE,
            lambda: begin_payment(number=order.number, provider=Provider.PAYSTACK, at=self.at),
            book,
        )

    @move(often=10, of="payments", fits="is_open", kind=amounts)
    def tell_of_payment(self, payment, kind):
        """A provider tells that a payment was made; of one that is booked it tells once more."""
        self._tell(payment, kind)

    @move(often=24, of="payments", fits="is_late", kind=amounts)
    def tell_of_late_payment(self, payment, kind):
        """The money is for an order that was given up."""
        self._tell(payment, kind)

    def _tell(self, payment, kind):
        is_booked = not payment.is_open
        amount = payment.captured if is_booked else amount_of(kind, payment.due)
        said = told(payment.reference, id=payment.fact, amount=int(amount * KOBO))
        body = json.dumps(said).encode()

        def book(_):
            payment.captured, payment.captured_at = amount, self.at
            payment.order.capture(payment)

        self.take(
            UNCHANGED if is_booked else DONE,
            lambda: take_notice(
                gateway=gateway_of(Provider.PAYSTACK),
                body=body,
                headers=paystack_headers(body, secret=SECRET),
                at=self.at,
            ),
            book,
        )

    @move(often=4, of="orders", fits="is_pending")
    def confirm(self, order):
        if order.status == "confirmed":
            foretold = UNCHANGED
        elif order.status != "pending":
            foretold = "invalid_transition"
        else:
            foretold = DONE if order.waits_for_confirmation else "not_paid_on_delivery"
        self.take(
            foretold,
            lambda: confirm_pay_on_delivery(number=order.number, at=self.at),
            lambda _: order.confirm(),
        )

    @move(
        often=3,
        of="orders",
        fits="can_be_cancelled",
        knows_parcels=st.sampled_from([True, False, False]),
        only_pending=st.booleans(),
    )
    def cancel(self, order, knows_parcels, only_pending):
        if order.status == "cancelled":
            foretold = UNCHANGED
        elif order.has_shipped:
            foretold = "already_shipped"
        elif order.captured > order.refunded:
            foretold = "order_has_payments"
        elif only_pending and order.status != "pending":
            foretold = "already_confirmed"
        elif order.packed and not knows_parcels:
            foretold = "no_more_is_packed_than_is_open"
        else:
            foretold = DONE
        service = cancel_packed_order if knows_parcels else cancel_order
        self.take(
            foretold,
            lambda: service(
                number=order.number,
                reason=CancelReason.STAFF,
                only_pending=only_pending,
                at=self.at,
            ),
            lambda _: self.books.cancel(order, "staff"),
        )

    @move(often=24, of="orders", fits="can_be_reopened")
    def reopen(self, order):
        if not order.can_be_reopened:
            foretold = "not_reopened"
        elif self.books.is_used_up(order.coupon):
            foretold = "coupon_exhausted"
        else:
            foretold = self._holding(order)

        def book(_):
            for line in order.lines.values():
                line.cancelled = 0
            order.confirm()
            self.books.hold(order)

        self.take(foretold, lambda: self._reopen(order), book)

    def _reopen(self, order):
        """By the exception that its late money is, as staff do; else as the service itself does."""
        late = GatewayEvent.objects.open_exceptions().filter(
            outcome=EventOutcome.LATE, payment__order__number=order.number
        )
        event = late.order_by("id").first()
        if event is None:
            return reopen_order(number=order.number, at=self.at)
        return reopen_for_money(event_id=event.pk, user_id=self.people["admin"], at=self.at)

    @move(often=2, hours=st.sampled_from([1, 24, 24 * 10, 24 * 15, 24 * 15]))
    def let_time_pass(self, hours):
        self.at += timedelta(hours=hours)
        self.take(DONE, lambda: None)

    @move(often=6, of="orders", fits="can_expire")
    def let_order_expire(self, order):
        self.at = max(self.at, order.expires_at or self.at)
        overdue = [one for one in self.books.orders if one.is_overdue(self.at)]

        def book(ended):
            assert ended == len(overdue)
            for one in overdue:
                self.books.cancel(one, "expired")

        self.take(DONE if overdue else UNCHANGED, lambda: expire_orders(at=self.at), book)

    @move(often=2, of="returns", fits="can_expire")
    def let_return_expire(self, returned):
        self.at = max(self.at, returned.expires_at or self.at)
        overdue = [one for one in self.books.returns if one.is_overdue(self.at)]

        def book(ended):
            assert ended == len(overdue)
            for one in overdue:
                one.turn("expired")

        self.take(DONE if overdue else UNCHANGED, lambda: expire_returns(at=self.at), book)

    @move(of="orders", text=st.sampled_from(["Call first", " "]))
    def note(self, order, text):
        self.take(
            DONE if text.strip() else "invalid",
            lambda: write_note(number=order.number, text=text, author_id=self.people["operations"]),
        )


def _order(wanted, at):
    off = COUPONS[wanted["coupon"]][0] if wanted["coupon"] else 0
    lines = {
        sku: Line(sku, units, PRICES[sku] * (1 - off)) for sku, units in wanted["units"].items()
    }
    method, is_pickup = wanted["way"]
    order = Order("", method, is_pickup, wanted["coupon"], lines, None)
    if order.payment_method == "online":
        order.expires_at = at + PAYMENT_EXPIRY
    return order
