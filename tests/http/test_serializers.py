"""Strict input: nothing unknown, nothing turned into something else, money as strings."""

from decimal import Decimal

import pytest

from mdv.http.serializers import (
    BooleanField,
    EmailField,
    IntegerField,
    LineField,
    ListField,
    MoneyField,
    StrictSerializer,
    TextField,
)


class LineIn(StrictSerializer):
    sku = LineField(max_length=10)
    quantity = IntegerField(min_value=1, max_value=999)


class OrderIn(StrictSerializer):
    lines = LineIn(many=True, required=False)
    price = MoneyField(required=False, max_value=Decimal("99999999.99"))
    is_gift = BooleanField(required=False)
    note = TextField(required=False)
    email = EmailField(required=False)


def problems(body):
    given = OrderIn(data=body)
    given.is_valid()
    return flattened(given.errors)


def flattened(errors, path=""):
    if isinstance(errors, dict):
        return {
            k: v
            for key, inner in errors.items()
            for k, v in flattened(inner, f"{path}.{key}").items()
        }
    if errors and isinstance(errors[0], dict):
        return {
            k: v
            for number, inner in enumerate(errors)
            for k, v in flattened(inner, f"{path}.{number}").items()
        }
    return {path.lstrip("."): [error.code for error in errors]} if errors else {}


def accepted(body):
    given = OrderIn(data=body)
    assert given.is_valid(), given.errors
    return given.validated_data


def test_an_unknown_key_is_refused_where_it_stands_beside_the_other_problems():
    body = {
        "prise": "1.00",
        "price": 1,
        "lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1, "prize": "9.00"}],
    }

    assert problems(body) == {
        "prise": ["unknown_field"],
        "price": ["invalid"],
        "lines.1.prize": ["unknown_field"],
    }


def test_a_long_unknown_key_is_not_echoed_in_full():
    (name,) = problems({"x" * 100_000: 1})

    assert len(name) == 64


@pytest.mark.parametrize("quantity", ["1", 1.0, True, None, [1], 10**30])
def test_a_quantity_is_a_json_integer(quantity):
    codes = problems({"lines": [{"sku": "A", "quantity": quantity}]})["lines.0.quantity"]

    assert codes in (["invalid"], ["null"], ["max_value"])


@pytest.mark.parametrize(
    ("quantity", "code"), [(0, "min_value"), (-1, "min_value"), (1000, "max_value")]
)
def test_a_quantity_has_a_range(quantity, code):
    assert problems({"lines": [{"sku": "A", "quantity": quantity}]}) == {"lines.0.quantity": [code]}


def test_an_integer_is_bounded_even_where_nobody_said_so():
    field = IntegerField()

    with pytest.raises(Exception, match="less than or equal to 2147483647"):
        field.run_validation(2**31)
    with pytest.raises(Exception, match="greater than or equal to 0"):
        field.run_validation(-1)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1500.00", "1500.00"), ("1500", "1500.00"), ("0.5", "0.50"), ("0", "0.00"), ("-0", "0.00")],
)
def test_money_comes_as_a_string_and_is_exact(text, amount):
    price = accepted({"price": text})["price"]

    assert (type(price), str(price)) == (Decimal, amount)


@pytest.mark.parametrize(
    ("price", "code"),
    [
        (1500, "invalid"),
        (15.5, "invalid"),
        (True, "invalid"),
        ("1.005", "invalid"),
        ("1e3", "invalid"),
        ("NaN", "invalid"),
        ("Infinity", "invalid"),
        ("1,500.00", "invalid"),
        (" 1", "invalid"),
        ("1\n", "invalid"),
        ("\u0661\u0665", "invalid"),
        ("", "invalid"),
        ("9999999999999", "invalid"),
        ("-0.01", "min_value"),
        ("100000000.00", "max_value"),
        (None, "null"),
    ],
)
def test_what_is_no_exact_amount_is_refused(price, code):
    assert problems({"price": price}) == {"price": [code]}


def test_money_goes_out_as_a_string_with_two_places():
    field = MoneyField()

    assert field.to_representation(Decimal(1500)) == "1500.00"
    assert field.to_representation(Decimal("-0.50")) == "-0.50"


@pytest.mark.parametrize("value", ["true", "yes", 1, 0, "", None, []])
def test_a_yes_is_true_and_a_no_is_false(value):
    (codes,) = problems({"is_gift": value}).values()

    assert codes in (["invalid"], ["null"])
    assert accepted({"is_gift": True}) == {"is_gift": True}


@pytest.mark.parametrize("value", [7, 7.5, True, {}, ["x"]])
def test_text_is_a_json_string(value):
    assert problems({"note": value}) == {"note": ["invalid"]}
    assert problems({"email": value}) == {"email": ["invalid"]}


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\x7fb", "a\u2028b", "a\x85b"])
def test_a_line_has_no_control_characters(text):
    assert problems({"lines": [{"sku": text, "quantity": 1}]}) == {
        "lines.0.sku": ["control_characters"]
    }


def test_a_text_has_lines_but_no_other_control_characters():
    assert accepted({"note": "a\r\nb\tc"}) == {"note": "a\r\nb\tc"}
    assert problems({"note": "a\x1bb"}) == {"note": ["control_characters"]}
    assert problems({"note": "x" * 10_001}) == {"note": ["max_length"]}


def test_an_email_is_kept_in_lower_case():
    assert accepted({"email": " Ada@Example.COM "}) == {"email": "ada@example.com"}


class Counted(LineField):
    """Counts how often it is asked to look at something."""

    looked = 0

    def to_internal_value(self, data):
        type(self).looked += 1
        return super().to_internal_value(data)


class TagsIn(StrictSerializer):
    tags = ListField(child=Counted(max_length=10), max_length=3)


@pytest.mark.parametrize("tags", [["a"] * 4, ["a"] * 340_000, "abc", {"0": "a"}, 7])
def test_of_a_list_that_cannot_be_no_item_is_looked_at(tags):
    Counted.looked = 0
    given = TagsIn(data={"tags": tags})

    assert not given.is_valid()
    assert [len(found) for found in given.errors.values()] == [1]
    assert Counted.looked == 0


def test_a_list_that_is_short_enough_is_read():
    given = TagsIn(data={"tags": ["a", "b", "c"]})

    assert given.is_valid()
    assert given.validated_data == {"tags": ["a", "b", "c"]}


def test_of_many_unknown_keys_the_first_are_named():
    assert len(problems({f"key{number}": 1 for number in range(1_000)})) == 20
