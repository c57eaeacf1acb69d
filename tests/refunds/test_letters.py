"""What customers are written to about returns, and what the world is told: once each."""

import json
from datetime import timedelta

import pytest

from mdv.events.services import read_events
from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.mail.quiet import quietly
from refunds import services
from refunds.letters import write_approved, write_received, write_rejected, write_requested
from refunds.models import Return, ReturnReceipt
from shop.orders.models import Order
from tests.refunds.returning import AS_NEW, DAMAGED, approve, approved, ask, bring, receive

THANKS = "The number of your return is {number}. Please keep the goods until we have answered."

KEEP_IT = (
    "Please keep it, or ask again. If you have sent it, answer this mail and name its tracking "
    "number."
)


@pytest.fixture
def order(number, run_jobs):
    run_jobs()
    return number


def kinds():
    found = Mail.objects.filter(kind__startswith="return_")
    return list(found.order_by("id").values_list("kind", flat=True))


def lines_of(kind):
    return [line for line in Mail.objects.get(kind=kind).text.splitlines() if line]


def happened():
    told = [(event.kind, event.number, event.payload) for event in read_events(after=0, limit=1000)]
    return [one for one in told if one[0].startswith("return.")]


class TestMails:
    def test_a_request_is_confirmed(self, order, run_jobs):
        returned = ask(order, ("SHIRT", 2))

        assert run_jobs() == ["refunds.mail_requested", "mail.deliver"]

        found = Mail.objects.get(kind="return_requested")
        assert found.to == "guest@example.com"
        assert found.subject == f"We have your request to return something of order {order}"
        assert lines_of("return_requested") == [
            f"You want to return this from your order {order}:",
            "2 × Shirt",
            THANKS.format(number=returned),
        ]

    def test_an_approval_says_what_to_do(self, order, run_jobs):
        returned = ask(order, ("SHIRT", 2))
        approve(returned, ("SHIRT", 1), answer="Wrap it <well>.")
        day = Return.objects.get().expires_at

        run_jobs()

        assert lines_of("return_approved")[:4] == [
            f"You may send this from your order {order} back to us:",
            "1 × Shirt",
            "Wrap it <well>.",
            f"Write {returned} on the parcel. It must be here by {day.day} {day:%B %Y}.",
        ]
        assert "<well>" not in Mail.objects.get(kind="return_approved").html

    def test_a_rejection_says_why(self, order, run_jobs):
        bring(order, "rejected")

        run_jobs()

        assert lines_of("return_rejected") == [
            f"We are sorry: we cannot take this from your order {order} back.",
            "2 × Shirt",
            "Worn",
        ]

    def test_each_parcel_that_came_is_told_once(self, order, run_jobs):
        returned = approved(order, ("SHIRT", 4))
        receive(returned, ("SHIRT", 1, AS_NEW, True), ("SHIRT", 1, DAMAGED, False))
        receive(returned, ("SHIRT", 1, AS_NEW, True))
        run_jobs()

        for receipt in ReturnReceipt.objects.order_by("id")[::2]:
            write_received(receipt_id=receipt.pk)

        found = Mail.objects.filter(kind="return_received").order_by("id")
        assert [mail.text.split("\n\n")[1].strip() for mail in found] == ["2 × Shirt", "1 × Shirt"]

    def test_the_jobs_may_run_twice_and_write_once(self, order, run_jobs):
        first = Return.objects.get(number=approved(order, ("SHIRT", 1)))
        second = Return.objects.get(number=bring(order, "rejected"))
        run_jobs()
        before = kinds()

        write_requested(return_id=first.pk)
        write_approved(return_id=first.pk)
        write_rejected(return_id=second.pk)

        assert kinds() == before
        assert sorted(before) == [
            "return_approved",
            "return_rejected",
            "return_requested",
            "return_requested",
        ]

    def test_an_approval_that_does_not_hold_any_more_is_not_told(self, order, run_jobs):
        returned = approved(order, ("SHIRT", 1))
        services.cancel_return(number=returned, order=order, at=clock.now())

        run_jobs()

        assert kinds() == ["return_requested"]

    def test_a_return_that_staff_cancel_is_told_once(self, order, run_jobs):
        returned = bring(order, "cancelled")
        services.cancel_return(number=returned, at=clock.now())

        assert run_jobs().count("refunds.mail_cancelled") == 1

        assert kinds() == ["return_requested", "return_cancelled"]
        found = Mail.objects.get(kind="return_cancelled")
        assert found.subject == f"Your return {returned} is cancelled"
        assert lines_of("return_cancelled") == [
            f"We do not expect this from your order {order} back any more:",
            "2 × Shirt",
            "Please keep it, or ask again. If you have sent it already, answer this mail.",
        ]

    def test_of_a_return_that_was_agreed_to_in_part_that_part_is_told(self, order, run_jobs):
        returned = ask(order, ("SHIRT", 2))
        approve(returned, ("SHIRT", 1))
        services.cancel_return(number=returned, at=clock.now())

        run_jobs()

        assert lines_of("return_cancelled")[1] == "1 × Shirt"

    def test_who_cancels_their_own_return_needs_no_mail(self, order, run_jobs):
        returned = ask(order, ("SHIRT", 1))
        services.cancel_return(number=returned, order=order, at=clock.now())

        run_jobs()

        assert kinds() == ["return_requested"]

    def test_a_return_that_did_not_come_in_time_is_told_once(self, order, run_jobs):
        returned = bring(order, "expired")
        day = Return.objects.get().expires_at
        when = f"{day.day} {day:%B %Y}"
        services.expire_returns(at=day + timedelta(days=1))

        assert run_jobs().count("refunds.mail_expired") == 1

        found = Mail.objects.get(kind="return_expired")
        assert found.subject == f"Your return {returned} did not reach us"
        assert lines_of("return_expired") == [
            f"This from your order {order} was to be here by {when}, and has not come:",
            "2 × Shirt",
            KEEP_IT,
        ]

    def test_history_that_is_written_down_later_tells_nobody(self, order, run_jobs):
        with quietly():
            bring(order, "closed")

        run_jobs()

        assert kinds() == []

    def test_an_address_that_no_mail_can_have_keeps_no_return(self, order, run_jobs):
        Order.objects.filter(number=order).update(email="a@example.com, b@example.com")

        ask(order, ("SHIRT", 1))
        run_jobs()

        assert kinds() == []


class TestEvents:
    def test_a_return_tells_its_way(self, number):
        returned = ask(number, ("SHIRT", 3))
        approve(returned, ("SHIRT", 2))
        receive(returned, ("SHIRT", 1, AS_NEW, True), ("SHIRT", 1, DAMAGED, False))
        services.close_return(number=returned, at=clock.now())

        assert [kind for kind, *_ in happened()] == [
            "return.requested",
            "return.approved",
            "return.received",
            "return.closed",
        ]
        assert {one[1] for one in happened()} == {returned}
        assert [payload for *_, payload in happened()] == [
            {
                "order": number,
                "reason": "does_not_fit",
                "lines": [{"sku": "SHIRT", "quantity": 3}],
            },
            {"order": number, "lines": [{"sku": "SHIRT", "quantity": 2}]},
            {
                "order": number,
                "lines": [
                    {"sku": "SHIRT", "quantity": 1, "condition": "as_new", "restocked": True},
                    {"sku": "SHIRT", "quantity": 1, "condition": "damaged", "restocked": False},
                ],
            },
            {"order": number},
        ]

    @pytest.mark.parametrize("state", ["rejected", "cancelled", "expired"])
    def test_the_ways_that_bring_nothing_tell_it(self, number, state):
        bring(number, state)

        assert happened()[-1][0] == f"return.{state}"

    def test_what_changed_nothing_tells_nothing(self, number):
        returned = bring(number, "closed")
        before = happened()

        services.close_return(number=returned, at=clock.now())
        services.expire_returns(at=clock.now() + timedelta(days=400))

        assert happened() == before

    def test_no_event_names_a_person(self, number):
        ask(number, ("SHIRT", 1), note="Ada Obi, guest@example.com")

        told = json.dumps([payload for *_, payload in happened()])

        assert "Ada" not in told
        assert "guest@" not in told
