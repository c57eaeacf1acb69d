"""The shop that a drill plays in: a few articles, one zone, four people on staff."""

import secrets
from decimal import Decimal

from mdv.accounts.roles import Role
from mdv.accounts.services import create_staff
from mdv.kernel import context
from mdv.kernel.context import Context
from mdv.ops.drill.asking import Client, Unexplained
from mdv.ops.drill.ledger import Ledger
from mdv.ops.drill.plan import COLD, DELIVERY_FEE, HOT, PRICES, stock_of
from mdv.store.services import update_store_settings
from refunds.services import Limits, change_policy
from shop.catalog.services import create_product, create_variant, set_product_status
from shop.catalog.states import ProductStatus
from shop.pricing.services import create_zone
from shop.stock.services import receive_stock

STAFF = tuple(f"staff{number}@drill.example.com" for number in range(1, 5))
COMMAND = "drill"
# Nothing expires while it is counted: what that gave back nobody could have asked for.
PAYMENT_EXPIRY_MINUTES = 12 * 60
# Above what a whole drill gives back: who has to agree is not its subject.
NO_LIMIT = Decimal(999_999_999)


def set_the_scene(*, attempts: int) -> str:
    """Fill the empty scratch shop; return the password of all staff."""
    password = secrets.token_urlsafe()
    with context.use(Context(source="command", command=COMMAND)):
        update_store_settings(payment_expiry_minutes=PAYMENT_EXPIRY_MINUTES)
        create_zone(name="Everywhere", fee=DELIVERY_FEE, is_default=True)
        for sku in (*HOT, *COLD):
            _sell(sku, units=stock_of(sku, attempts))
        for email in STAFF:
            create_staff(email=email, name=email, password=password, roles=[Role.SUPERVISOR])
        limits = Limits(max_per_refund=NO_LIMIT, max_per_day=NO_LIMIT, may_goodwill=True)
        change_policy(role=Role.SUPERVISOR, limits=limits)
    return password


def log_in(shop: str, ledger: Ledger, *, email: str, password: str) -> Client:
    """Return a client that acts as somebody on staff.

    Raises:
        Unexplained: the shop does not let them in.
    """
    said = Client(shop, ledger).post("/auth/login", {"email": email, "password": password})
    if "token" not in said.json():
        raise Unexplained(f"log-in of {email}: {said.status} {said.code}")
    return Client(shop, ledger, token=said.json()["token"])


def _sell(sku: str, *, units: int) -> None:
    product = create_product(title=sku)
    variant = create_variant(product_id=product.pk, sku=sku, price=PRICES[sku])
    receive_stock(variant_id=variant.pk, quantity=units)
    set_product_status(product_id=product.pk, status=ProductStatus.ACTIVE)
