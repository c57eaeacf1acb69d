"""What a basket costs, to the last kobo."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdv.kernel.money import CENT, ZERO
from shop.pricing.calculation import (
    NO_TAX,
    BasketLine,
    Discount,
    Shipping,
    Tax,
    price_basket,
)
from shop.pricing.states import CouponKind


def money(text):
    return Decimal(text)


def line(unit_price, quantity=1, list_price=None):
    return BasketLine(
        unit_price=money(unit_price), list_price=money(list_price or unit_price), quantity=quantity
    )


def percent(value, *, excludes_sale_items=True):
    return Discount(
        kind=CouponKind.PERCENT, value=money(value), excludes_sale_items=excludes_sale_items
    )


def fixed(value, *, excludes_sale_items=True):
    return Discount(
        kind=CouponKind.FIXED, value=money(value), excludes_sale_items=excludes_sale_items
    )


FREE_SHIPPING = Discount(kind=CouponKind.SHIPPING, value=ZERO, excludes_sale_items=True)


def test_without_anything_else_the_total_is_the_sum_of_prices_times_quantities():
    price = price_basket([line("1500.00", 2), line("0.10", 3)])

    assert [part.gross for part in price.lines] == [money("3000.00"), money("0.30")]
    assert price.items_total == money("3000.30")
    assert price.total == money("3000.30")
    assert price.discount_total == price.shipping_total == price.tax_total == ZERO


def test_ten_percent_of_three_equal_lines_leaves_no_kobo_over():
    price = price_basket([line("10.05"), line("10.05"), line("10.05")], discount=percent("10.00"))

    # 10 % of 30.15 is 3.015, rounded to 3.02: the earlier lines carry the remainder.
    assert [part.discount for part in price.lines] == [money("1.01"), money("1.01"), money("1.00")]
    assert price.discount_total == money("3.02")
    assert price.total == money("27.13")


def test_a_fixed_coupon_is_split_in_proportion_to_the_lines():
    price = price_basket([line("100.00"), line("200.00"), line("0.01")], discount=fixed("100.00"))

    assert [part.discount for part in price.lines] == [
        money("33.33"),
        money("66.67"),
        money("0.00"),
    ]
    assert price.total == money("200.01")


def test_a_fixed_coupon_gives_at_most_what_the_items_cost():
    price = price_basket([line("30.00")], discount=fixed("500.00"))

    assert price.discount_total == money("30.00")
    assert price.total == ZERO


def test_items_on_sale_get_nothing_off_unless_the_coupon_includes_them():
    lines = [line("80.00", list_price="100.00"), line("50.00")]

    without = price_basket(lines, discount=percent("10.00"))
    included = price_basket(lines, discount=percent("10.00", excludes_sale_items=False))

    assert [part.discount for part in without.lines] == [ZERO, money("5.00")]
    assert [part.discount for part in included.lines] == [money("8.00"), money("5.00")]


def test_a_coupon_for_a_basket_of_sale_items_alone_gives_nothing():
    price = price_basket([line("80.00", list_price="100.00")], discount=fixed("10.00"))

    assert price.discount_total == ZERO


@pytest.mark.parametrize(
    ("coupon", "shipping_total"), [(None, "0.00"), ("5.00", "0.00"), ("5.01", "700.00")]
)
def test_free_shipping_is_decided_by_what_is_left_after_the_coupon(coupon, shipping_total):
    price = price_basket(
        [line("1000.00")],
        discount=coupon and percent(coupon),
        shipping=Shipping(fee=money("700.00"), free_over=money("950.00")),
    )

    assert price.shipping_total == money(shipping_total)


def test_a_shipping_coupon_takes_the_fee_and_nothing_else():
    price = price_basket(
        [line("1000.00")],
        discount=FREE_SHIPPING,
        shipping=Shipping(fee=money("700.00"), free_over=None),
    )

    assert (price.discount_total, price.shipping_total) == (ZERO, ZERO)
    assert price.total == money("1000.00")


def test_nothing_is_sent_when_the_basket_is_empty():
    price = price_basket([], shipping=Shipping(fee=money("700.00"), free_over=None))

    assert price.total == ZERO


def test_a_contained_tax_is_part_of_the_total():
    price = price_basket([line("1075.00")], tax=Tax(percent=money("7.50"), is_included=True))

    assert price.lines[0].tax == money("75.00")
    assert price.total == money("1075.00")


def test_an_added_tax_comes_on_top_after_the_coupon_and_shipping_is_not_taxed():
    price = price_basket(
        [line("1000.00")],
        discount=fixed("100.00"),
        shipping=Shipping(fee=money("500.00"), free_over=None),
        tax=Tax(percent=money("7.50"), is_included=False),
    )

    assert price.tax_total == money("67.50")
    assert price.lines[0].total == money("967.50")
    assert price.total == money("1467.50")


def test_tax_is_rounded_line_by_line():
    price = price_basket(
        [line("0.07"), line("0.07")], tax=Tax(percent=money("7.50"), is_included=False)
    )

    # 7.5 % of 0.07 is 0.00525: one kobo each, where 0.0105 in one go would be one in all.
    assert price.tax_total == money("0.02")


amounts = st.integers(0, 9_999_999_999).map(lambda cents: cents * CENT)
percents = st.integers(1, 10_000).map(lambda hundredths: hundredths * CENT)
lines = st.builds(
    lambda price, reduction, quantity: BasketLine(
        unit_price=price, list_price=price + reduction, quantity=quantity
    ),
    amounts,
    st.sampled_from([ZERO, money("0.01"), money("500.00")]),
    st.integers(1, 999),
)
discounts = st.one_of(
    st.none(),
    st.builds(Discount, kind=st.just("percent"), value=percents, excludes_sale_items=st.booleans()),
    st.builds(Discount, kind=st.just("fixed"), value=amounts, excludes_sale_items=st.booleans()),
    st.just(FREE_SHIPPING),
)
shippings = st.builds(Shipping, fee=amounts, free_over=st.one_of(st.none(), amounts))
taxes = st.one_of(st.just(NO_TAX), st.builds(Tax, percent=percents, is_included=st.booleans()))


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=12), discounts, shippings, taxes)
def test_every_total_is_the_sum_of_its_parts(basket, discount, shipping, tax):
    price = price_basket(basket, discount=discount, shipping=shipping, tax=tax)

    assert price.items_total == sum((part.gross for part in price.lines), ZERO)
    assert price.discount_total == sum((part.discount for part in price.lines), ZERO)
    assert price.tax_total == sum((part.tax for part in price.lines), ZERO)
    assert price.total == sum((part.total for part in price.lines), ZERO) + price.shipping_total
    added = ZERO if price.prices_include_tax else price.tax_total
    assert price.total == (price.items_total - price.discount_total + price.shipping_total + added)


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=12), discounts, shippings, taxes)
def test_no_amount_is_negative_and_none_has_fractions_of_a_kobo(basket, discount, shipping, tax):
    price = price_basket(basket, discount=discount, shipping=shipping, tax=tax)

    amounts_of_it = [price.total, price.shipping_total, price.tax_total, price.discount_total]
    for part in price.lines:
        amounts_of_it += [part.gross, part.discount, part.tax, part.total]
    assert all(amount >= 0 for amount in amounts_of_it)
    assert all(amount == amount.quantize(CENT) for amount in amounts_of_it)


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, min_size=1, max_size=12), discounts, taxes)
def test_no_line_gets_more_off_than_it_costs_and_excluded_ones_get_nothing(basket, discount, tax):
    price = price_basket(basket, discount=discount, tax=tax)

    eligible = ZERO
    for line_in, part in zip(basket, price.lines, strict=True):
        assert part.discount <= part.gross
        excluded = discount is not None and discount.excludes_sale_items and line_in.is_reduced
        if excluded:
            assert part.discount == ZERO
        else:
            eligible += part.gross
    assert price.discount_total <= eligible


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, min_size=1, max_size=12), discounts, percents)
def test_contained_and_added_tax_agree_about_the_price_before_tax(basket, discount, rate):
    added = price_basket(basket, discount=discount, tax=Tax(percent=rate, is_included=False))
    contained = price_basket(basket, discount=discount, tax=Tax(percent=rate, is_included=True))

    assert added.total == contained.total + added.tax_total
    assert all(
        ours.tax <= theirs.tax for ours, theirs in zip(contained.lines, added.lines, strict=True)
    )
