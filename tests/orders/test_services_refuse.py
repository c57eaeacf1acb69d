"""What the services refuse by themselves, whichever door they are called through."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from mdv.kernel import clock
from mdv.kernel.errors import Invalid
from shop.orders.models import Order, OrderNote
from shop.orders.services import EmptyOrder, WantedLine, place_order, write_note
from shop.orders.services.gather_items import MAX_LINES
from shop.orders.services.place_order import Checkout
from shop.orders.services.write_note import MAX_LENGTH
from shop.payments.models import Payment
from shop.payments.services import record_payment
from tests.orders.ordering import LAGOS, deliver_everywhere, guest, placed, sell, staff

pytestmark = pytest.mark.django_db

CHECKOUT = Checkout(
    user_id=None,
    email="ada@example.com",
    delivery_method="delivery",
    payment_method="bank_transfer",
    expected_total=Decimal("2000.00"),
    shipping_address=LAGOS,
)


@pytest.fixture
def shirt(db):
    deliver_everywhere("500.00")
    return sell("SHIRT", "1500.00", stock=1000)


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_a_quantity_is_from_1_to_999_also_as_a_sum(shirt, quantity):
    for lines in ([quantity], [quantity - 1, 1]):
        with pytest.raises(Invalid) as refusal:
            order(*(WantedLine(sku="SHIRT", quantity=number) for number in lines))

        assert [(p.field, p.code) for p in refusal.value.problems] == [("lines", "out_of_range")]
    assert not Order.objects.exists()


def test_an_order_has_something_in_it_but_not_everything(shirt):
    with pytest.raises(EmptyOrder):
        order()
    with pytest.raises(Invalid) as refusal:
        order(*(WantedLine(sku=f"S{number}", quantity=1) for number in range(MAX_LINES + 1)))
    assert str(MAX_LINES) in refusal.value.problems[0].message
    assert not Order.objects.exists()


@pytest.mark.parametrize("text", ["", " \n", "x" * (MAX_LENGTH + 1)])
def test_a_note_says_something_and_no_novel(shirt, text):
    number = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]

    with pytest.raises(Invalid):
        write_note(number=number, text=text, author_id=staff("support").user.pk)

    assert not OrderNote.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("-0.01")}, "amount"),
        ({"reference": "  "}, "reference"),
        ({"reference": "x" * 101}, "reference"),
    ],
)
def test_booked_money_is_some_and_has_a_reference(shirt, changes, field):
    number = placed(guest(), ("SHIRT", 1), total="2000.00")["number"]
    wanted = {"amount": Decimal(2000), "channel": "cash", "reference": "TILL-1", **changes}

    with pytest.raises(Invalid) as refusal:
        record_payment(number=number, at=clock.now(), **wanted)

    assert [problem.field for problem in refusal.value.problems] == [field]
    assert not Payment.objects.exists()


def order(*lines):
    with transaction.atomic():
        return place_order(
            checkout=CHECKOUT, lines=lines, at=clock.now(), pay_within=timedelta(hours=1)
        )
