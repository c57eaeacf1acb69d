"""How many statements each page takes: few, and as many for 10,000 rows as for two."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mdv.kernel import clock
from tests.backoffice.many import fill_details, fill_lists, fill_order
from tests.backoffice.pages import pages_of
from tests.backoffice.shop import subjects

MANY = 10_000
MANY_CHILDREN = 60

# Statements of each page, the session, the person and their roles included.
LIST_BUDGET = 6
DETAIL_BUDGET = 9
HOME_BUDGET = 19  # most of them count what waits to be done
INBOX_BUDGET = 9
# The composer: lines and all that was done with their units.
COMPOSER_BUDGET = 10
# Looks at people are written to the trail.
NOTING_THE_LOOK = 1
# The workbench: lines, parcels, refunds and what is in them, payments, notes, other orders and
# their count, and a story out of the trail, parcels, mails and what providers told.
WORKBENCH_BUDGET = 18
LOOKS_ARE_NOTED = {
    "orders.order detail",
    "orders.order as_it_was",
    "accounts.user detail",
    "mail.mail detail",
}
BUDGETS = {"list": LIST_BUDGET, "detail": DETAIL_BUDGET, "add": 3, "delete": 7}


OF_THEIR_OWN = {"orders.order detail": WORKBENCH_BUDGET, "orders.order refund": COMPOSER_BUDGET}


@pytest.fixture(autouse=True)
def _the_clock_stands_still():
    """Else a session may be due to be noted again between two looks at a page."""
    with time_machine.travel(clock.now(), tick=False):
        yield


def addresses(shop):
    """The pages that are looked at, by name; buttons count as details."""
    found = {}
    for page in pages_of(subjects(shop)):
        kind = page.name.rpartition(" ")[2]
        if page.method == "GET" and kind != "history":
            noted = NOTING_THE_LOOK if page.name in LOOKS_ARE_NOTED else 0
            budget = OF_THEIR_OWN.get(page.name, BUDGETS.get(kind, DETAIL_BUDGET))
            found[page.name] = (page.url, budget + noted)
    found["approvals"] = (reverse("admin:refunds_refund_approvals"), INBOX_BUDGET)
    found["home"] = (reverse("admin:index"), HOME_BUDGET)
    return found


def statements(browser, url):
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(url)
    return len(queries), answer.status_code


def measured(browser, shop):
    """How many statements each open page took, once the caches are warm."""
    counts = {}
    for name, (url, _) in addresses(shop).items():
        browser.get(url)
        count, status = statements(browser, url)
        if status == 200:
            counts[name] = count
    return counts


def test_every_page_keeps_to_its_budget(shop, admin):
    counts = measured(admin, shop)

    budgets = {name: budget for name, (_, budget) in addresses(shop).items()}
    assert len(counts) > 40
    assert {name: n for name, n in counts.items() if n > budgets[name]} == {}


@pytest.mark.slow
def test_lists_take_as_many_statements_for_thousands_of_rows_as_for_one(shop, admin):
    few = {name: n for name, n in measured(admin, shop).items() if name.endswith("list")}

    fill_lists(shop, MANY)

    many = {name: n for name, n in measured(admin, shop).items() if name.endswith("list")}
    assert few == many
    assert len(many) == 23


def test_details_take_as_many_statements_for_many_parts_as_for_one(shop, admin):
    few = measured(admin, shop)

    fill_details(shop, MANY_CHILDREN)

    assert measured(admin, shop) == few


def test_the_workbench_takes_as_many_statements_for_50_lines_10_parcels_and_a_long_story(
    shop, admin
):
    order = shop.shipment.order
    url = reverse("admin:orders_order_change", args=[order.pk])
    admin.get(url)
    few, _ = statements(admin, url)

    fill_order(shop, lines=49, parcels=9, entries=500)

    many, status = statements(admin, url)
    page = admin.get(url).context
    assert (order.lines.count(), len(page["parcels"])) == (50, 10)
    assert page["timeline"].older == 2
    assert (many, status) == (few, 200)
    assert many <= WORKBENCH_BUDGET + NOTING_THE_LOOK
