"""State tables refuse what they do not list, and say what they would allow."""

import pytest

from mdv.kernel.states import InvalidTransition, StateTable

ORDER = StateTable(
    "order",
    {
        "pending": frozenset({"confirmed", "cancelled"}),
        "confirmed": frozenset({"completed"}),
    },
)


def test_a_listed_step_is_allowed():
    ORDER.check("pending", "confirmed")


def test_staying_is_allowed_also_where_nothing_follows():
    ORDER.check("completed", "completed")


@pytest.mark.parametrize(
    ("present", "wished", "allowed"),
    [
        ("pending", "completed", ["cancelled", "confirmed"]),
        ("confirmed", "pending", ["completed"]),
        ("completed", "pending", []),
    ],
)
def test_another_step_is_refused_and_the_possible_ones_are_named(present, wished, allowed):
    with pytest.raises(InvalidTransition) as refusal:
        ORDER.check(present, wished)

    assert refusal.value.code == "invalid_transition"
    assert refusal.value.members == {"state": present, "allowed": allowed}
    assert refusal.value.message == f"Order is {present} and cannot become {wished}."
