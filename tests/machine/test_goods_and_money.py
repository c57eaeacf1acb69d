"""A shop driven at random: whatever is done and refused in whatever order, its books are right.

In CI the same steps are taken every time. `make drill` takes many others, by a seed that it prints:
the same seed takes the same steps again.
"""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as exploration
from hypothesis.stateful import run_state_machine_as_test

from mdv.accounts.models import User
from tests.machine import shop
from tests.machine.buying import Buying
from tests.machine.returning import Returning
from tests.machine.shipping import Shipping
from tests.machine.steps import DONE, Steps
from tests.machine.stocking import Stocking
from tests.payments.notices import SECRET

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STEPS = int(os.environ.get("MACHINE_STEPS", "500"))
MOST_STEPS_IN_A_SHOP = 100
# Hypothesis ends some of them sooner.
SURE_STEPS_IN_A_SHOP = 70
# Without a seed the steps are the same each time.
SEED = int(os.environ.get("MACHINE_SEED", "0"))
EXPLORATION = exploration(
    max_examples=-(-STEPS // SURE_STEPS_IN_A_SHOP),
    stateful_step_count=MOST_STEPS_IN_A_SHOP + 1,  # opening the shop is one, too
    deadline=None,
    database=None,
    derandomize=not SEED,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


class Shop(Buying, Shipping, Returning, Stocking):
    """All that may happen in a shop."""


def test_the_books_are_right_after_every_step(transactional_db, settings, monkeypatch):
    settings.PAYSTACK_SECRET_KEY = SECRET
    monkeypatch.setattr(Steps, "foretold", Counter())
    monkeypatch.setattr(Steps, "tables", shop.tables())
    clerk = User.objects.create(email="clerk@example.com", password="!")
    monkeypatch.setattr(Steps, "clerk_id", clerk.pk)

    run_state_machine_as_test(seed(SEED)(Shop) if SEED else Shop, settings=EXPLORATION)

    taken, done = Steps.foretold.total(), Steps.foretold[DONE]
    print(f"\n{taken} steps, {done} done, seed {SEED or 'none'}")  # noqa: T201 (of the drill)
    assert taken >= STEPS
    assert done > taken // 3, "it is mostly refused, and so tries little"
