"""What customers see of money that comes back to them."""

import pytest
import time_machine
from django.test import Client

from mdv.kernel import clock
from mdv.mail.models import Mail
from refunds.letters import write_succeeded
from refunds.mail_links import link_to_credit_note
from refunds.models import CreditNote
from shop.orders.mail_links import LASTS, sign_link
from shop.orders.models import Order
from shop.orders.services import access_token
from tests.orders.ordering import customer, guest, placed
from tests.refunds.api.calling import SHIPPING, outcome, refunded, step
from tests.refunds.refunding import pay_online


@pytest.fixture
def buyer(shirts):
    return customer()


@pytest.fixture
def bought(buyer):
    """The number of an order of somebody with an account, paid online."""
    number = placed(buyer, ("SHIRT", 2), total="3500.00")["number"]
    pay_online(number, "3500.00")
    return number


def told(caller, number, **headers):
    answer = caller.get(f"/orders/{number}/refunds", **headers)
    return answer.json() if answer.status_code == 200 else outcome(answer)


def token_of(number):
    return {"X-Order-Token": access_token(Order.objects.get(number=number))}


def test_they_see_what_has_gone_and_where_its_paper_is(buyer, bought, operations, gateway):
    (refund,) = refunded(operations, bought, {**SHIPPING, "note": "For colleagues"})

    assert told(buyer, bought) == [
        {
            "number": refund["number"],
            "order": bought,
            "currency": "NGN",
            "amount": "100.00",
            "state": "refunded",
            "agreed_at": refund["approved_at"],
            "refunded_at": refund["settled_at"],
            "credit_note": refund["credit_note"],
        }
    ]


@pytest.mark.parametrize(
    ("answers", "seen"),
    [(["lost"], ["on_its_way"]), (["unreachable"], ["on_its_way"]), (["refused"], [])],
)
def test_trouble_with_the_provider_is_not_theirs(bought, operations, gateway, answers, seen):
    gateway.answers = answers
    refunded(operations, bought, SHIPPING)

    refunds = told(guest(), bought, **token_of(bought))
    assert [refund["state"] for refund in refunds] == seen


def test_what_nobody_agreed_to_they_do_not_see(asked, supervisor):
    number = asked["order"]

    assert told(guest(), number, **token_of(number)) == []
    step(supervisor, asked, "reject", {"answer": "Worn"})
    assert told(guest(), number, **token_of(number)) == []


def test_to_strangers_the_order_does_not_exist(buyer, bought, operations, gateway):
    (refund,) = refunded(operations, bought, SHIPPING)
    paper = f"/orders/{bought}/credit-notes/{refund['credit_note']}.pdf"

    for stranger in (guest(), customer("eve@example.com")):
        assert told(stranger, bought) == "404 not_found"
        assert outcome(stranger.get(paper)) == "404 not_found"
    assert len(told(guest(), bought, **token_of(bought))) == 1


def test_the_credit_note_is_printed_for_its_order_alone(buyer, bought, operations, gateway):
    (refund,) = refunded(operations, bought, SHIPPING)
    name = f"{refund['credit_note']}.pdf"
    other = placed(buyer, ("SHIRT", 1), total="2000.00")["number"]

    paper, again = (buyer.get(f"/orders/{bought}/credit-notes/{name}") for _ in range(2))

    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content == again.content
    assert paper.content.startswith(b"%PDF")
    assert name in paper["Content-Disposition"]
    assert outcome(buyer.get(f"/orders/{other}/credit-notes/{name}")) == "404 not_found"


def test_before_the_money_has_gone_there_is_no_paper(bought, operations, gateway):
    gateway.answers = ["lost"]
    (refund,) = refunded(operations, bought, SHIPPING)
    path = f"/staff/refunds/{refund['number']}/credit-note.pdf"

    before = operations.get(path)
    step(operations, refund, "lookup")

    assert outcome(before) == "409 no_credit_note"
    assert operations.get(path).content.startswith(b"%PDF")


class TestTheLinkInTheMail:
    @pytest.fixture
    def path(self, bought, operations, gateway):
        refunded(operations, bought, SHIPPING)
        note = CreditNote.objects.get()
        write_succeeded(refund_id=note.refund_id)
        mail = Mail.objects.get(kind="refund_succeeded")
        link = link_to_credit_note(note)
        assert f"Credit note: {note.number}\n{link}" in mail.text
        assert f'<a href="{link}">{note.number}</a>' in mail.html
        return link.removeprefix("http://localhost:8000")

    def test_it_prints_the_credit_note_for_whoever_has_it(self, path):
        paper = Client().get(path)

        assert (paper.status_code, paper.content[:4]) == (200, b"%PDF")
        assert CreditNote.objects.get().number in paper["Content-Disposition"]

    def test_changed_too_old_or_signed_for_something_else_it_leads_nowhere(self, path):
        other = sign_link("credit-note", [CreditNote.objects.get().number], purpose="mdv.order.pay")

        assert Client().get(path[:-1] + ("a" if path[-1] != "a" else "b")).status_code == 404
        assert Client().get(other.removeprefix("http://localhost:8000")).status_code == 404
        with time_machine.travel(clock.now() + 2 * LASTS):
            assert Client().get(path).status_code == 404

    def test_printing_is_limited(self, path, settings):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api": "2/d"}

        assert [Client().get(path).status_code for _ in range(3)] == [200, 200, 429]
