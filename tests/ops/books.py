"""A little shop with an order in every state, and the ways to break its books."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.accounts.services import create_staff
from mdv.kernel import clock
from refunds import services as returns
from refunds.states import Condition, RefundReason, Restock, ReturnReason, ReturnSource
from shop.fulfilment import services as parcels
from shop.orders.services import (
    Checkout,
    WantedLine,
    cancel_order,
    confirm_pay_on_delivery,
    place_order,
)
from shop.orders.states import CancelReason, PaymentMethod
from shop.payments.services import record_payment
from shop.payments.states import Channel
from shop.pricing.services import create_coupon
from shop.pricing.states import CouponKind
from shop.stock.models import StockItem
from tests.accounts.people import PASSWORD
from tests.orders.ordering import sell

PRICE = Decimal("1500.00")
ARRIVED = ("completed", "to_send_back", "sent_back")
ADMIN = "books@example.com"
SENT = (*ARRIVED, "on_its_way", "came_back")


def open_shop():
    """Sell shirts and mugs with a coupon; return the orders' numbers by what became of them."""
    sell("SHIRT", "1500.00", stock=100)
    sell("MUG", "300.00", stock=5)
    sell("HAT", "1500.00", stock=10)
    create_coupon(code="HALF", kind=CouponKind.PERCENT, value=Decimal(50))
    create_coupon(code="FREE", kind=CouponKind.PERCENT, value=Decimal(100))
    numbers = {
        "pending": _place(),
        "paid": _place(),
        "overpaid": _place(),
        "partly_paid": _place(),
        "pay_at_pickup": _place(payment_method=PaymentMethod.PAY_AT_PICKUP),
        "cancelled": _place(),
        "half_price": _place(coupon="HALF", total=PRICE / 2),
        "half_price_cancelled": _place(coupon="HALF", total=PRICE / 2),
        "free": _place(coupon="FREE", total=Decimal(0)),
        **{what: _place(sku="HAT") for what in SENT},
    }
    for what, amount in (
        ("paid", PRICE),
        ("overpaid", 2 * PRICE),
        ("partly_paid", Decimal(1)),
        *((what, PRICE) for what in SENT),
    ):
        record_payment(
            number=numbers[what],
            amount=amount,
            channel=Channel.BANK_TRANSFER,
            reference=what,
            at=clock.now(),
            accept_excess=True,
        )
    confirm_pay_on_delivery(number=numbers["pay_at_pickup"], at=clock.now())
    for what in ("cancelled", "half_price_cancelled"):
        cancel_order(number=numbers[what], reason=CancelReason.STAFF, at=clock.now())
    for what in SENT:
        _ship(numbers[what])
    for what in ARRIVED:
        parcels.deliver_shipment(number=f"{numbers[what]}-1", at=clock.now())
    parcels.return_to_sender(number=f"{numbers['came_back']}-1", restock=None, at=clock.now())
    parcels.create_shipment(number=numbers["pay_at_pickup"], at=clock.now())
    _agree_to_return(numbers["to_send_back"])
    came = _send_back(numbers["sent_back"])
    _give_back(numbers["overpaid"], goodwill=PRICE, reason=RefundReason.OVERPAID)
    hat = returns.WantedLine(sku="HAT", quantity=1, restock=Restock.RETURN)
    _give_back(numbers["sent_back"], lines=[hat], of_return=came, reason=RefundReason.RETURNED)
    return numbers


def _agree_to_return(number):
    asked = returns.request_return(
        number=number,
        lines=[returns.Wanted(sku="HAT", quantity=1)],
        reason=ReturnReason.CHANGED_MIND,
        source=ReturnSource.CUSTOMER,
        at=clock.now(),
    )
    return returns.approve_return(number=asked.number, at=clock.now())


def _send_back(number):
    agreed = _agree_to_return(number)
    hat = returns.Received(sku="HAT", quantity=1, condition=Condition.AS_NEW, restock=True)
    returns.receive_return(
        number=agreed.number, version=agreed.version, received=[hat], at=clock.now()
    )
    return returns.close_return(number=agreed.number, at=clock.now()).number


def _give_back(number, **wanted):
    """Refund money by hand, as somebody who may."""
    admin = User.objects.filter(email=ADMIN).first() or create_staff(
        email=ADMIN, name="", password=PASSWORD, roles={Role.ADMIN}
    )
    wish = returns.RefundWish(**wanted)
    plan = returns.plan_refund(number=number, wish=wish, user_id=admin.pk, at=clock.now())
    (refund,) = returns.request_refund(
        number=number, wish=wish, plan_hash=plan.plan_hash, user_id=admin.pk, at=clock.now()
    )
    returns.record_manual_refund(
        number=refund.number, bank_reference=number, user_id=admin.pk, at=clock.now()
    )


def _ship(number):
    parcel = parcels.create_shipment(number=number, at=clock.now()).number
    parcels.mark_ready(number=parcel, at=clock.now())
    parcels.dispatch_shipment(number=parcel, carrier="GIG", at=clock.now())


def stock_items():
    """The ids of the stock items, by SKU in small letters."""
    items = StockItem.objects.select_related("variant")
    return {item.variant.sku.lower(): item.pk for item in items}


def _place(*, sku="SHIRT", coupon="", total=PRICE, payment_method=PaymentMethod.BANK_TRANSFER):
    checkout = Checkout(
        user_id=None,
        email="guest@example.com",
        delivery_method="pickup",
        payment_method=payment_method,
        expected_total=total,
        shipping_address={},
        coupon_code=coupon,
    )
    lines = [WantedLine(sku=sku, quantity=1)]
    return place_order(
        checkout=checkout, lines=lines, at=clock.now(), pay_within=timedelta(hours=1)
    ).order.number


@contextmanager
def without(table, constraint):
    """Take a CHECK away; afterwards empty the table and put it back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint]
        )
        (definition,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:  # another one: a command closes its connection
            cursor.execute(f"TRUNCATE {table} CASCADE")
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}")


def break_books(*statements):
    """Change rows as nobody can: past every trigger and foreign key."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount >= 1, f"nothing was broken by: {statement}"
