"""What a person would send to do each thing, so that a forged form is one that would work."""

from io import BytesIO

from tests.accounts.people import PASSWORD
from tests.catalog.shelf import picture

NOTHING_TYPED = {}


def payloads(shop):
    """The form of each page that writes, by the page's name."""
    return {
        "accounts.user detail": {**_shown_profile(shop), "name": "Eve", "phone": "1"},
        "accounts.user roles": {"roles": ["admin"], "password": PASSWORD},
        "accounts.user send-reset": NOTHING_TYPED,
        "catalog.category add": {"name": "Hats", "position": "0", "shown": "1"},
        "catalog.category delete": {"post": "yes"},
        "catalog.category detail": {
            "name": "Coats",
            "slug": "coats",
            "position": "7",
            "shown": str(shop.category.version),
        },
        "catalog.product add": {"title": "Hat", "shown": "1"},
        "catalog.product add-picture": {"picture": _file()},
        "catalog.product delete": {"post": "yes"},
        "catalog.product detail": {
            "title": "Coat",
            "slug": "coat",
            "shown": str(shop.product.version),
        },
        "catalog.product make-active": NOTHING_TYPED,
        "catalog.product make-archived": NOTHING_TYPED,
        "catalog.product make-draft": NOTHING_TYPED,
        "catalog.productimage delete": {"post": "yes"},
        "catalog.productimage detail": {"alt": "Front", "position": "3", "shown": "1"},
        "catalog.productimage make-primary": NOTHING_TYPED,
        "catalog.variant add": {
            "product": shop.product.pk,
            "sku": "HAT",
            "price": "10.00",
            "weight_grams": "0",
            "position": "0",
            "shown": "1",
        },
        "catalog.variant archive": NOTHING_TYPED,
        "catalog.variant delete": {"post": "yes"},
        "catalog.variant detail": {
            "sku": "COAT",
            "price": "1.00",
            "weight_grams": "0",
            "position": "0",
            "shown": str(shop.variant.version),
        },
        "catalog.variant restore": NOTHING_TYPED,
        "orders.order book-payment": {"amount": "2000.00", "channel": "cash", "reference": "R1"},
        "orders.order cancel": {"reason": "staff"},
        "orders.order cancel-confirmed": {"reason": "staff"},
        "orders.order confirm": NOTHING_TYPED,
        "orders.order note": {"text": "Rings twice."},
        "pricing.coupon add": {**_coupon(), "code": "MORE"},
        "pricing.coupon delete": {"post": "yes"},
        "pricing.coupon detail": {**_coupon(), "code": "TEN", "value": "90"},
        "pricing.shippingzone add": {"name": "Lagos", "fee": "1.00", "shown": "1"},
        "pricing.shippingzone delete": {"post": "yes"},
        "pricing.shippingzone detail": {"name": "All", "fee": "0.00", "shown": "1"},
        "pricing.taxrate add": {"country": "GH", "percent": "5", "shown": "1"},
        "pricing.taxrate delete": {"post": "yes"},
        "pricing.taxrate detail": {"country": "NG", "percent": "0", "shown": "1"},
        "stock.stockitem adjust": {"delta": "-5", "reason": "Counted"},
        "stock.stockitem receive": {"quantity": "5"},
        "stock.stockitem warn-at": {"low_at": "9"},
        "store.storesettings detail": {
            "legal_name": "Eve Ltd",
            "payment_expiry_minutes": "60",
            "return_window_days": "14",
        },
    }


def _coupon():
    return {"kind": "percent", "value": "50", "min_subtotal": "0", "shown": "1"}


def _shown_profile(shop):
    return {}


def _file():
    file = BytesIO(picture())
    file.name = "front.png"
    return file
