"""Changing a password: what it takes and what it ends."""

import pytest
from django.core import mail
from django.test import Client

from audit.models import AuditEntry
from mdv.accounts import services
from mdv.accounts.roles import Role
from tests.accounts.conftest import Api
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, fresh, make_customer, make_staff

CHANGE = {"current": PASSWORD, "new": OTHER_PASSWORD}


def test_the_new_password_logs_in_and_the_old_one_does_not(as_ada):
    answer = as_ada.post("/auth/password", CHANGE)

    assert (answer.status_code, answer.content) == (204, b"")
    assert as_ada.log_in(password=PASSWORD).status_code == 401
    assert as_ada.log_in(password=OTHER_PASSWORD).status_code == 200


def test_every_other_log_in_ends_at_once_and_this_one_stays(as_ada, as_bob, elsewhere):
    other = elsewhere()
    other.log_in()

    as_ada.post("/auth/password", CHANGE)

    assert [who.get("/auth/me").status_code for who in (as_ada, other, as_bob)] == [200, 401, 200]


def test_a_session_in_the_back_office_ends_too(api):
    make_staff(Role.SUPPORT)
    browser = Client()
    browser.post("/admin/login/", {"username": "support@example.com", "password": PASSWORD})
    assert browser.get("/admin/").status_code == 200
    api.log_in("support@example.com")

    api.post("/auth/password", CHANGE)

    assert browser.get("/admin/").status_code == 302


def test_it_is_written_to_the_trail_and_told_by_mail(as_ada, ada, run_jobs):
    run_jobs()
    mail.outbox.clear()

    as_ada.post("/auth/password", CHANGE, **{"X-Request-ID": "req-00000002"})
    run_jobs()

    entry = AuditEntry.objects.get(event="password_changed")
    assert (entry.actor_id, entry.object_pk, entry.cid) == (ada.pk, str(ada.pk), "req-00000002")
    column = AuditEntry.objects.get(event="changed", object_pk=str(ada.pk), cid="req-00000002")
    assert column.changes["password"] == ["***", "***"]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (
        ["ada@example.com"],
        "Your password at Maison was changed",
    )


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({**CHANGE, "current": "wrong"}, "current", "wrong_password"),
        ({**CHANGE, "new": PASSWORD}, "new", "password_unchanged"),
        ({**CHANGE, "new": "short-1"}, "new", "password_too_short"),
        ({**CHANGE, "new": "password1"}, "new", "password_too_common"),
        ({"new": OTHER_PASSWORD}, "current", "required"),
        ({**CHANGE, "email": "x@example.com"}, "email", "unknown_field"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(as_ada, ada, body, field, code):
    other = Api()
    other.log_in()

    answer = as_ada.post("/auth/password", body)

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert fresh(ada).check_password(PASSWORD)
    assert other.get("/auth/me").status_code == 200


def test_a_wrong_current_password_is_written_to_the_trail(as_ada, ada):
    as_ada.post("/auth/password", {**CHANGE, "current": "wrong"})

    entry = AuditEntry.objects.get(event="password_change_failed")
    assert (entry.outcome, entry.actor_id) == ("failed", ada.pk)


def test_staff_need_twelve_characters(api):
    make_staff(Role.SUPPORT)
    api.log_in("support@example.com")

    answer = api.post("/auth/password", {"current": PASSWORD, "new": "heron-58-cu"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "field": "new",
            "code": "password_too_short",
            "message": "A password has at least 12 characters.",
        }
    ]


@pytest.fixture
def joined(db, api):
    """Somebody who was just made staff, logged in, with the password of a customer."""
    user = make_customer("joined@example.com")
    services.set_roles(user=user, roles={Role.SUPPORT})
    api.log_in("joined@example.com")
    return api


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/auth/tokens"),
        ("GET", "/auth/addresses"),
        ("POST", "/auth/addresses"),
        ("DELETE", "/auth/tokens/00000000-0000-0000-0000-000000000000"),
    ],
)
def test_until_a_required_change_nothing_else_is_open(joined, method, path):
    answer = joined(method, path)

    assert answer.status_code == 403
    assert answer.json()["code"] == "password_change_required"


def test_until_a_required_change_one_can_look_at_oneself_and_log_out(joined):
    assert joined.get("/auth/me").json()["must_change_password"] is True
    assert joined.post("/auth/logout").status_code == 204


def test_a_required_change_opens_everything(joined):
    answer = joined.post("/auth/password", CHANGE)

    assert answer.status_code == 204
    assert joined.get("/auth/me").json()["must_change_password"] is False
    assert joined.get("/auth/tokens").status_code == 200
