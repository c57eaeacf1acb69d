"""What a person would send to do each thing, so that a forged form is one that would work.

``PAYLOADS`` has the form of each page that writes, by the page's name. ``FIRST`` is what must be so
before it can work, ``ELSEWHERE`` the object to try it on where the shop's own is needed by others.
"""

from io import BytesIO

from mdv.kernel import clock
from shop.catalog import services as catalog
from shop.catalog.states import ProductStatus
from shop.orders.models import Order
from shop.orders.services import confirm_pay_on_delivery
from tests.accounts.people import PASSWORD
from tests.catalog.shelf import picture


def nothing_typed(shop):
    return {}


def yes(shop):
    return {"post": "yes"}


def a_file(name="front.png"):
    file = BytesIO(picture())
    file.name = name
    return file


def fields(shown="1", **values):
    return lambda shop: {**values, "shown": shown}


def profile(shop):
    return {"name": "Eve", "phone": "1", "shown": shown_on_page("accounts/user", shop.customer)}


def settings(shop):
    return {
        "legal_name": "Eve Ltd",
        "payment_expiry_minutes": "60",
        "return_window_days": "14",
        "shown": shown_on_page("store/storesettings", shop.settings),
    }


def variant_of(shop, **values):
    return {
        "product": shop.product.pk,
        "option_values": "",
        "weight_grams": "0",
        "position": "0",
        "shown": shop.variant.version,
        **values,
    }


def shown_on_page(path, row):
    """The digest that the page of `row` carries, read off the form that makes it."""
    from django.contrib import admin

    form = admin.site._registry[type(row)].form
    bound = type("Form", (form,), {})(instance=row)
    return bound.fields["shown"].initial


COUPON = {"kind": "percent", "min_subtotal": "0"}

PAYLOADS = {
    "accounts.user detail": profile,
    "accounts.user roles": lambda shop: {"roles": ["admin"], "password": PASSWORD},
    "accounts.user send-reset": nothing_typed,
    "catalog.category add": fields(name="Hats", position="0"),
    "catalog.category delete": yes,
    "catalog.category detail": fields(name="Coats", slug="coats", position="7"),
    "catalog.product add": fields(title="Hat"),
    "catalog.product add-picture": lambda shop: {"picture": a_file()},
    "catalog.product delete": yes,
    "catalog.product detail": lambda shop: {
        "title": "Coat",
        "slug": "coat",
        "shown": shop.product.version,
    },
    "catalog.product make-active": nothing_typed,
    "catalog.product make-archived": nothing_typed,
    "catalog.product make-draft": nothing_typed,
    "catalog.productimage delete": yes,
    "catalog.productimage detail": lambda shop: {
        "alt": "Front",
        "position": "3",
        "shown": shop.image.version,
    },
    "catalog.productimage make-primary": nothing_typed,
    "catalog.variant add": lambda shop: variant_of(shop, sku="HAT", price="10.00"),
    "catalog.variant archive": nothing_typed,
    "catalog.variant delete": yes,
    "catalog.variant detail": lambda shop: variant_of(shop, sku="COAT", price="1.00"),
    "catalog.variant restore": nothing_typed,
    "orders.order book-payment": lambda shop: {
        "amount": "2000.00",
        "channel": "cash",
        "reference": "R1",
    },
    "orders.order cancel": lambda shop: {"reason": "staff"},
    "orders.order cancel-confirmed": lambda shop: {"reason": "staff"},
    "orders.order confirm": nothing_typed,
    "orders.order note": lambda shop: {"text": "Rings twice."},
    "pricing.coupon add": fields(**COUPON, code="MORE", value="50"),
    "pricing.coupon delete": yes,
    "pricing.coupon detail": fields(**COUPON, code="TEN", value="90"),
    "pricing.shippingzone add": fields(name="Lagos", fee="1.00"),
    "pricing.shippingzone delete": yes,
    "pricing.shippingzone detail": fields(name="All", fee="0.00"),
    "pricing.taxrate add": fields(country="GH", percent="5"),
    "pricing.taxrate delete": yes,
    "pricing.taxrate detail": fields(country="NG", percent="0"),
    "stock.stockitem adjust": lambda shop: {"delta": "-5", "reason": "Counted"},
    "stock.stockitem receive": lambda shop: {"quantity": "5"},
    "stock.stockitem warn-at": lambda shop: {"low_at": "9"},
    "store.storesettings detail": settings,
}


def archive_product(shop):
    catalog.set_product_status(product_id=shop.product.pk, status=ProductStatus.ARCHIVED)


def archive_variant(shop):
    catalog.archive_variant(variant_id=shop.variant.pk)


def agree_to_cash(shop):
    Order.objects.filter(pk=shop.order.pk).update(pay_on_delivery=True)


def confirm(shop):
    agree_to_cash(shop)
    confirm_pay_on_delivery(number=shop.order.number, at=clock.now())


FIRST = {
    "catalog.product make-active": archive_product,
    "catalog.variant restore": archive_variant,
    "orders.order confirm": agree_to_cash,
    "orders.order cancel-confirmed": confirm,
}
ELSEWHERE = {
    "catalog.product delete": lambda shop: shop.spare_product,
    "catalog.variant delete": lambda shop: shop.spare_variant,
    "pricing.shippingzone delete": lambda shop: shop.spare_zone,
}
