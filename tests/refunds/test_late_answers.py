"""What a provider says too late, of an older attempt, or of another refund changes nothing."""

import importlib
from dataclasses import dataclass

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from mdv.kernel.errors import Forbidden, Invalid
from refunds import services
from refunds.services.settle_refund import FactDoesNotFit
from shop.payments.gateways.base import GatewayRefused, GatewayUnavailable
from tests.refunds.refunding import (
    CANCEL,
    FAILED,
    NONE,
    PENDING,
    SUCCEEDED,
    FakeGateway,
    apply,
    everything,
    execute,
    money,
    now,
    person,
    request,
    told_of,
    wish,
)

ONE_SHIRT = wish(("SHIRT", 1, CANCEL))


def settle(refund, fact):
    return services.settle_refund(number=refund.number, fact=fact, at=clock.now())


def retry(refund, by):
    version = now(refund).version
    return services.retry_refund(number=refund.number, version=version, user_id=by, at=clock.now())


@dataclass
class SlowGateway(FakeGateway):
    """A provider whose first answer comes after something else has happened."""

    meanwhile: object = None
    late_answer: object = None

    def refund(self, wanted):
        if self.meanwhile is None:
            return super().refund(wanted)
        happens, self.meanwhile = self.meanwhile, None
        happens()
        raise self.late_answer


@pytest.fixture
def slow(monkeypatch):
    fake = SlowGateway()
    module = importlib.import_module("refunds.services.execute_refund")
    monkeypatch.setattr(module, "gateway_of", lambda _: fake)
    return fake


LATE_ANSWERS = [GatewayRefused("Insufficient balance"), GatewayUnavailable()]


class TestWhileTheProviderIsAsked:
    @pytest.mark.parametrize("late_answer", LATE_ANSWERS, ids=["refusal", "silence"])
    def test_what_was_told_meanwhile_stands(self, order, payment, admin, slow, late_answer):
        (refund,) = request(order, ONE_SHIRT, by=admin)
        slow.late_answer = late_answer
        slow.meanwhile = lambda: settle(refund, told_of(refund))

        assert execute(refund).state == "succeeded"

        assert money(payment) == (8000, 1500, 1500)

    def test_a_refusal_of_the_attempt_before_is_not_one_of_the_next(
        self, order, payment, admin, slow
    ):
        (refund,) = request(order, ONE_SHIRT, by=admin)

        def fail_and_try_again():
            settle(refund, told_of(refund, FAILED))
            retry(refund, admin)
            slow.answers = ["unreachable"]
            execute(refund)

        slow.late_answer, slow.meanwhile = (
            GatewayRefused("Insufficient balance"),
            fail_and_try_again,
        )

        assert (execute(refund).state, now(refund).attempt) == ("unknown", 2)

        assert money(payment) == (8000, 1500, 0)

    def test_silence_on_the_attempt_before_is_none_on_the_next(self, order, admin, slow):
        (refund,) = request(order, ONE_SHIRT, by=admin)

        def fail_and_try_again():
            settle(refund, told_of(refund, FAILED))
            retry(refund, admin)
            slow.answers = [PENDING]
            execute(refund)

        slow.late_answer, slow.meanwhile = GatewayUnavailable(), fail_and_try_again

        assert (execute(refund).state, now(refund).attempt) == ("processing", 2)


class TestFacts:
    def test_of_an_attempt_that_failed_they_do_not_settle_the_next(
        self, order, payment, admin, gateway
    ):
        gateway.answers = ["refused"]
        failed = execute(request(order, ONE_SHIRT, by=admin)[0])
        late = told_of(failed)
        retry(failed, admin)
        before = everything()

        with pytest.raises(FactDoesNotFit):
            settle(failed, late)

        assert everything() == before

    def test_under_another_number_they_are_of_another_refund(self, order, admin, gateway):
        gateway.answers = [PENDING]
        waiting = execute(request(order, ONE_SHIRT, by=admin)[0])
        before = everything()

        with pytest.raises(FactDoesNotFit):
            settle(waiting, told_of(waiting, provider_id="re_other"))

        assert everything() == before

    def test_that_it_waits_is_no_news_once_it_has_gone(self, order, admin, gateway):
        done = execute(request(order, ONE_SHIRT, by=admin)[0])
        before = everything()

        assert settle(done, told_of(done, PENDING)).state == "succeeded"

        assert everything() == before

    def test_the_providers_number_goes_with_the_money(self, order, payment, admin, gateway):
        gateway.answers = [PENDING]
        refund = execute(request(order, ONE_SHIRT, by=admin)[0])
        failed = settle(refund, told_of(refund, FAILED))
        execute(request(order, ONE_SHIRT, by=admin)[0])

        told = apply(told_of(failed, SUCCEEDED), payment)

        assert (told.outcome, told.refund.source) == ("applied", "external")
        assert told.refund.provider_id == failed.provider_id != ""
        assert (now(failed).provider_id, now(failed).version) == ("", failed.version + 1)


class TestByHand:
    @pytest.fixture
    def approved(self, number, admin):
        (refund,) = request(number, wish(("SHIRT", 1, NONE)), by=admin)
        return refund

    def record(self, refund, by, reference="TRF-7"):
        services.record_manual_refund(
            number=refund.number, bank_reference=reference, user_id=by, at=clock.now()
        )

    def test_only_who_gives_money_back_says_that_it_has_gone(self, approved):
        logistics = person(Role.LOGISTICS)
        before = everything()

        with pytest.raises(Forbidden):
            self.record(approved, logistics)

        assert everything() == before

    @pytest.mark.parametrize("reference", ["", " \u200b", "T" * 101], ids=["none", "blank", "long"])
    def test_the_banks_reference_can_be_read(self, approved, admin, reference):
        before = everything()

        with pytest.raises(Invalid):
            self.record(approved, admin, reference)

        assert everything() == before
