"""Logging in to the back office: the same checks and the same records as the API."""

import pytest
from django.test import Client

from audit.models import AuditEntry
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, make_customer

ERROR = "The e-mail or the password is wrong, or this is not an account for staff."


@pytest.fixture
def browser(db):
    return Client(REMOTE_ADDR="192.0.2.1")


def log_in(browser, email="admin@example.com", password=PASSWORD):
    return browser.post("/admin/login/?next=/admin/", {"username": email, "password": password})


def test_staff_get_in_and_it_is_written_down(browser, admin):
    page = log_in(browser, "Admin@Example.com")

    assert (page.status_code, page["Location"]) == (302, "/admin/")
    assert browser.get("/admin/").status_code == 200
    entry = AuditEntry.objects.get(event="logged_in")
    assert (entry.actor_email, entry.actor_role) == ("admin@example.com", "admin")
    assert (entry.source, entry.remote_addr) == ("admin", "192.0.2.1")


@pytest.mark.parametrize("who", ["unknown", "wrong password", "customer"])
def test_everybody_else_is_refused_alike_after_one_hash(browser, admin, who, hashes):
    make_customer()
    email, password = {
        "unknown": ("nobody@example.com", PASSWORD),
        "wrong password": ("admin@example.com", OTHER_PASSWORD),
        "customer": ("ada@example.com", PASSWORD),
    }[who]
    hashes.clear()

    page = log_in(browser, email, password)

    assert page.status_code == 200
    assert ERROR in page.content.decode()
    assert password not in page.content.decode()
    assert len(hashes) == 1
    entry = AuditEntry.objects.get(event="login_failed")
    assert (entry.outcome, entry.object_repr) == ("failed", email)
    assert not browser.session.get("_auth_user_id")


@pytest.mark.parametrize("password", ["", "x" * 1025, "a\x00b"])
def test_what_cannot_be_a_password_costs_no_hash(browser, admin, password, hashes):
    hashes.clear()

    page = log_in(browser, password=password)

    assert page.status_code == 200
    assert hashes == []


def test_logging_out_is_written_down(browser, admin):
    log_in(browser)

    browser.post("/admin/logout/")

    entry = AuditEntry.objects.get(event="logged_out")
    assert (entry.actor_email, entry.source) == ("admin@example.com", "admin")
