"""Shares of lines, to the last kobo: whatever is refunded in whatever steps, it ends exactly.

Any order, in memory: units that were cancelled, came back or were kept, a coupon, tax in the price
or on top, shipping, and one to three payments of as much or of too much.
"""

from contextlib import suppress
from copy import deepcopy
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mdv.kernel.errors import Invalid
from mdv.kernel.money import CENT, ZERO
from refunds.services.refundable import share_of
from refunds.states import Restock
from shop.pricing.calculation import BasketLine, Discount, Shipping, Tax, price_basket
from tests.pricing.test_calculation import FREE_SHIPPING, percents
from tests.refunds.books_in_memory import Books, Fate

amounts = st.integers(0, 99_999).map(lambda cents: cents * CENT)
units = st.integers(0, 3)
fates = st.lists(
    st.builds(Fate, cancelled=units, returned=units, kept=units).filter(lambda fate: fate.quantity),
    min_size=1,
    max_size=4,
)
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
    became = draw(fates)
    prices = [draw(amounts) for _ in became]
    basket = [
        BasketLine(unit_price=price, list_price=price, quantity=fate.quantity)
        for price, fate in zip(prices, became, strict=True)
    ]
    price = price_basket(
        basket, discount=draw(discounts), shipping=draw(shippings), tax=draw(taxes)
    )
    assume(price.total)
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    return Books.of(became, price, weights, draw(st.one_of(st.just(ZERO), amounts)))


def refund_some(books, data, *, fails):
    """Refund some of what is left, and let some of its parts fail."""
    wanted = [
        (place, quantity, restock)
        for place, one in enumerate(books.refundable().lines)
        for restock in Restock
        if (quantity := data.draw(st.integers(0, one.refundable(restock))))
    ]
    rest = books.refundable()
    shipping = data.draw(st.sampled_from([ZERO, rest.shipping_left]))
    too_much = data.draw(st.sampled_from([ZERO, rest.overpaid]))
    with suppress(Invalid):  # it comes to nothing
        books.refund(wanted, shipping, too_much, fails)


def refund_the_rest(books):
    rest = books.refundable()
    wanted = [
        (place, one.refundable(restock), restock)
        for place, one in enumerate(rest.lines)
        for restock in Restock
        if one.refundable(restock)
    ]
    for place, one in enumerate(rest.lines):
        if one.owed and place not in {place for place, *_ in wanted}:
            wanted.append((place, 0, Restock.CANCEL))
    if rest.left:
        books.refund(wanted, rest.shipping_left, rest.overpaid)


@settings(max_examples=300, deadline=None)
@given(paid_orders(), st.data())
def test_any_steps_end_at_exactly_what_was_captured_with_exactly_its_tax(books, data):
    for _ in range(data.draw(st.integers(0, 6))):
        refund_some(books, data, fails=())
        assert books.refunded <= books.captured
        assert books.tax <= books.price.tax_total

    refund_the_rest(books)

    assert books.refunded == books.captured
    assert books.tax == books.price.tax_total
    assert [one.amount for one in books.refundable().lines] == [
        line.total for line in books.price.lines
    ]


@settings(max_examples=300, deadline=None)
@given(paid_orders(), st.data())
def test_so_they_do_when_parts_of_refunds_fail_in_between(books, data):
    for _ in range(data.draw(st.integers(0, 6))):
        refund_some(books, data, fails=data.draw(st.sets(st.integers(0, 2))))
        assert books.refunded <= books.captured

    refund_the_rest(books)

    assert books.refunded == books.captured
    assert books.tax == books.price.tax_total


@settings(max_examples=200, deadline=None)
@given(paid_orders(), st.data())
def test_units_refunded_at_once_are_the_sum_of_single_ones(books, data):
    place = data.draw(st.integers(0, len(books.fates) - 1))
    one = books.refundable().lines[place]
    restock = data.draw(st.sampled_from([kind for kind in Restock if one.refundable(kind)]))
    quantity = one.refundable(restock)
    assume(all(one.cost_of(units) > one.cost_of(units - 1) for units in range(1, quantity + 1)))
    by_unit = deepcopy(books)

    books.refund([(place, quantity, restock)])
    for _ in range(quantity):
        by_unit.refund([(place, 1, restock)])

    assert by_unit.refunded == books.refunded
    assert by_unit.tax == books.tax


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
    books = Books.of([Fate(cancelled=3, returned=0, kept=0)], price, [1])

    for _ in range(3):
        books.refund([(0, 1, Restock.CANCEL)])

    assert [part.amount for part in books.standing] == [
        Decimal("3.33"),
        Decimal("3.34"),
        Decimal("3.33"),
    ]
