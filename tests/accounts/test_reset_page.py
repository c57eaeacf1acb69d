"""The page that a mailed link leads to."""

import pytest
from django.test import Client
from django.utils.http import urlsafe_base64_encode

from mdv.accounts import letters
from mdv.accounts.roles import Role
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, fresh, make_staff


@pytest.fixture
def browser(db):
    return Client(REMOTE_ADDR="192.0.2.1", enforce_csrf_checks=True)


@pytest.fixture
def path(ada):
    return letters.reset_link(ada).removeprefix("http://localhost:8000")


def save(browser, path, password):
    browser.get(path)
    token = browser.cookies["csrftoken"].value
    return browser.post(path, {"password": password, "csrfmiddlewaretoken": token})


def test_it_sets_the_password(browser, path, ada, api):
    asked = browser.get(path)
    done = save(browser, path, OTHER_PASSWORD)

    assert asked.status_code == 200
    assert "Choose a new password" in asked.content.decode()
    assert (asked["Cache-Control"], asked["Referrer-Policy"]) == ("no-store", "same-origin")
    assert done.status_code == 200
    assert "Your password is set" in done.content.decode()
    assert api.log_in(password=OTHER_PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("password1", "This password is too common."),
        ("short-1", "A password has at least 8 characters."),
        ("", "This field is required."),
        ("x" * 1025, "at most 1024 characters"),
    ],
)
def test_it_says_what_is_wrong_with_a_password(browser, path, ada, password, said):
    page = save(browser, path, password)

    assert page.status_code == 400
    assert said in page.content.decode()
    assert fresh(ada).check_password(PASSWORD)


def test_staff_are_told_their_own_rule(browser):
    link = letters.reset_link(make_staff(Role.SUPPORT)).removeprefix("http://localhost:8000")

    page = save(browser, link, "heron-58-cu")

    assert "A password has at least 12 characters." in page.content.decode()


def test_an_old_link_is_said_to_be_old(browser, path, ada):
    save(browser, path, OTHER_PASSWORD)

    page = save(browser, path, "another-fine-one-77")

    assert page.status_code == 400
    assert "This link is not valid or no longer. Ask for a new one." in page.content.decode()
    assert fresh(ada).check_password(OTHER_PASSWORD)


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "-1", "x"])
def test_a_link_that_was_never_made_is_refused_like_an_old_one(browser, number):
    uid = urlsafe_base64_encode(number.encode())

    page = save(browser, f"/password-reset/{uid}/c0ffee-0123456789abcdef", OTHER_PASSWORD)

    assert page.status_code == 400
    assert "This link is not valid or no longer. Ask for a new one." in page.content.decode()


def test_another_site_cannot_send_the_form(browser, path, ada):
    page = browser.post(path, {"password": OTHER_PASSWORD})

    assert page.status_code == 403
    assert fresh(ada).check_password(PASSWORD)


@pytest.mark.real_limits
@pytest.mark.usefixtures("still_windows")
def test_it_is_limited(browser, path):
    pages = [save(browser, path, "short-1") for _ in range(31)]

    assert [page.status_code for page in pages] == [400] * 30 + [429]
