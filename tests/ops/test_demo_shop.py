"""The demo shop: seeded once, on a database of its own, by the command that `make run` runs."""

import re
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import AuditEntry
from mdv.accounts.models import Address, User
from mdv.accounts.roles import Role
from mdv.accounts.services import check_credentials
from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.ops import demo_accounts, health
from mdv.ops.demo.plan import make_plan
from mdv.store.services import store_settings
from refunds.models import Return
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.states import ProductStatus
from shop.fulfilment.models import Shipment, ShipmentEvent
from shop.orders.models import Invoice, Order, OrderNote
from shop.orders.states import OrderStatus, PaymentStatus
from shop.payments.models import Payment
from shop.pricing.models import Coupon, ShippingZone, TaxRate
from shop.stock.models import StockItem, StockMovement
from tests.migrated import TEMPLATE
from tests.ops.databases import count_all_rows, database, manage, name_of

pytestmark = [
    pytest.mark.alone,
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.timed,
    pytest.mark.usefixtures("_on_the_seeded_database"),
]

SEEDING_S = 120  # for slow machines that do other things, too
SAID = """6 staff, 50 customers
200 products
500 orders
The books balance.
"""


@pytest.fixture(scope="module")
def seeding_run(tmp_path_factory):
    """The database's address, where its files are, what was said, how long it took."""
    folder = tmp_path_factory.mktemp("seeded")
    with database("seeded", template=TEMPLATE) as url:
        variables = {"DATABASE_URL": url, "MDV_STATE_DIR": str(folder)}
        started_at = time.monotonic()
        run = manage("seed_demo", **variables)
        took_s = time.monotonic() - started_at
        assert run.returncode == 0, run.stderr
        yield {"variables": variables, "folder": folder, "said": run.stdout, "took_s": took_s}


@pytest.fixture(scope="module")
def _on_the_seeded_database(django_db_setup, seeding_run):
    """Lead the tests' connection to the seeded database; what they write is rolled back."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name_of(seeding_run["variables"]["DATABASE_URL"])
    yield
    connection.close()
    connection.settings_dict["NAME"] = usual


def test_it_says_what_it_made_and_is_done_in_time(seeding_run):
    assert seeding_run["said"] == SAID
    assert seeding_run["took_s"] < SEEDING_S


# --- People ------------------------------------------------------------------------------


def test_each_role_has_one_account_and_customers_have_none():
    people = User.objects.order_by("id")

    assert [(user.email, user.roles) for user in people if user.roles] == [
        ("admin@mdv.example", {Role.ADMIN}),
        ("supervisor@mdv.example", {Role.SUPERVISOR}),
        ("operations@mdv.example", {Role.OPERATIONS}),
        ("logistics@mdv.example", {Role.LOGISTICS}),
        ("support@mdv.example", {Role.SUPPORT}),
        ("auditor@mdv.example", {Role.AUDITOR}),
    ]
    assert [user.email for user in people if not user.roles] == [
        f"customer{number}@mdv.example" for number in range(1, 51)
    ]


def test_everybody_can_log_in_with_the_demo_password_and_need_not_change_it():
    for email in (*demo_accounts.STAFF.values(), *demo_accounts.CUSTOMERS):
        user = check_credentials(email=email, password="demo-mdv-2026")

        assert (user.email, user.must_change_password) == (email, False)


def test_every_customer_has_a_name_a_phone_and_a_default_address():
    customers = User.objects.filter(groups=None)

    assert not customers.filter(name="").exists()
    assert not customers.filter(phone="").exists()
    assert Address.objects.filter(is_default=True).count() == 50


# --- Goods -------------------------------------------------------------------------------


def test_200_products_stand_on_shelves_of_two_levels():
    by_status = Counter(Product.objects.values_list("status", flat=True))
    variants = Product.objects.annotate(count=Count("variants")).values_list("count", flat=True)

    assert by_status == {"active": 189, "draft": 6, "archived": 5}
    assert (min(variants), max(variants)) == (1, 12)
    assert not Product.objects.filter(category__parent=None).exists()
    assert not Category.objects.filter(parent__parent__isnull=False).exists()
    assert Category.objects.filter(parent=None).count() == 8


def test_some_goods_are_reduced_and_each_price_is_one_that_a_shop_would_ask():
    prices = list(Variant.objects.values_list("price", flat=True))

    assert Product.objects.filter(on_sale=True).count() == 39
    assert min(prices) >= 2_000
    assert all(price % 500 == 0 for price in prices)


def test_each_product_has_a_picture_in_both_sizes(seeding_run):
    media = Path(seeding_run["folder"], "media")
    images = list(ProductImage.objects.select_related("product"))

    assert sorted(image.product_id for image in images) == sorted(
        Product.objects.values_list("id", flat=True)
    )
    for image in images:
        assert image.is_primary
        assert image.alt == image.product.title
        assert (image.width, image.height) == (480, 480)
        assert 0 < (media / image.thumbnail.name).stat().st_size < 30_000
        assert 0 < (media / image.file.name).stat().st_size < 40_000


def test_some_stock_is_low_and_some_is_sold_out():
    for_sale = Variant.objects.filter(product__status=ProductStatus.ACTIVE)
    kinds = StockMovement.objects.values_list("kind", flat=True).distinct()

    assert 20 < StockItem.objects.low().count() < 200
    assert 20 < for_sale.filter(in_stock=False).count() < 120
    assert set(kinds) == {"receipt", "adjust", "reserve", "release", "ship", "return"}


# --- Terms -------------------------------------------------------------------------------


def test_delivery_vat_coupons_and_the_stores_settings_are_there():
    zones = ShippingZone.objects.order_by("id").values_list("name", "is_default")
    rate = TaxRate.objects.get()

    assert list(zones) == [("Lagos", False), ("South-West", False), ("Rest of Nigeria", True)]
    assert (rate.country, str(rate.percent), rate.is_included) == ("NG", "7.50", True)
    assert Coupon.objects.filter(used_count__gt=0).count() == 3
    assert store_settings().legal_name == "Maison Home & Clothing Ltd"


# --- Orders ------------------------------------------------------------------------------


def test_500_orders_are_in_every_state_that_an_order_can_be_in_today():
    states = Order.objects.values_list("status", "cancel_reason", "payment_status")

    assert Counter(states) == {
        ("pending", "", "unpaid"): 30,
        ("pending", "", "partly_paid"): 16,
        ("confirmed", "", "unpaid"): 50,
        ("confirmed", "", "paid"): 289,
        ("confirmed", "", "overpaid"): 9,
        ("completed", "", "unpaid"): 2,
        ("completed", "", "paid"): 20,
        ("cancelled", "customer", "unpaid"): 27,
        ("cancelled", "staff", "unpaid"): 7,
        ("cancelled", "expired", "unpaid"): 38,
        ("cancelled", "fraud", "unpaid"): 6,
        ("cancelled", "out_of_stock", "unpaid"): 6,
    }
    # These need refunds; whoever builds them seeds them.
    assert set(OrderStatus) == {status for status, _, _ in states}
    assert set(PaymentStatus) - {paid for _, _, paid in states} == {
        PaymentStatus.PARTLY_REFUNDED,
        PaymentStatus.REFUNDED,
    }


def test_parcels_are_in_every_state_but_given_up():
    states = Counter(Shipment.objects.values_list("state", flat=True))

    assert states == {
        "packing": 4,
        "ready": 4,
        "dispatched": 4,
        "in_transit": 5,
        "delivered": 21,
        "returned_to_sender": 4,
    }
    now = clock.now()
    assert not Shipment.objects.filter(created_at__lt=F("order__confirmed_at")).exists()
    assert not ShipmentEvent.objects.filter(happened_at__gt=now).exists()


def test_some_goods_are_on_their_way_back():
    states = Counter(Return.objects.values_list("state", flat=True))

    assert states == {"requested": 2, "approved": 2, "rejected": 1, "receiving": 1, "closed": 2}
    assert not Return.objects.filter(requested_at__gt=clock.now()).exists()
    assert not Return.objects.filter(decided_at__gt=clock.now()).exists()


def test_the_orders_are_spread_over_60_days_and_nothing_happens_before_its_time():
    now = clock.now()
    orders = Order.objects.order_by("created_at")

    assert orders.first().created_at > now - timedelta(days=61)
    assert orders.last().created_at <= now
    assert orders.filter(created_at__gt=now - timedelta(days=7)).count() > 20
    assert not orders.filter(confirmed_at__lt=F("created_at")).exists()
    assert not orders.filter(cancelled_at__lt=F("created_at")).exists()
    assert not Payment.objects.filter(captured_at__lt=F("order__created_at")).exists()
    assert not Payment.objects.filter(captured_at__gt=now).exists()


def test_guests_coupons_pick_ups_notes_and_orders_worth_nothing_occur():
    assert Order.objects.filter(user=None).count() > 10
    assert Order.objects.exclude(coupon=None).count() > 50
    assert Order.objects.filter(delivery_method="pickup").count() > 20
    assert Order.objects.filter(total=0, status="confirmed").count() == 3
    assert OrderNote.objects.count() == 23


def test_another_process_ordered_exactly_what_the_plan_says_here():
    plan = make_plan()
    planned = [
        (order.person.email, order.payment_method, sorted(order.lines)) for order in plan.trade
    ]

    placed = [
        (
            order.email,
            order.payment_method,
            sorted((x.sku, x.quantity) for x in order.lines.all()),
        )
        for order in Order.objects.order_by("created_at", "id").prefetch_related("lines")
    ]

    assert placed == planned


# --- Books and trail ---------------------------------------------------------------------


def test_the_books_balance_and_health_says_so(seeding_run):
    _, checks = health.measure(at=clock.now())

    reconciled = manage("reconcile", **seeding_run["variables"])

    assert checks["books"]["status"] == "ok"
    assert reconciled.returncode == 0, reconciled.stdout
    assert re.search(r"\nThe books balance: \d+ invariants hold\.\n$", reconciled.stdout)


def test_the_trail_says_who_did_what():
    placed = AuditEntry.objects.filter(
        content_type__app_label="orders", content_type__model="order", action=0
    )
    emails = dict(Order.objects.exclude(user=None).values_list("id", "email"))

    assert placed.count() == 500
    for entry in placed:
        assert entry.actor_email == emails.get(entry.object_id, "guest")
    in_the_shop = AuditEntry.objects.filter(
        content_type__app_label__in=["accounts", "catalog", "orders", "payments", "pricing"]
    )
    assert set(in_the_shop.values_list("source", "command")) == {("command", "seed_demo")}
    assert _actors_of("catalog", "product") == {"operations@mdv.example"}
    assert _actors_of("payments", "payment") == {"operations@mdv.example"}
    assert _actors_of("pricing", "taxrate") == {"supervisor@mdv.example"}
    assert _actors_of("store", "storesettings") >= {"admin@mdv.example"}


def test_every_order_that_became_firm_has_its_invoice_and_nobody_was_written_to():
    firm = Order.objects.exclude(confirmed_at=None)

    assert Invoice.objects.count() == firm.count() > 300
    assert not Mail.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="orders.mail_placed").exists()


# --- Again -------------------------------------------------------------------------------


def test_a_second_run_says_so_and_changes_nothing(capsys):
    before = count_all_rows()

    call_command("seed_demo")

    assert capsys.readouterr().out == "The demo data are here already.\n"
    assert count_all_rows() == before


def _actors_of(app, model):
    entries = AuditEntry.objects.filter(content_type__app_label=app, content_type__model=model)
    return set(entries.values_list("actor_email", flat=True))
