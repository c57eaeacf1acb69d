"""Refunds as staff find them, and what is done with those that failed."""

import pytest

from refunds.models import Refund
from tests.refunds.api.calling import SHIPPING, outcome, refunded, step


class TestAfterAFailure:
    @pytest.fixture
    def failed(self, order, operations, gateway):
        gateway.answers = ["refused"]
        (refund,) = refunded(operations, order, SHIPPING)
        return refund

    def test_another_try_has_another_key(self, failed, operations, gateway):
        answer = step(operations, failed, "retry", {"version": failed["version"]})

        assert (answer.json()["state"], answer.json()["attempt"]) == ("succeeded", 2)
        pk = Refund.objects.get().pk
        assert gateway.asked == [f"rf-{pk}-1", f"rf-{pk}-2"]

    def test_or_it_is_paid_by_hand_with_the_banks_reference(self, failed, operations, gateway):
        body = {"version": failed["version"], "method": "manual"}
        by_hand = step(operations, failed, "retry", body).json()
        assert (by_hand["state"], by_hand["method"]) == ("approved", "manual")

        answer = step(operations, by_hand, "transferred", {"bank_reference": "TRF-77"})

        assert (answer.json()["state"], answer.json()["bank_reference"]) == ("succeeded", "TRF-77")
        assert len(gateway.asked) == 1

    def test_what_the_provider_does_is_not_booked_by_hand(self, failed, operations):
        answer = step(operations, failed, "transferred", {"bank_reference": "TRF-77"})

        assert outcome(answer) == "409 refund_not_by_hand"

    def test_one_transfer_is_booked_once(self, order, operations):
        body = {**SHIPPING, "method": "manual"}
        first, second = (refunded(operations, order, body)[0] for _ in range(2))
        step(operations, first, "transferred", {"bank_reference": "TRF-77"})

        answer = step(operations, second, "transferred", {"bank_reference": "trf-77"})

        assert outcome(answer) == "409 bank_reference_used"


class TestLists:
    @pytest.fixture
    def four(self, order, operations, asked, gateway):
        """One to approve, one in limbo, one that failed, one to be moved at the bank."""
        gateway.answers = ["lost", "refused"]
        limbo, refused = (refunded(operations, order, SHIPPING)[0] for _ in range(2))
        by_hand = refunded(operations, order, {**SHIPPING, "method": "manual"})[0]
        found = {"to_approve": asked, "in_limbo": limbo, "failed": refused, "to_transfer": by_hand}
        return {name: refund["number"] for name, refund in found.items()}

    def listed(self, caller, query=""):
        answer = caller.get(f"/staff/refunds{query}")
        assert answer.status_code == 200, answer.content
        return [refund["number"] for refund in answer.json()["results"]]

    def test_the_newest_come_first(self, four, operations):
        expected = [four[name] for name in ("to_transfer", "failed", "in_limbo", "to_approve")]

        assert self.listed(operations) == expected

    @pytest.mark.parametrize("worklist", ["to_approve", "in_limbo", "failed", "to_transfer"])
    def test_worklists_say_what_waits_for_somebody(self, four, operations, worklist):
        assert self.listed(operations, f"?worklist={worklist}") == [four[worklist]]

    def test_filters_narrow_it(self, four, order, operations):
        for query, names in (
            ("?state=unknown", ["in_limbo"]),
            ("?method=manual", ["to_transfer"]),
            ("?source=return", []),
            (f"?order={order}", ["to_transfer", "failed", "in_limbo"]),
            (f"?search={four['failed'][3:9].lower()}", ["failed"]),
            ("?reason=other", ["to_approve"]),
        ):
            assert self.listed(operations, query) == [four[name] for name in names], query

    @pytest.mark.parametrize(
        "query", ["?state=gone", "?worklist=mine", "?search=ab", "?sort=1", "?cursor=x"]
    )
    def test_junk_is_refused(self, four, operations, query):
        assert operations.get(f"/staff/refunds{query}").status_code == 400

    def test_pages_follow_each_other(self, four, operations):
        first = operations.get("/staff/refunds?page_size=3").json()
        rest = operations.client.get(first["next"], headers=operations.headers).json()

        numbers = [refund["number"] for refund in (*first["results"], *rest["results"])]
        assert sorted(numbers) == sorted(four.values())
        assert rest["next"] is None

    def test_a_longer_list_takes_no_more_statements(
        self, four, order, operations, gateway, django_assert_max_num_queries
    ):
        def cost():
            with django_assert_max_num_queries(12) as counted:
                operations.get("/staff/refunds")
            return len(counted)

        few = cost()
        gateway.answers = []
        for _ in range(3):
            refunded(operations, order, {**SHIPPING, "shipping": "10.00"})

        assert cost() == few

    def test_what_is_not_there_is_not_found(self, operations):
        assert outcome(operations.get("/staff/refunds/RF-NONE")) == "404 not_found"
