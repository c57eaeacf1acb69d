"""Shares of lines, to the last kobo: whatever is refunded in whatever steps, it ends exactly."""

from contextlib import suppress
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mdv.kernel.errors import Invalid
from mdv.kernel.money import CENT, ZERO
from refunds.services.refundable import share_of
from shop.pricing.calculation import BasketLine, Discount, Shipping, Tax, price_basket
from tests.pricing.test_calculation import FREE_SHIPPING, percents
from tests.refunds.books_in_memory import Books

MAX_UNITS = 9

amounts = st.integers(0, 99_999).map(lambda cents: cents * CENT)
lines = st.builds(
    lambda price, quantity: BasketLine(unit_price=price, list_price=price, quantity=quantity),
    amounts,
    st.integers(1, MAX_UNITS),
)
baskets = st.lists(lines, min_size=1, max_size=4)
discounts = st.one_of(
    st.none(),
    st.builds(
        Discount, kind=st.just("percent"), value=percents, excludes_sale_items=st.just(False)
    ),
    st.builds(Discount, kind=st.just("fixed"), value=amounts, excludes_sale_items=st.just(False)),
    st.just(FREE_SHIPPING),
)
shippings = st.builds(Shipping, fee=amounts, free_over=st.one_of(st.none(), amounts))
taxes = st.builds(Tax, percent=percents, is_included=st.booleans())


@st.composite
def paid_orders(draw):
    basket = draw(baskets)
    price = price_basket(
        basket, discount=draw(discounts), shipping=draw(shippings), tax=draw(taxes)
    )
    assume(price.total)
    return Books.of(basket, price, draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)))


def refund_some(books, data, *, fails):
    """Refund some of what is left, and let some of its parts fail."""
    units = []
    for place, one in enumerate(books.refundable().lines):
        quantity = data.draw(st.integers(0, one.units_left))
        if quantity:
            units.append((place, quantity))
    shipping = data.draw(st.sampled_from([ZERO, books.refundable().shipping_left]))
    with suppress(Invalid):  # it comes to nothing
        books.refund(units, shipping, fails)


def refund_the_rest(books):
    rest = books.refundable()
    units = [(p, one.units_left) for p, one in enumerate(rest.lines) if one.units_left or one.owed]
    if rest.left:
        books.refund(units, rest.shipping_left)


@settings(max_examples=300, deadline=None)
@given(paid_orders(), st.data())
def test_any_steps_end_at_exactly_what_was_captured_with_exactly_its_tax(books, data):
    for _ in range(data.draw(st.integers(0, 6))):
        refund_some(books, data, fails=())
        assert books.refunded <= books.price.total
        assert books.tax <= books.price.tax_total

    refund_the_rest(books)

    assert books.refunded == books.price.total
    assert books.tax == books.price.tax_total
    assert [one.amount for one in books.refundable().lines] == [
        line.total for line in books.price.lines
    ]


@settings(max_examples=300, deadline=None)
@given(paid_orders(), st.data())
def test_so_they_do_when_parts_of_refunds_fail_in_between(books, data):
    for _ in range(data.draw(st.integers(0, 6))):
        refund_some(books, data, fails=data.draw(st.sets(st.integers(0, 2))))
        assert books.refunded <= books.price.total

    refund_the_rest(books)

    assert books.refunded == books.price.total
    assert books.tax == books.price.tax_total


@given(st.integers(0, 10**9), st.integers(1, 999))
def test_unit_by_unit_is_the_whole_and_no_unit_costs_less_than_nothing(cents, quantity):
    total = cents * CENT
    shares = [share_of(total, units, quantity) for units in range(quantity + 1)]

    assert (shares[0], shares[-1]) == (0, total)
    assert shares == sorted(shares)


def test_three_shirts_for_ten_naira_are_three_thirty_three_thirty_four_three_thirty_three():
    basket = [BasketLine(unit_price=Decimal(10), list_price=Decimal(10), quantity=3)]
    price = price_basket(
        basket,
        discount=Discount(kind="fixed", value=Decimal(20), excludes_sale_items=False),
    )
    books = Books.of(basket, price, [1])

    for _ in range(3):
        books.refund([(0, 1)])

    assert [part.amount for part in books.standing] == [
        Decimal("3.33"),
        Decimal("3.34"),
        Decimal("3.33"),
    ]
