"""Filling an empty shop with the demo data: all of it or, if anything goes wrong, none.

It is one transaction, so a run that is broken off can simply be started again. All that such a run
may leave behind is a few picture files that nothing refers to.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.kernel import context
from mdv.kernel.context import Context
from mdv.mail.quiet import quietly
from mdv.ops import demo_accounts
from mdv.ops.demo.accounts import acting, open_accounts
from mdv.ops.demo.history import play
from mdv.ops.demo.plan import make_plan
from mdv.ops.demo.shelves import archive_old_goods, fill_shelves
from mdv.ops.demo.terms import STORE, settle_prices
from mdv.store.services import update_store_settings
from shop.catalog.models import Category, Product
from shop.pricing.models import Coupon, ShippingZone, TaxRate

COMMAND = "seed_demo"
# What an owner who set up a shop of their own has some of.
SIGNS_OF_A_SHOP = (User, Category, Product, Coupon, ShippingZone, TaxRate)


def is_seeded() -> bool:
    """Tell whether the demo data are there."""
    return User.objects.filter(email=demo_accounts.STAFF["admin"]).exists()


def is_empty() -> bool:
    """Tell whether nobody has set up a shop here."""
    return not any(model.objects.exists() for model in SIGNS_OF_A_SHOP)


def seed_shop(*, at: datetime, say: Callable[[str], None]) -> None:
    """Fill an empty shop with what it would have at the moment `at`, after 60 days of trade."""
    plan = make_plan()
    where = Context(source="command", command=COMMAND)
    # Nobody is written to about what they ordered weeks ago.
    with context.use(where), quietly(), transaction.atomic():
        _take_time()
        accounts = open_accounts(plan.people)
        say(f"{len(accounts.staff)} staff, {len(accounts.customers)} customers")
        with acting(accounts.staff[Role.ADMIN]):
            update_store_settings(**STORE)
        with acting(accounts.staff[Role.SUPERVISOR]):
            settle_prices(at=at)
        fill_shelves(accounts, plan.assortment)
        say(f"{len(plan.assortment)} products")
        play(plan.trade, accounts, at=at)
        say(f"{len(plan.trade)} orders")
        archive_old_goods(accounts, plan.assortment)


def _take_time() -> None:
    """Let COMMIT, which checks every order and stock level at once, take as long as it needs."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
