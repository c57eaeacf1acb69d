"""What a person would send to do each thing, so that a forged form is one that would work.

``PAYLOADS`` has the form of each page that writes, by the page's name: its fields, or what makes
them of the shop. ``FIRST`` is what must be so before it can work, ``ELSEWHERE`` the object to try
it on where the shop's own is needed by others.
"""

from io import BytesIO

from django.contrib.admin import site
from django.db import transaction

from mdv.accounts.models import User
from mdv.accounts.services import close_account
from mdv.events import services as events
from mdv.kernel import clock
from mdv.mail.models import Mail
from refunds import services as returns
from refunds.models import Refund
from refunds.states import Condition, RefundReason, Restock
from shop.catalog import services as catalog
from shop.catalog.states import ProductStatus
from shop.fulfilment import services as parcels
from shop.orders.models import Order
from shop.orders.services import confirm_pay_on_delivery, expire_orders
from shop.payments.models import GatewayEvent, Payment
from tests.accounts.people import PASSWORD, make_staff
from tests.backoffice.shop import refund_online, unexplained_money
from tests.catalog.shelf import picture
from tests.fulfilment.packing import pay
from tests.refunds.test_due_again import lose

NOTHING = {}
YES = {"post": "yes"}
COUPON = {"kind": "percent", "min_subtotal": "0", "shown": "1"}


def form_of(name, shop):
    """The form of one page, ready to be sent; empty where there is nothing to send."""
    form = PAYLOADS.get(name, NOTHING)
    return form(shop) if callable(form) else form


def a_file(name="front.png"):
    file = BytesIO(picture())
    file.name = name
    return file


def count(shop):
    file = BytesIO(b"sku,counted\nSHIRT,8")
    file.name = "count.csv"
    return {"file": file}


def digest_of(row):
    """What the page of `row`, which has no version, remembers it by."""
    form = site.get_model_admin(type(row)).form
    return form(instance=row).fields["shown"].initial


def profile(shop):
    return {"name": "Eve", "phone": "1", "shown": digest_of(shop.customer)}


def settings(shop):
    return {
        "legal_name": "Eve Ltd",
        "payment_expiry_minutes": "60",
        "return_window_days": "14",
        "shown": digest_of(shop.settings),
    }


def product(shop):
    return {"title": "Jacket", "slug": "jacket", "shown": shop.product.version}


def image(shop):
    return {"alt": "Front", "position": "3", "shown": shop.image.version}


def variant_of(of, *, shown, **values):
    return {
        "product": of.pk,
        "option_values": "",
        "weight_grams": "0",
        "position": "0",
        "shown": shown,
        **values,
    }


def new_variant(shop):
    return variant_of(shop.spare_product, shown="1", sku="HAT", price="10.00")


def variant(shop):
    return variant_of(shop.product, shown=shop.variant.version, sku="JACKET", price="1.00")


def upload(shop):
    return {"picture": a_file()}


def pack_parts(shop):
    return {f"units_{shop.order.lines.get().pk}": "1"}


def refund(shop):
    """The second press: with the hash of the plan that an admin has seen, if there is one."""
    line = shop.order.lines.get()
    wish = returns.RefundWish(
        lines=[returns.WantedLine(sku="SHIRT", quantity=1, restock=Restock.CANCEL)],
        reason=RefundReason.CANCELLED,
    )
    seen = "0" * 64
    admin = User.objects.filter(email="admin@example.com").first()
    if admin and shop.order.payments.exists():
        plan = returns.plan_refund(
            number=shop.order.number, wish=wish, user_id=admin.pk, at=clock.now()
        )
        seen = plan.plan_hash
    return {
        f"cancel_{line.pk}": "1",
        "method": "by_provider",
        "reason": "cancelled",
        "plan_hash": seen,
    }


def policy(shop):
    return {"max_per_refund": "1.00", "max_per_day": "2.00", "shown": digest_of(shop.policy)}


def seen_refund(shop, **filled):
    return {"version": newest_refund(shop).version, **filled}


def newest_refund(shop):
    return Refund.objects.latest("pk")


def coming_back(shop):
    return {f"coming_{shop.order.lines.get().pk}": "1", "reason": "other"}


def deliver_order(shop):
    confirm(shop)
    parcel = parcels.create_shipment(number=shop.order.number, at=clock.now()).number
    parcels.mark_ready(number=parcel, at=clock.now())
    parcels.dispatch_shipment(number=parcel, carrier="GIG", at=clock.now())
    parcels.deliver_shipment(number=parcel, at=clock.now())


PAYLOADS = {
    "accounts.user add": {
        "email": "ben@example.com",
        "name": "Ben",
        "roles": ["support"],
        "password": PASSWORD,
    },
    "accounts.user close": NOTHING,
    "accounts.user detail": profile,
    "accounts.user reopen": NOTHING,
    "accounts.user roles": {"roles": ["admin"], "password": PASSWORD},
    "accounts.user send-reset": NOTHING,
    "catalog.category add": {"name": "Hats", "position": "0", "shown": "1"},
    "catalog.category delete": YES,
    "catalog.category detail": {"name": "Coats", "slug": "coats", "position": "7", "shown": "1"},
    "catalog.product add": {"title": "Hat", "shown": "1"},
    "catalog.product add-picture": upload,
    "catalog.product delete": YES,
    "catalog.product detail": product,
    "catalog.product make-active": NOTHING,
    "catalog.product make-archived": NOTHING,
    "catalog.product make-draft": NOTHING,
    "catalog.productimage delete": YES,
    "catalog.productimage detail": image,
    "catalog.productimage make-primary": NOTHING,
    "catalog.variant add": new_variant,
    "catalog.variant archive": NOTHING,
    "catalog.variant delete": YES,
    "catalog.variant detail": variant,
    "catalog.variant restore": NOTHING,
    "events.webhookdelivery redeliver": NOTHING,
    "events.webhooktarget ping": NOTHING,
    "events.webhooktarget rotate-secret": NOTHING,
    "events.webhooktarget switch-off": NOTHING,
    "events.webhooktarget switch-on": NOTHING,
    "payments.gatewayevent apply": lambda shop: {"number": shop.order.number},
    "payments.gatewayevent book-rest": NOTHING,
    "payments.gatewayevent leave": {"note": "R1"},
    "payments.gatewayevent leave-excess": {"note": "R1"},
    "payments.gatewayevent refund": {"note": "R1"},
    "payments.gatewayevent reopen": NOTHING,
    "payments.gatewayevent write-off": {"note": "R1"},
    "procrastinate.procrastinatejob retry": NOTHING,
    "fulfilment.shipment add": lambda shop: {"number": shop.shipment.order.number},
    "fulfilment.shipment deliver": NOTHING,
    "fulfilment.shipment dispatch": {"carrier": "GIG", "tracking": "1"},
    "fulfilment.shipment give-up": NOTHING,
    "fulfilment.shipment in-transit": NOTHING,
    "fulfilment.shipment ready": NOTHING,
    "fulfilment.shipment repack": {"lines": "GLOVE 2", "shown": "1"},
    "fulfilment.shipment tracking": {"carrier": "DHL", "tracking": "2", "shown": "3"},
    "fulfilment.shipment returned": {"restock": "everything"},
    "mail.mail resend": NOTHING,
    "orders.order accept-missing": {"amount": "2000.00", "reason": "Pays on Monday."},
    "orders.order book-payment": {"amount": "2000.00", "channel": "cash", "reference": "R1"},
    "orders.order cancel": {"reason": "staff"},
    "orders.order cancel-confirmed": {"reason": "staff"},
    "orders.order confirm": NOTHING,
    "orders.order pack": NOTHING,
    "orders.order pack-parts": pack_parts,
    "orders.order return": coming_back,
    "orders.order note": {"text": "Rings twice."},
    "pricing.coupon add": {**COUPON, "code": "MORE", "value": "50"},
    "pricing.coupon delete": YES,
    "pricing.coupon detail": {**COUPON, "code": "TEN", "value": "90"},
    "pricing.shippingzone add": {"name": "Lagos", "fee": "1.00", "shown": "1"},
    "pricing.shippingzone delete": YES,
    "pricing.shippingzone detail": {"name": "All", "fee": "0.00", "shown": "1"},
    "pricing.taxrate add": {"country": "GH", "percent": "5", "shown": "1"},
    "pricing.taxrate delete": YES,
    "pricing.taxrate detail": {"country": "NG", "percent": "0", "shown": "1"},
    "orders.order refund": refund,
    "refunds.refund approve": lambda shop: seen_refund(shop, password=PASSWORD),
    "refunds.refund cancel": NOTHING,
    "refunds.refund look-up": NOTHING,
    "refunds.refund record": {"bank_reference": "NIP-1"},
    "refunds.refund reject": {"answer": "Not twice"},
    "refunds.refund retry": seen_refund,
    "refunds.refundpolicy detail": policy,
    "refunds.return add": lambda shop: {
        "number": shop.returned.order.number,
        "lines": "GLOVES 1",
        "reason": "other",
    },
    "refunds.return approve": {"skus": '["GLOVES"]', "units_0": "1"},
    "refunds.return cancel": NOTHING,
    "refunds.return close": NOTHING,
    "refunds.return receive": {"skus": '["GLOVES"]', "version": "2", "used_aside_0": "1"},
    "refunds.return reject": {"answer": "Worn"},
    "stock.stockitem adjust": {"delta": "-5", "reason": "Counted"},
    "stock.stockitem receive": {"quantity": "5"},
    "stock.stockitem warn-at": {"low_at": "9", "shown": "0"},
    "stock.stocktake add": count,
    "stock.stocktake apply": NOTHING,
    "store.storesettings detail": settings,
}


def archive_product(shop):
    catalog.set_product_status(product_id=shop.product.pk, status=ProductStatus.ARCHIVED)


def archive_variant(shop):
    catalog.archive_variant(variant_id=shop.variant.pk)


def lose_mail(shop):
    Mail.objects.filter(pk=shop.mail.pk).update(state="failed")


def agree_to_cash(shop):
    Order.objects.filter(pk=shop.order.pk).update(pay_on_delivery=True)


def confirm(shop):
    agree_to_cash(shop)
    confirm_pay_on_delivery(number=shop.order.number, at=clock.now())


def switch_webhook_off(shop):
    events.update_target(target_id=shop.webhook.pk, is_active=False)


def let_it_expire(shop):
    """Let the money be for an order that had expired."""
    payment = Payment.objects.create(
        order=shop.order,
        provider="paystack",
        reference="P-KNOWN",
        currency="NGN",
        amount=shop.order.total,
    )
    Order.objects.filter(pk=shop.order.pk).update(expires_at=clock.now())
    expire_orders(at=clock.now())
    with transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(
            state="captured", captured=shop.order.total, captured_at=clock.now()
        )
        Order.objects.filter(pk=shop.order.pk).update(captured_total=shop.order.total)
    unexplained_money(fact="charge.success:4712", outcome="late", payment=payment)


def let_a_bank_take_too_much(shop):
    """Let more have gone back than was booked of it."""
    pay(shop.order.number, shop.order.total)
    unexplained_money(
        fact="dispute-1:succeeded",
        subject="chargeback",
        refund_number="dispute-1",
        outcome="excess",
        payment=Payment.objects.get(order=shop.order),
    )


def close_parcel(shop):
    parcels.mark_ready(number=shop.shipment.number, at=clock.now())


def ship_parcel(shop):
    close_parcel(shop)
    parcels.dispatch_shipment(number=shop.shipment.number, carrier="GIG", at=clock.now())


def agree_to_return(shop):
    return returns.approve_return(number=shop.returned.number, at=clock.now())


def receive_return(shop):
    scarf = returns.Received(sku="GLOVES", quantity=1, condition=Condition.AS_NEW, restock=True)
    returns.receive_return(
        number=shop.returned.number,
        version=agree_to_return(shop).version,
        received=[scarf],
        at=clock.now(),
    )


def approve_refund(shop):
    returns.approve_refund(
        number=shop.refund.number,
        version=shop.refund.version,
        user_id=make_staff("supervisor").pk,
        at=clock.now(),
    )


def lose_sight_of_a_refund(shop):
    refund_online(shop, "unreachable")


def fail_a_refund(shop):
    refund_online(shop, "refused")


FIRST = {
    "orders.order refund": lambda shop: pay(shop.order.number, shop.order.total),
    "refunds.refund look-up": lose_sight_of_a_refund,
    "refunds.refund record": approve_refund,
    "refunds.refund retry": fail_a_refund,
    "refunds.return receive": agree_to_return,
    "refunds.return close": receive_return,
    "fulfilment.shipment dispatch": close_parcel,
    "fulfilment.shipment in-transit": ship_parcel,
    "fulfilment.shipment deliver": ship_parcel,
    "fulfilment.shipment tracking": ship_parcel,
    "fulfilment.shipment returned": ship_parcel,
    "payments.gatewayevent book-rest": let_a_bank_take_too_much,
    "payments.gatewayevent leave-excess": let_a_bank_take_too_much,
    "payments.gatewayevent reopen": let_it_expire,
    "payments.gatewayevent write-off": let_a_bank_take_too_much,
    "accounts.user reopen": lambda shop: close_account(user=shop.customer),
    "catalog.product make-active": archive_product,
    "catalog.variant restore": archive_variant,
    "events.webhooktarget switch-on": switch_webhook_off,
    "mail.mail resend": lose_mail,
    "orders.order accept-missing": lambda shop: lose(shop.order.number, shop.order.total),
    "orders.order confirm": agree_to_cash,
    "orders.order cancel-confirmed": confirm,
    "orders.order return": deliver_order,
    "orders.order pack": confirm,
    "orders.order pack-parts": confirm,
}


def money_that_came_late(shop):
    return GatewayEvent.objects.get(outcome="late")


def money_that_is_missing(shop):
    return GatewayEvent.objects.get(outcome="excess")


ELSEWHERE = {
    "catalog.product delete": lambda shop: shop.spare_product,
    "catalog.variant delete": lambda shop: shop.spare_variant,
    "payments.gatewayevent book-rest": money_that_is_missing,
    "payments.gatewayevent leave-excess": money_that_is_missing,
    "payments.gatewayevent reopen": money_that_came_late,
    "payments.gatewayevent write-off": money_that_is_missing,
    "refunds.refund look-up": newest_refund,
    "refunds.refund retry": newest_refund,
    "pricing.shippingzone delete": lambda shop: shop.spare_zone,
}
