"""A little shop with one of everything that the back office shows."""

import importlib
import uuid
from decimal import Decimal
from types import SimpleNamespace
from unittest import mock

from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import AuditEntry
from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.events import services as events
from mdv.events.models import Event, WebhookDelivery, WebhookTarget
from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.mail.services import send_mail
from mdv.ops.invariants import Row
from mdv.ops.models import BooksCheck, Finding
from mdv.store.models import StoreSettings
from refunds import services as returns
from refunds.models import Refund, RefundPolicy, Return
from refunds.states import RefundReason, Restock, ReturnReason, ReturnSource
from shop.catalog import services as catalog
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.fulfilment import services as parcels
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from shop.orders.services import confirm_pay_on_delivery
from shop.payments.models import GatewayEvent
from shop.payments.services import record_payment
from shop.payments.states import Channel
from shop.pricing import services as pricing
from shop.pricing.models import Coupon, ShippingZone, TaxRate
from shop.stock.models import StockItem, StockTake
from shop.stock.services import preview_stock_take
from tests.accounts.people import make_customer, make_staff
from tests.catalog.shelf import picture
from tests.orders.ordering import act, deliver_everywhere, guest, order_of, sell
from tests.refunds.refunding import FakeGateway, pay_online

ADDRESS = "192.0.2.7"
# The package's name of it is the function.
execute_refund = importlib.import_module("refunds.services.execute_refund")


def open_shop():
    """One of everything. Nothing depends on the category, the coupon and what is spare."""
    zone = deliver_everywhere()
    variant = sell("SHIRT", "1500.00")
    image = catalog.add_image(product_id=variant.product_id, content=picture(), alt="A shirt")
    catalog.add_image(product_id=variant.product_id, content=picture(), alt="Its back")
    customer = make_customer()
    send_mail(kind="welcome", to=customer.email, context={"name": "Ada"}, about=customer)
    order = place_order()
    webhook = add_webhook()
    return SimpleNamespace(
        books=unbalanced_books(order),
        category=catalog.create_category(name="Shirts"),
        coupon=pricing.create_coupon(code="TEN", kind="percent", value=Decimal(10)),
        customer=customer,
        delivery=webhook.deliveries.get(),
        entry=AuditEntry.objects.earliest(),
        exception=unexplained_money(),
        event=Event.objects.get(kind="order.placed"),
        image=image.product.images.get(is_primary=False),
        job=failed_job(),
        mail=Mail.objects.earliest("id"),
        order=order,
        shipment=a_parcel(),
        product=variant.product,
        policy=RefundPolicy.objects.get(role=Role.SUPPORT),
        refund=a_refund(),
        returned=a_return(),
        settings=StoreSettings.objects.get(),
        spare_product=catalog.create_product(title="Sock"),
        spare_variant=sell("BELT", "9.00", stock=0),
        spare_zone=pricing.create_zone(name="Abuja", fee=Decimal(9), states=["Abuja"]),
        stock=StockItem.objects.get(variant=variant),
        stock_take=count_stock(),
        tax_rate=pricing.create_tax_rate(country="NG", percent=Decimal("7.5")),
        variant=variant,
        webhook=webhook,
        zone=zone,
    )


def unbalanced_books(order):
    """A check that found something wrong with an order, and something that waits."""
    now = clock.now()
    wrong = Row("order", order.pk, order.number, "captured 1.00, payments say 0")
    waiting = Row("event", None, "paystack charge.success", "4711: waits")
    found = {6: ("red", [wrong]), 12: ("ok", []), 15: ("amber", [waiting])}
    findings = [
        Finding(
            number=number, status=status, count=len(rows), rows=rows, took_ms=1.5, checked_at=now
        )
        for number, (status, rows) in found.items()
    ]
    return BooksCheck.objects.create(
        checked_at=now, status="unbalanced", outcomes=[one.written() for one in findings]
    )


def a_parcel():
    """A parcel that is being packed, of an order of its own."""
    sell("GLOVE", "100.00")
    order = place_order(
        "GLOVE", 2, total="700.00", email="bea@example.com", payment_method="cash_on_delivery"
    )
    confirm_pay_on_delivery(number=order.number, at=clock.now())
    packed = [parcels.Packed(sku="GLOVE", quantity=1)]
    return parcels.create_shipment(number=order.number, lines=packed, at=clock.now())


def a_return():
    """A return that waits for a decision, of an order of its own that has arrived."""
    sell("GLOVES", "100.00")
    order = place_order(
        "GLOVES", 2, total="700.00", email="cleo@example.com", payment_method="cash_on_delivery"
    )
    now = clock.now()
    confirm_pay_on_delivery(number=order.number, at=now)
    parcel = parcels.create_shipment(number=order.number, at=now).number
    parcels.mark_ready(number=parcel, at=now)
    parcels.dispatch_shipment(number=parcel, carrier="GIG", at=now)
    parcels.deliver_shipment(number=parcel, at=now)
    return returns.request_return(
        number=order.number,
        lines=[returns.Wanted(sku="GLOVES", quantity=1)],
        reason=ReturnReason.DOES_NOT_FIT,
        source=ReturnSource.STAFF,
        at=now,
    )


def a_refund():
    """A refund above its requester's limits, of an order of its own that was paid by hand."""
    sell("COAT", "30000.00")
    order = place_order("COAT", 2, total="60500.00", email="dan@example.com")
    record_payment(
        number=order.number,
        amount=order.total,
        channel=Channel.BANK_TRANSFER,
        reference="TRF-COAT",
        at=clock.now(),
    )
    clerk = make_staff(Role.OPERATIONS, "olu@example.com")
    wish = returns.RefundWish(
        lines=[returns.WantedLine(sku="COAT", quantity=2, restock=Restock.CANCEL)],
        reason=RefundReason.CANCELLED,
        note="Rang up and took it back",
    )
    return ask_for_refund(order.number, wish, by=clerk)


def refund_online(shop, *answers):
    """A refund of a shirt that was paid online, as it is after the provider's answers to it."""
    order = place_order("SHIRT", 1, total="2000.00", email="efe@example.com")
    pay_online(order.number, order.total)
    clerk = User.objects.get(email="olu@example.com")
    wish = returns.RefundWish(
        lines=[returns.WantedLine(sku="SHIRT", quantity=1, restock=Restock.CANCEL)],
        reason=RefundReason.CANCELLED,
    )
    refund = ask_for_refund(order.number, wish, by=clerk)
    gateway = FakeGateway(answers=list(answers))
    with mock.patch.object(execute_refund, "gateway_of", return_value=gateway):
        returns.execute_refund(number=refund.number, at=clock.now())
    return Refund.objects.get(pk=refund.pk)


def ask_for_refund(number, wish, *, by):
    """Ask for a refund as somebody who has just seen its plan; return the first one."""
    plan = returns.plan_refund(number=number, wish=wish, user_id=by.pk, at=clock.now())
    made = returns.request_refund(
        number=number, wish=wish, plan_hash=plan.plan_hash, user_id=by.pk, at=clock.now()
    )
    return made[0]


def add_webhook():
    """A webhook that is to be told of the order."""
    webhook = events.create_target(
        name="Books", url="http://127.0.0.1:9/in", contact="it@example.com"
    )
    events.number_events()
    return webhook


def count_stock():
    """A count of the shirts that was not applied yet: one is missing."""
    return preview_stock_take(name="count.csv", content=b"sku,counted\nSHIRT,9", at=clock.now())


def unexplained_money(**changes):
    """Money that came for no payment of ours, but for the changes."""
    facts = {
        "provider": "paystack",
        "fact": "charge.success:4711",
        "kind": "charge.success",
        "source": "webhook",
        "reference": "P-UNKNOWN",
        "provider_id": "4711",
        "result": "succeeded",
        "amount": Decimal(2000),
        "currency": "NGN",
        "is_live": False,
        "received_at": clock.now(),
        "processed_at": clock.now(),
        "outcome": "orphan",
    }
    return GatewayEvent.objects.create(**{**facts, **changes})


def failed_job():
    """A job that was tried in vain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
            "VALUES ('default', 'mail.deliver', '{\"arguments\": {\"mail_id\": 1}}', 'failed') "
            "RETURNING id"
        )
        return ProcrastinateJob.objects.get(pk=cursor.fetchone()[0])


def place_order(sku="SHIRT", quantity=1, *, total="2000.00", caller=None, **changes):
    answer = act(caller or guest(), "/orders", order_of((sku, quantity), total=total, **changes))
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


def subjects(shop):
    """The shop's one object of each kind that has pages."""
    return {
        AuditEntry: shop.entry,
        BooksCheck: shop.books,
        Category: shop.category,
        Coupon: shop.coupon,
        Event: shop.event,
        GatewayEvent: shop.exception,
        Mail: shop.mail,
        Order: shop.order,
        ProcrastinateJob: shop.job,
        Product: shop.product,
        ProductImage: shop.image,
        Refund: shop.refund,
        RefundPolicy: shop.policy,
        Return: shop.returned,
        Shipment: shop.shipment,
        ShippingZone: shop.zone,
        StockItem: shop.stock,
        StockTake: shop.stock_take,
        StoreSettings: shop.settings,
        TaxRate: shop.tax_rate,
        User: shop.customer,
        Variant: shop.variant,
        WebhookDelivery: shop.delivery,
        WebhookTarget: shop.webhook,
    }


def browser_of(user=None, *, role=None, **options):
    """A browser, logged in as `user` or as a new member of staff with `role`."""
    browser = Client(REMOTE_ADDR=ADDRESS, raise_request_exception=False, **options)
    if role is not None:
        user = make_staff(Role(role))
    if user is not None:
        browser.force_login(user)
    browser.user = user
    return browser


def nonce():
    return uuid.uuid4().hex
