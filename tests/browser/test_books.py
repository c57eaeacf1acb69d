"""Books that are wrong: found on the Books page, drilled into, put right, green afterwards."""

import pytest

from mdv.kernel import clock
from mdv.ops.models import BooksCheck, Compensation
from mdv.ops.reconcile import check_books
from shop.orders.models import Order
from tests.ops.books import break_books

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REASON = "Somebody edited the order past the shop on Friday"
EDITED = "UPDATE orders_order SET captured_total = captured_total + 1 WHERE captured_total = 2000"


def test_an_imbalance_is_found_looked_into_and_put_right(visitor, shop):
    BooksCheck.objects.all().delete()
    check_books(at=clock.now())
    break_books(EDITED)
    order = Order.objects.get(captured_total=2001)

    visitor.log_in()
    visitor.open("/admin/ops/bookscheck/", shot="books-balanced")
    assert visitor.sees("BALANCED")
    visitor.press("Check now")
    visitor.press("Check now", shot="books-unbalanced")
    assert visitor.sees("1 WRONG")
    visitor.open("/admin/", shot="books-home")
    visitor.follow("Books,")

    visitor.follow("6. An order shows as captured", shot="books-invariant")
    assert visitor.sees("captured 2001.00, payments say 2000.00")
    visitor.press("Put right", shot="books-put-right")
    visitor.fill(reason=REASON)
    visitor.press("Show what will change", shot="books-plan")
    assert visitor.sees("2001.00")
    assert Order.objects.get(pk=order.pk).captured_total == 2001
    visitor.press("Put right", shot="books-done")

    assert visitor.sees("Checked again: this holds now.")
    assert Order.objects.get(pk=order.pk).captured_total == 2000
    visitor.press("All of the books", shot="books-after")
    assert not visitor.sees("WRONG")
    assert visitor.sees(REASON)
    assert Compensation.objects.get().actor_label == "admin@example.com"
    assert visitor.complaints == []
