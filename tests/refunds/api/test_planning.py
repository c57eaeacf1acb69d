"""What staff see of a refund before they ask for it."""

import json

import pytest

from tests.orders.ordering import problems
from tests.refunds.api.calling import SHIPPING, outcome, preview, shirts
from tests.refunds.refunding import everything


def test_the_plan_says_all_that_would_come_of_it(order, payment, operations):
    before = everything()

    plan = preview(operations, order, shirts(2, shipping="100.00")).json()
    assert (plan["order"], plan["currency"], plan["amount"]) == (order, "NGN", "3100.00")
    assert plan["lines"] == [
        {
            "sku": "SHIRT",
            "title": "Shirt",
            "quantity": 2,
            "restock": "cancel",
            "amount": "3000.00",
            "tax": "0.00",
            "withheld": "0.00",
            "cancels": 2,
        }
    ]
    assert plan["parts"] == [
        {
            "payment": payment.reference,
            "provider": "paystack",
            "method": "gateway",
            "amount": "3100.00",
            "shipping": "100.00",
            "goodwill": "0.00",
            "left_after": "4900.00",
        }
    ]
    assert plan["approval"] == {
        "is_required": False,
        "exceeded": "",
        "max_per_refund": "50000.00",
        "max_per_day": "200000.00",
        "left_today": "200000.00",
    }
    assert plan["balances"] == {
        "captured": "8000.00",
        "committed_before": "0.00",
        "committed_after": "3100.00",
        "left_after": "4900.00",
    }
    assert (plan["mails"], plan["documents"]) == (["refund_succeeded"], ["credit_note"])
    assert len(plan["plan_hash"]) == 64
    assert everything() == before


def test_no_row_of_the_database_is_named(order, operations):
    plan = preview(operations, order, shirts()).json()

    assert "_id" not in json.dumps(plan)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"reason": "other"}, ("lines", "nothing_to_refund")),
        ({"lines": []}, ("reason", "required")),
        ({**SHIPPING, "reason": "from_outside"}, ("reason", "invalid_choice")),
        ({**SHIPPING, "shipping": 100}, ("shipping", "invalid")),
        ({**SHIPPING, "shipping": "-1.00"}, ("shipping", "min_value")),
        ({**SHIPPING, "method": "cheque"}, ("method", "invalid_choice")),
        ({**SHIPPING, "of_return": "R-NONE"}, ("of_return", "not_in_order")),
        ({**SHIPPING, "amount": "100.00"}, ("amount", "unknown_field")),
        (shirts(0), ("lines.0.quantity", "min_value")),
        (shirts(restock="maybe"), ("lines.0.restock", "invalid_choice")),
        (
            {"lines": [{"sku": "HAT", "quantity": 1, "restock": "cancel"}], "reason": "other"},
            ("lines.0.sku", "not_in_order"),
        ),
    ],
)
def test_what_makes_no_sense_is_refused(order, operations, body, problem):
    answer = preview(operations, order, body)

    assert answer.status_code == 400
    assert problems(answer) == [problem]


def test_too_much_says_what_is_left_and_why(order, operations):
    answer = preview(operations, order, shirts(1, restock="return"))

    assert outcome(answer) == "409 exceeds_refundable"
    told = answer.json()
    assert (told["left"], told["shipping_left"]) == ("8000.00", "500.00")
    assert told["lines"] == [
        {
            "sku": "SHIRT",
            "restock": "return",
            "requested": 1,
            "refundable": 0,
            "why": "Came back and is not refunded yet.",
        }
    ]


def test_goodwill_is_for_who_may_give_it(order, operations, supervisor):
    body = {"goodwill": "10.00", "reason": "goodwill"}

    assert outcome(preview(operations, order, body)) == "403 goodwill_not_allowed"
    assert preview(supervisor, order, body).json()["goodwill"] == "10.00"


def test_of_an_order_that_is_not_there_nothing_is_planned(operations):
    assert outcome(preview(operations, "M-NOSUCH00", SHIPPING)) == "404 not_found"
