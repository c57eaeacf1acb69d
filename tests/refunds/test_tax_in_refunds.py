"""Tax in what goes back: as it was when the order was placed, whatever the rates are now."""

from decimal import Decimal

import pytest

from refunds.models import RefundLine
from shop.pricing.services import create_tax_rate, update_tax_rate
from tests.orders.ordering import guest, placed
from tests.refunds.refunding import CANCEL, pay_online, plan, request, wish


@pytest.mark.parametrize(
    ("is_included", "total", "taxes"),
    [
        # 7.5 % in 4,500 is 313.95, in three shares that sum to it.
        (True, "5000.00", ["104.65", "104.65", "104.65"]),
        # 7.5 % on 4,500 is 337.50.
        (False, "5337.50", ["112.50", "112.50", "112.50"]),
    ],
)
def test_each_unit_carries_its_share_of_the_tax_that_was_charged(
    shirts, admin, is_included, total, taxes
):
    rate = create_tax_rate(country="NG", percent=Decimal("7.5"), is_included=is_included)
    number = placed(guest(), ("SHIRT", 3), total=total)["number"]
    payment = pay_online(number, total)
    update_tax_rate(rate_id=rate.pk, percent=Decimal(20))
    one = wish(("SHIRT", 1, CANCEL))

    seen = plan(number, one, by=admin)
    for _ in range(3):
        request(number, one, by=admin)

    assert seen.tax == Decimal(taxes[0])
    lines = RefundLine.objects.filter(refund__payment=payment).order_by("id")
    assert [str(line.tax) for line in lines] == taxes
    assert sum(line.tax for line in lines) == lines[0].order_line.tax
