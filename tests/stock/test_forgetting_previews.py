"""Previews of stock-takes that nobody applied go after a while; what was applied stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from mdv.kernel import clock
from mdv.kernel.errors import NotFound
from shop.stock import services
from shop.stock.models import Count, StockTake
from shop.stock.services import FORGOTTEN_AFTER
from shop.stock.tasks import forget_previews
from tests.stock.counting import apply, csv_of

pytestmark = pytest.mark.django_db
A_MINUTE = timedelta(minutes=1)
OLD = FORGOTTEN_AFTER + A_MINUTE


def previewed(age, *, units=8):
    content = csv_of(f"SHIRT,{units}", "SOCK,1")
    return services.preview_stock_take(name="a.csv", content=content, at=clock.now() - age)


def kept():
    return sorted(StockTake.objects.values_list("pk", flat=True))


def refused(name):
    return pytest.raises(IntegrityError, match=name)


def test_each_night_old_previews_go_with_their_rows_and_the_trail_tells_of_it(shirt):
    old, young = previewed(OLD), previewed(FORGOTTEN_AFTER - A_MINUTE)

    forget_previews()

    assert kept() == [young.pk]
    assert set(Count.objects.values_list("stock_take", flat=True)) == {young.pk}
    gone = AuditEntry.objects.of(old).filter(action=AuditEntry.Action.DELETE)
    assert gone.count() == 1


def test_what_was_applied_stays_however_old(shirt):
    applied = previewed(OLD)
    apply(applied)

    assert services.forget_previews(at=clock.now()) == 0

    assert kept() == [applied.pk]
    assert applied.counts.count() == 2


def test_one_that_was_cleared_away_is_not_applied(shirt):
    gone = previewed(OLD)
    forget_previews()

    with pytest.raises(NotFound):
        services.take_stock(stock_take_id=gone.pk, at=clock.now())


@pytest.mark.parametrize(("age", "is_applied"), [(timedelta(days=29), False), (OLD, True)])
def test_nobody_deletes_a_stock_take_that_is_kept_or_a_row_of_it(shirt, age, is_applied):
    stock_take = previewed(age)
    if is_applied:
        apply(stock_take)

    with refused("kept"), transaction.atomic():
        Count.objects.all()._raw_delete("default")  # noqa: SLF001
    with refused("stock-take is kept"), transaction.atomic():
        StockTake.objects.all()._raw_delete("default")  # noqa: SLF001

    assert kept() == [stock_take.pk]
    assert stock_take.counts.count() == 2
