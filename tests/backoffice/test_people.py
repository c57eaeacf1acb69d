"""People's pages: who joins the staff, whose account is closed, what a customer ordered."""

import re

import pytest
from django.core import mail

from audit.models import AuditEntry
from mdv.accounts.models import ApiToken, User
from mdv.accounts.roles import Role
from mdv.accounts.services import add_address
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, fresh, make_staff
from tests.backoffice.pages import links_on
from tests.backoffice.shop import browser_of, nonce, place_order
from tests.backoffice.test_actions import errors, press, url_of
from tests.orders.ordering import LAGOS, customer

ADD = "/admin/accounts/user/add/"
BEN = {
    "email": "Ben@example.com",
    "name": "Ben Ade",
    "roles": ["support", "logistics"],
    "password": PASSWORD,
}


def add(browser, **changes):
    return browser.post(ADD, {"nonce": nonce(), **BEN, **changes})


def test_a_member_of_staff_is_added_and_chooses_a_password_by_a_mailed_link(admin, run_jobs):
    answer = add(admin)
    run_jobs()

    assert answer.status_code == 302
    ben = User.objects.get(email="ben@example.com")
    assert (ben.name, ben.role_label, ben.has_usable_password()) == (
        "Ben Ade",
        "logistics, support",
        False,
    )
    entry = AuditEntry.objects.get(event="staff_invited")
    assert (entry.object_pk, entry.actor_email) == (str(ben.pk), "admin@example.com")
    (letter,) = (letter for letter in mail.outbox if letter.to == ["ben@example.com"])
    path = re.search(r"http://localhost:\d+(/password-reset/\S+)", letter.body)[1]
    assert admin.post(path, {"password": OTHER_PASSWORD}).status_code == 200
    assert fresh(ben).check_password(OTHER_PASSWORD)
    assert not fresh(ben).must_change_password


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "wrong"}, {"password": ["This is not your password."]}),
        ({"roles": []}, {"roles": ["This field is required."]}),
        (
            {"roles": ["king"]},
            {"roles": ["Select a valid choice. king is not one of the available"]},
        ),
        ({"email": "ben"}, {"email": ["Enter a valid email address."]}),
        (
            {"email": "ADMIN@example.com"},
            {"__all__": ["Someone is already registered with this e-mail."]},
        ),
    ],
)
def test_nobody_joins_the_staff_by_a_form_that_is_wrong(admin, changes, told):
    answer = add(admin, **changes)

    assert answer.status_code in {400, 409}
    ((field, (sentence,)),) = told.items()
    assert errors(answer)[field][0].startswith(sentence)
    assert User.objects.count() == 1


def test_a_closed_account_has_ended_and_can_be_opened_again(admin):
    ada = customer().user
    staff = make_staff(Role.SUPPORT)
    theirs = browser_of(staff)

    closed = [press(admin, person, "close").status_code for person in (ada, staff)]

    assert closed == [302, 302]
    assert not fresh(ada).is_active
    assert not ApiToken.objects.filter(user=ada).exists()
    assert theirs.get("/admin/")["Location"].startswith("/admin/login/")
    entry = AuditEntry.objects.filter(event="account_closed").earliest("id")
    assert (entry.object_pk, entry.actor_email) == (str(ada.pk), "admin@example.com")

    assert press(admin, ada, "reopen").status_code == 302

    assert fresh(ada).is_active
    assert AuditEntry.objects.get(event="account_reopened").object_pk == str(ada.pk)


def test_the_last_admin_stays(admin):
    answer = press(admin, admin.user, "close")

    assert answer.status_code == 409
    assert fresh(admin.user).is_active


def test_a_person_offers_what_their_account_allows(admin):
    ada = customer().user

    def offered():
        page = admin.get(url_of(ada, "change"))
        return [button["label"] for button in page.context["object_actions"]]

    assert offered() == ["Send password link", "Change roles", "Close account"]

    press(admin, ada, "close")

    assert offered() == ["Change roles", "Open account again"]


def test_a_customers_page_has_their_orders_and_addresses(shop, admin):
    ada = customer("eve@example.com")
    orders = [place_order(caller=ada) for _ in range(3)]
    add_address(user=ada.user, fields={**LAGOS, "is_default": True})

    page = admin.get(url_of(ada.user, "change"))

    links = links_on(page).content
    assert [url for url in links if url.startswith("/admin/orders/")] == [
        url_of(order, "change") for order in reversed(orders)
    ]
    assert "1 Marina, Lagos, Lagos, NG" in page.content.decode()


def test_the_log_in_page_leads_to_a_page_that_answers_everybody_alike(admin, shop, run_jobs):
    visitor = browser_of()
    assert "/password-reset" in links_on(visitor.get("/admin/login/")).content

    known, unknown = (
        visitor.post("/password-reset", {"email": email})
        for email in ("Admin@example.com", "nobody@example.com")
    )
    run_jobs()

    assert known.status_code == unknown.status_code == 200
    assert known.content == unknown.content
    assert b"If there is an account with this address" in known.content
    sent = [letter.to for letter in mail.outbox if "new password" in letter.subject]
    assert sent == [["admin@example.com"]]


def test_what_is_no_address_is_told(db):
    answer = browser_of().post("/password-reset", {"email": "nobody"})

    assert answer.status_code == 400
    assert "Enter a valid email address." in answer.content.decode()
