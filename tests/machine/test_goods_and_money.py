"""A shop driven at random: whatever is done and refused in whatever order, its books are right.

In CI the same steps are taken every time: they have to do nearly every move and meet nearly every
refusal, which direct tests meet each. `make test-long` takes many others, by a seed that it prints,
and leaves nothing out; the same seed takes the same steps again.
"""

import importlib
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as exploration
from hypothesis.stateful import run_state_machine_as_test

from mdv.accounts.roles import Role
from tests.machine import refunding, returning, shipping, shop
from tests.machine.buying import Buying
from tests.machine.money import LIMITS
from tests.machine.paying_back import PayingBack
from tests.machine.returning import Returning
from tests.machine.shipping import Shipping
from tests.machine.steps import DONE, KEPT_EVERY, UNCHANGED, Steps
from tests.machine.stocking import Stocking
from tests.payments.notices import SECRET
from tests.refunds.refunding import person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STEPS_IN_CI = 2000
SEED_IN_CI = 51
# What steps at random leave out changes with every new rule: of fewer steps this share is asked.
NEARLY_ALL = 0.9
STEPS_THAT_MEET_ALL = 10_000
STEPS = int(os.environ.get("MACHINE_STEPS", STEPS_IN_CI))
SEED = int(os.environ.get("MACHINE_SEED", SEED_IN_CI))
MOST_STEPS_IN_A_SHOP = 100
# Hypothesis ends some of them sooner.
SURE_STEPS_IN_A_SHOP = 70
EXPLORATION = exploration(
    max_examples=-(-STEPS // SURE_STEPS_IN_A_SHOP),
    stateful_step_count=MOST_STEPS_IN_A_SHOP + 1,  # opening the shop is one, too
    deadline=None,
    database=None,
    derandomize=False,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
MOVES = {
    *("place", "pay_by_hand", "start_payment", "tell_of_payment", "tell_of_late_payment"),
    *("confirm", "cancel", "reopen", "note", "accept_missing"),
    *("let_time_pass", "let_order_expire", "let_return_expire"),
    *("pack", "pack_otherwise", *(f"parcel {step}" for step in shipping.STEPS)),
    *("ask_for_return", *(f"return {step}" for step in returning.STEPS)),
    *("ask_for_refund", *(f"refund {step}" for step in refunding.STEPS)),
    *("ask_provider", "hear_of_refund", "retry_refund", "transfer", "take_back"),
    *("receive_goods", "correct_level", "count", "apply_count"),
}
REFUSALS = {
    *("invalid", "invalid_transition"),
    *("payment_method_not_offered", "empty_order", "unknown_sku", "coupon_exhausted"),
    *("price_changed", "out_of_stock"),
    *("order_is_cancelled", "payment_reference_is_used_once", "more_than_due", "nothing_to_pay"),
    *("not_paid_on_delivery", "already_shipped", "order_has_payments", "already_confirmed"),
    *("not_reopened", "below_reserved"),
    *("not_to_be_packed", "nothing_to_pack", "more_than_is_open", "lines_are_fixed"),
    *("no_more_is_packed_than_is_open", "already_dispatched"),
    *("more_than_was_delivered", "return_window_is_over", "already_approved"),
    "return_has_changed",
    *("exceeds_refundable", "plan_has_changed", "refund_without_return", "goodwill_not_allowed"),
    *("forbidden", "self_approval", "refund_has_changed", "above_refund_limit"),
    *("refund_not_by_hand", "bank_reference_used"),
    *("money_is_missing", "missing_has_changed", "nothing_is_missing"),
}


class Shop(Buying, Shipping, Returning, PayingBack, Stocking):
    """All that may happen in a shop."""


def test_the_books_are_right_after_every_step(transactional_db, settings, monkeypatch):
    settings.PAYSTACK_SECRET_KEY = SECRET
    monkeypatch.setattr(Steps, "foretold", Counter())
    monkeypatch.setattr(Steps, "kept_of_all", 0)
    monkeypatch.setattr(Steps, "tables", shop.tables())
    monkeypatch.setattr(Steps, "people", {role: person(Role(role)) for role in LIMITS})
    # The package's name of it is the function.
    module = importlib.import_module("refunds.services.execute_refund")
    monkeypatch.setattr(module, "gateway_of", lambda _: Steps.gateway)

    run_state_machine_as_test(seed(SEED)(Shop), settings=EXPLORATION)

    taken = Steps.foretold.total()
    done = {name: n for (name, foretold), n in Steps.foretold.items() if foretold == DONE}
    met = {foretold for _, foretold in Steps.foretold} - {DONE, UNCHANGED}
    print(f"\n{taken} steps, {sum(done.values())} done, seed {SEED}")  # noqa: T201 (of the run)
    assert taken >= STEPS
    assert Steps.kept_of_all >= taken // (2 * KEPT_EVERY), "the past was hardly looked at"
    assert sum(done.values()) > taken // 3, "it is mostly refused, and so tries little"
    assert done.keys() <= MOVES
    assert met <= REFUSALS
    if STEPS >= STEPS_IN_CI:
        share = 1 if STEPS >= STEPS_THAT_MEET_ALL else NEARLY_ALL
        assert len(done) >= share * len(MOVES), f"not done: {MOVES - done.keys()}"
        assert len(met) >= share * len(REFUSALS), f"not met: {REFUSALS - met}"
