"""Being logged in to the back office: for how long, and with a password of one's own."""

from datetime import timedelta

import pytest
import time_machine

from audit.models import AuditEntry
from mdv.accounts.models import ApiToken, User
from mdv.accounts.roles import Role
from mdv.kernel import clock
from tests.accounts.people import OTHER_PASSWORD, PASSWORD
from tests.backoffice.shop import browser_of

CHANGE = "/admin/password_change/"


@pytest.fixture
def newcomer(db):
    """Somebody on the staff who was given a password."""
    browser = browser_of(role=Role.OPERATIONS)
    User.objects.filter(pk=browser.user.pk).update(must_change_password=True)
    return browser


def change(browser, current=PASSWORD, new=OTHER_PASSWORD, again=None):
    form = {"current": current, "new": new, "again": again or new}
    return browser.post(CHANGE, form)


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (62, 302)])
def test_a_session_that_is_not_used_ends_after_an_hour(operations, minutes, status):
    start = clock.now()
    operations.get("/admin/")

    with time_machine.travel(start + timedelta(minutes=minutes)):
        assert operations.get("/admin/").status_code == status


def test_a_session_that_is_used_ends_after_half_a_day(operations):
    start = clock.now()
    for half_hours in range(24):
        with time_machine.travel(start + timedelta(minutes=30 * half_hours)):
            assert operations.get("/admin/").status_code == 200

    with time_machine.travel(start + timedelta(hours=12, minutes=5)):
        assert operations.get("/admin/").status_code == 302
    assert AuditEntry.objects.get(event="logged_out").reason == "the session had ended"


def test_whoever_was_given_a_password_is_led_to_choose_one(newcomer):
    for path in ("/admin/", "/admin/orders/order/", "/admin/search/?s=abc"):
        answer = newcomer.get(path)
        assert (answer.status_code, answer["Location"]) == (302, CHANGE)

    assert newcomer.get(CHANGE).status_code == 200


def test_a_password_is_changed_by_its_service_and_one_stays_logged_in_here_alone(newcomer):
    elsewhere = browser_of(newcomer.user)
    ApiToken.objects.create(newcomer.user)

    answer = change(newcomer)

    user = User.objects.get(pk=newcomer.user.pk)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert user.check_password(OTHER_PASSWORD)
    assert not user.must_change_password
    assert newcomer.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    assert not ApiToken.objects.filter(user=user).exists()
    assert AuditEntry.objects.get(event="password_changed").actor_email == user.email


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"current": OTHER_PASSWORD}, "current"),
        ({"new": "short"}, "new"),
        ({"new": PASSWORD}, "new"),
        ({"again": "something else"}, "again"),
        ({"new": "a\x00b" * 8}, "new"),
    ],
)
def test_a_password_that_cannot_be_is_told_at_its_field(newcomer, typed, field):
    answer = change(newcomer, **typed)

    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert User.objects.get(pk=newcomer.user.pk).check_password(PASSWORD)
