"""One's own name and phone."""

import pytest

from audit.models import AuditEntry
from tests.accounts.people import fresh


def test_one_can_change_ones_name_and_phone(as_ada, ada):
    answer = as_ada.patch("/auth/me", {"name": "Ada Obi", "phone": "+234 801 234 5678"})

    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["phone"]) == ("Ada Obi", "+234 801 234 5678")
    entry = AuditEntry.objects.get(event="changed", object_pk=str(ada.pk))
    assert entry.changes == {"name": ["Ada", "Ada Obi"], "phone": ["", "+234 801 234 5678"]}
    assert entry.actor_id == ada.pk


def test_what_is_not_sent_stays(as_ada):
    as_ada.patch("/auth/me", {"phone": "0801 234 5678"})

    answer = as_ada.patch("/auth/me", {"phone": ""})

    assert (answer.json()["name"], answer.json()["phone"]) == ("Ada", "")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"email": "new@example.com"}, "email", "unknown_field"),
        ({"roles": ["admin"]}, "roles", "unknown_field"),
        ({"is_active": False}, "is_active", "unknown_field"),
        ({"must_change_password": False}, "must_change_password", "unknown_field"),
        ({"name": ""}, "name", "blank"),
        ({"name": 7}, "name", "invalid"),
        ({"name": "x" * 151}, "name", "max_length"),
        ({"phone": "call me"}, "phone", "phone"),
    ],
)
def test_nothing_else_can_be_changed(as_ada, ada, body, field, code):
    answer = as_ada.patch("/auth/me", {"phone": "0801 234 5678", **body})

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    unchanged = fresh(ada)
    assert (unchanged.email, unchanged.name, unchanged.phone) == ("ada@example.com", "Ada", "")
    assert unchanged.roles == frozenset()
