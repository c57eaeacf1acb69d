"""What no entry of a compensation may be, whoever writes it."""

import pytest

from mdv.kernel import clock
from mdv.ops.models import Compensation
from tests.fulfilment.test_books import refused


def write(**changes):
    facts = {
        "number": "BC-1",
        "invariant": 1,
        "about": "order",
        "object_id": 1,
        "what": "M-1",
        "found": ["total 1"],
        "changes": [{"total": ["1", "2"]}],
        "reason": "Edited past the shop",
        "actor_id": 1,
        "actor_label": "admin@example.com",
        "made_at": clock.now(),
    }
    return Compensation.objects.create(**{**facts, **changes})


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"reason": ""}, "compensation_says_why"),
        ({"found": []}, "compensation_says_what_was_found_and_done"),
        ({"changes": []}, "compensation_says_what_was_found_and_done"),
        ({}, "ops_compensation_number_key"),
    ],
)
def test_it_says_what_was_found_what_was_done_and_why(db, changes, name):
    if not changes:
        write()

    with refused(name):
        write(**changes)


def test_it_stands_for_good(db):
    written = write()

    with refused("ops_compensation_is_append_only"):
        Compensation.objects.update(reason="other")
    with refused("ops_compensation_is_append_only"):
        written.delete()
