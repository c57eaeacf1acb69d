"""How many statements an order and a list of orders cost.

Counted is every statement but the transaction's own brackets (BEGIN, COMMIT, SAVEPOINT …). The
acting context travels in front of a writing statement, in the same message: no statement of its
own. What the triggers do in the database is not counted.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mdv.accounts.models import ApiToken
from mdv.accounts.roles import Role
from mdv.kernel import clock
from tests.orders.many import make_many_orders
from tests.orders.ordering import (
    customer,
    deliver_everywhere,
    fill_cart,
    guest,
    make_coupon,
    order_of,
    order_of_cart,
    place,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db

BRACKETS = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b")

# Key, store settings, variants, zone, tax, order, lines, stock locked, stock moved, event, the job
# that writes the mail, answer.
PLACING = 12
# The token with its user and their roles.
LOGGED_IN = 1
# Locked and deleted with its lines; its lines come with their variants.
CART = 3
# Found, locked, counted and redeemed.
COUPON = 4


class Statements(CaptureQueriesContext):
    def __init__(self):
        super().__init__(connection)

    @property
    def count(self):
        return len([q for q in self.captured_queries if not BRACKETS.match(q["sql"])])


def statements_of(act):
    with Statements() as statements:
        answer = act()
    assert answer.status_code in {200, 201}, answer.content
    return statements.count


@pytest.fixture
def skus(db):
    """Twenty SKUs at 100.00 of which there is plenty."""
    deliver_everywhere("500.00")
    return [sell(f"SKU{number:02}", "100.00", stock=100).sku for number in range(20)]


def known(caller):
    """A caller whose token was used just now, so that its use is not noted again."""
    ApiToken.objects.update(last_used_at=clock.now())
    return caller


@pytest.mark.parametrize("lines", [1, 3, 20])
def test_a_guests_order_takes_twelve_statements_however_many_lines_it_has(skus, lines):
    wanted = [(sku, 1) for sku in skus[:lines]]
    body = order_of(*wanted, total=f"{500 + 100 * lines}.00")

    assert statements_of(lambda: place(guest(), body)) == PLACING


def test_an_order_that_is_paid_online_takes_no_more(skus, settings):
    settings.PAYSTACK_SECRET_KEY = "sk_test_of-the-shop"
    body = order_of((skus[0], 1), total="600.00", payment_method="online")

    assert statements_of(lambda: place(guest(), body)) == PLACING


@pytest.mark.parametrize("lines", [1, 20])
def test_who_is_logged_in_takes_one_more(skus, lines):
    ada = known(customer())
    body = order_of(*[(sku, 1) for sku in skus[:lines]], total=f"{500 + 100 * lines}.00")

    assert statements_of(lambda: place(ada, body)) == PLACING + LOGGED_IN


@pytest.mark.parametrize("lines", [1, 20])
def test_a_cart_takes_three_more(skus, lines):
    visitor = guest()
    token = fill_cart(visitor, *[(sku, 1) for sku in skus[:lines]])
    body = order_of_cart(token, total=f"{500 + 100 * lines}.00")

    assert statements_of(lambda: place(visitor, body)) == PLACING + CART


@pytest.mark.parametrize("lines", [1, 20])
def test_a_coupon_takes_four_more(skus, lines):
    make_coupon("TEN", "10.00")
    body = order_of(
        *[(sku, 1) for sku in skus[:lines]], total=f"{500 + 90 * lines}.00", coupon="TEN"
    )

    assert statements_of(lambda: place(guest(), body)) == PLACING + COUPON


def test_selling_the_last_unit_takes_one_more_to_say_so_in_the_catalogue(skus):
    body = order_of((skus[0], 100), (skus[1], 100), total="20500.00")

    assert statements_of(lambda: place(guest(), body)) == PLACING + 1


@pytest.mark.parametrize("orders", [10, 10_000])
def test_a_customers_list_takes_one_statement_beside_the_log_in(orders):
    ada = known(customer())
    make_many_orders(orders, user=ada.user)

    assert statements_of(lambda: ada.get("/orders")) == LOGGED_IN + 1
    assert statements_of(lambda: ada.get("/orders?page_size=100&status=pending")) == LOGGED_IN + 1
    assert len(ada.get("/orders").json()["results"]) == min(orders, 20)


@pytest.mark.parametrize("orders", [10, 10_000])
def test_the_staffs_list_takes_one_statement_beside_the_log_in(orders):
    clerk = known(staff(Role.SUPPORT))
    make_many_orders(orders)

    assert statements_of(lambda: clerk.get("/staff/orders")) == LOGGED_IN + 1
    assert statements_of(lambda: clerk.get("/staff/orders?page_size=1000")) == LOGGED_IN + 1
    assert statements_of(lambda: clerk.get("/staff/orders?search=user7@")) == LOGGED_IN + 1
    assert len(clerk.get("/staff/orders").json()["results"]) == min(orders, 100)


def test_the_staffs_view_of_an_order_takes_the_same_number_for_one_line_and_for_twenty(skus):
    clerk = known(staff(Role.SUPPORT))
    visitor = guest()
    counts = set()
    for lines in (1, 20):
        body = order_of(*[(sku, 1) for sku in skus[:lines]], total=f"{500 + 100 * lines}.00")
        number = place(visitor, body).json()["number"]
        clerk.get(f"/staff/orders/{number}")
        counts.add(statements_of(lambda number=number: clerk.get(f"/staff/orders/{number}")))

    # The order with its customer and coupon, lines, payments, notes, and the trail's entry.
    assert counts == {LOGGED_IN + 5}
