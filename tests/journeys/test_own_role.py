"""A day in the shop, as the role that may do the shop's work and nothing else."""

import os

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.mail.models import Mail
from mdv.ops import own_role, tasks
from shop.catalog.models import Product
from shop.orders.models import Order
from tests.accounts.people import make_customer, make_staff
from tests.backoffice.shop import browser_of, nonce, open_shop
from tests.orders.ordering import act, available, deliver_everywhere, guest, placed, sell, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def _own_role(db, settings):
    """Everything in this test is done by a role that `migrate` made for the shop's work."""
    settings.MIGRATE_DATABASE = {"USER": connection.settings_dict["USER"]}
    login = own_role.Login(role=f"day_{os.getpid()}", password="x")
    own_role.let_work(connection, login)
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {login.role}")
        yield
        cursor.execute("RESET SESSION AUTHORIZATION")


def current_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_setting('is_superuser')")
        return cursor.fetchone()


@pytest.mark.usefixtures("_own_role")
def test_a_day_from_the_first_product_to_a_paid_order(run_jobs):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00", stock=10)
    make_customer("eve@example.com")
    order = placed(guest(), ("SHIRT", 1), total="2000.00")
    regretted = placed(guest(), ("SHIRT", 2), total="3500.00")
    money = {"amount": "2000.00", "channel": "bank_transfer", "reference": "GTB-1"}

    paid = act(staff(Role.OPERATIONS), f"/staff/orders/{order['number']}/payments", money)
    token = {"X-Order-Token": regretted["access_token"]}
    cancelled = act(guest(), f"/orders/{regretted['number']}/cancel", {}, **token)
    tasks.forget_old_keys.defer()
    done = run_jobs()
    connection.check_constraints()

    assert current_role() == (f"day_{os.getpid()}", "off")
    assert (paid.json()["status"], cancelled.json()["status"]) == ("confirmed", "cancelled")
    assert available("SHIRT") == 9
    assert {"mail.deliver", "idempotency.forget_old_keys"} <= set(done)
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}
    assert AuditEntry.objects.of(Order.objects.get(number=order["number"])).exists()


@pytest.mark.usefixtures("_own_role")
def test_the_back_office_works_and_its_sessions_are_cleared(client):
    shop = open_shop()
    admin = make_staff(Role.ADMIN)
    browser = browser_of(admin)

    pages = [browser.get(path).status_code for path in ("/admin/", "/admin/audit/auditentry/")]
    page = f"/admin/orders/order/{shop.order.pk}"
    noted = browser.post(f"{page}/note/", {"nonce": nonce(), "text": "Rings twice."})
    deleted = browser.post(
        f"/admin/catalog/product/{shop.spare_product.pk}/delete/", {"post": "yes"}
    )
    Session.objects.update(expire_date="2000-01-01T00:00Z")
    call_command("clearsessions")
    connection.check_constraints()

    assert pages == [200, 200]
    assert (noted.status_code, deleted.status_code) == (302, 302)
    assert not Product.objects.filter(pk=shop.spare_product.pk).exists()
    assert not Session.objects.exists()


@pytest.mark.usefixtures("_own_role")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET reason = 'x'",
        "DELETE FROM stock_stockmovement",
        "TRUNCATE django_session",
        "ALTER TABLE orders_order DISABLE TRIGGER USER",
    ],
)
def test_what_is_not_the_shops_work_is_refused(statement):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
