"""What runs low: listed while it is so, mailed once until it has recovered."""

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.mail.quiet import quietly
from mdv.store.services import update_store_settings
from shop.catalog import services as catalogue
from shop.catalog.states import ProductStatus
from shop.stock import letters, services, tasks
from shop.stock.models import LowStockNotice, StockItem
from tests.accounts.people import deactivate, make_customer, make_staff
from tests.catalog.shelf import make_product

pytestmark = pytest.mark.django_db

WHO = ["store@example.com"]


@pytest.fixture
def shirt(shirt):
    """Ten units, warned of at three."""
    services.set_low_level(variant_id=shirt.pk, low_at=3)
    return shirt


@pytest.fixture(autouse=True)
def _recipients(db):
    update_store_settings(low_stock_recipients=WHO)


def warn():
    return services.warn_of_low_stock(at=clock.now())


def sell(variant, units):
    services.adjust_stock(variant_id=variant.pk, delta=-units, reason="sold")


def mails():
    return Mail.objects.filter(kind="low_stock").order_by("id")


def test_nobody_is_written_to_while_nothing_is_low(shirt):
    assert warn() == 0
    assert not mails().exists()


def test_what_has_become_low_is_mailed_once(shirt):
    sell(shirt, 8)

    assert (warn(), warn(), warn()) == (1, 0, 0)

    (mail,) = mails()
    assert mail.to == "store@example.com"
    assert mail.subject.endswith(": 1 item is running low")
    assert "SHIRT  Shirt: 2 available, warned at 3" in mail.text
    assert "/admin/stock/stockitem/?level=low" in mail.text
    assert "of earlier mails" not in mail.text
    assert "<td" in mail.html


def test_only_what_is_new_is_named_and_the_rest_is_counted(shirt):
    sell(shirt, 8)
    warn()
    hat = make_product("Hat", stock=1).variants.get()
    services.set_low_level(variant_id=hat.pk, low_at=5)

    assert warn() == 1

    newest = mails().last()
    assert "HAT" in newest.text
    assert "SHIRT" not in newest.text
    assert "1 item of earlier mails is still low." in newest.text


def test_falling_further_is_not_news(shirt):
    sell(shirt, 8)
    warn()
    sell(shirt, 1)

    assert warn() == 0


def test_what_recovered_and_fell_again_is_mailed_again(shirt):
    sell(shirt, 8)
    warn()
    services.receive_stock(variant_id=shirt.pk, quantity=5)
    assert warn() == 0
    sell(shirt, 5)

    assert warn() == 1
    assert mails().count() == 2


def test_it_is_news_also_when_it_recovered_and_fell_between_two_looks(shirt):
    sell(shirt, 8)
    warn()
    services.receive_stock(variant_id=shirt.pk, quantity=2)
    sell(shirt, 1)

    assert warn() == 1


def test_what_came_without_reaching_the_warning_level_is_no_recovery(shirt):
    sell(shirt, 8)
    warn()
    services.receive_stock(variant_id=shirt.pk, quantity=1)
    sell(shirt, 1)

    assert warn() == 0


def test_reserved_units_are_not_available(shirt):
    services.reserve_stock(quantities={shirt.pk: 7}, source="M-1")

    assert warn() == 1


def archive_variant(variant):
    catalogue.archive_variant(variant_id=variant.pk)


def archive_product(variant):
    catalogue.set_product_status(product_id=variant.product_id, status=ProductStatus.ARCHIVED)


@pytest.mark.parametrize("stop", [archive_variant, archive_product])
def test_what_is_no_longer_sold_is_not_missed(staff, shirt, stop):
    sell(shirt, 8)
    stop(shirt)

    assert warn() == 0
    assert staff.get("/staff/stock/low").json()["results"] == []


def test_what_is_sold_again_is_news_again(shirt):
    sell(shirt, 8)
    warn()
    archive_variant(shirt)
    warn()
    catalogue.archive_variant(variant_id=shirt.pk, is_archived=False)

    assert warn() == 1


def test_without_names_all_who_may_receive_goods_are_told(shirt):
    update_store_settings(low_stock_recipients=[])
    for role in (Role.LOGISTICS, Role.OPERATIONS, Role.SUPPORT, Role.AUDITOR):
        make_staff(role)
    deactivate(make_staff(Role.ADMIN))
    make_customer()
    sell(shirt, 8)

    assert warn() == 1

    told = list(mails().values_list("to", flat=True))
    assert told == ["logistics@example.com", "operations@example.com"]


def test_somebody_with_two_roles_and_somebody_named_twice_get_one_mail(shirt):
    update_store_settings(low_stock_recipients=WHO * 2)
    sell(shirt, 8)

    warn()

    assert mails().count() == 1


def test_with_nobody_to_tell_nothing_counts_as_told(shirt):
    update_store_settings(low_stock_recipients=[])
    sell(shirt, 8)
    assert warn() == 0

    make_staff(Role.LOGISTICS)

    assert warn() == 1


def test_a_long_list_is_cut_and_says_so(shirt, monkeypatch):
    monkeypatch.setattr(letters, "MOST_NAMED", 2)
    for number in range(4):
        variant = make_product(f"Hat {number}", stock=1).variants.get()
        services.set_low_level(variant_id=variant.pk, low_at=1)

    warn()

    (mail,) = mails()
    assert mail.subject.endswith("4 items are running low")
    assert ("HAT-1" in mail.text, "HAT-2" in mail.text) == (True, False)
    assert "and 2 more" in mail.text


def test_names_of_goods_are_escaped_in_html_and_left_alone_in_text(shirt):
    odd = make_product("<b>O'Brien</b>", stock=1).variants.get()
    services.set_low_level(variant_id=odd.pk, low_at=1)

    warn()

    (mail,) = mails()
    assert "<b>O'Brien</b>" in mail.text
    assert "&lt;b&gt;O&#x27;Brien" in mail.html


def test_quietly_nobody_is_written_to(shirt):
    sell(shirt, 8)

    with quietly():
        warn()

    assert not mails().exists()


def test_the_job_does_it(shirt):
    sell(shirt, 8)

    tasks.warn_of_low()

    assert mails().count() == 1
    assert LowStockNotice.objects.get().item == StockItem.objects.get(variant=shirt)
