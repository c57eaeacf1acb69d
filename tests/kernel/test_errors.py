"""Refusals: a stable code, a sentence, the fields and facts that belong to it."""

from mdv.kernel.errors import Conflict, DomainError, FieldProblem, Invalid, TooMany


class OutOfStock(Conflict):
    code = "out_of_stock"
    detail = "Some lines are out of stock."


def test_a_refusal_speaks_for_itself():
    refusal = OutOfStock()

    assert str(refusal) == refusal.message == "Some lines are out of stock."
    assert (refusal.code, refusal.problems, refusal.members) == ("out_of_stock", [], {})
    assert isinstance(refusal, DomainError)


def test_a_refusal_carries_what_it_is_about():
    problem = FieldProblem("lines.0.sku", "unknown", "There is no such SKU.")

    refusal = Invalid("Two lines.", problems=(problem,), members={"lines": [1]})

    assert (refusal.message, refusal.problems, refusal.members) == (
        "Two lines.",
        [problem],
        {"lines": [1]},
    )


def test_what_one_refusal_is_told_is_not_told_to_another():
    OutOfStock().members["lines"] = [1]

    assert OutOfStock().members == {}


def test_too_many_says_for_how_long():
    refusal = TooMany(retry_after=7)

    assert (refusal.retry_after, refusal.members) == (7, {"retry_after": 7})
