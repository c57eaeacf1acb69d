"""What a person would send to do each thing, so that a forged form is one that would work.

``PAYLOADS`` has the form of each page that writes, by the page's name: its fields, or what makes
them of the shop.
"""

from io import BytesIO

from django.contrib.admin import site

from mdv.accounts.models import User
from mdv.kernel import clock
from refunds import services as returns
from refunds.models import Refund
from refunds.states import RefundReason, Restock
from tests.accounts.people import PASSWORD
from tests.catalog.shelf import picture

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
    "payments.gatewayevent leave-refund": {"note": "R1"},
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
