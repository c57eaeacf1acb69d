"""Getting back in by a mailed link: told to nobody else, kept nowhere, good once."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import AuditEntry
from mdv.accounts import letters
from mdv.accounts.models import User
from mdv.kernel import clock
from mdv.mail.models import Mail
from tests.accounts.people import (
    OTHER_PASSWORD,
    PASSWORD,
    deactivate,
    fresh,
    make_customer,
    make_guest,
)
from tests.accounts.test_log_in import tables_with

ANSWER = {"detail": "If there is an account with this address, a link is on its way."}


@pytest.fixture
def ask(api, run_jobs):
    """Ask for a link and return what stands in it, or None if no mail came."""

    def asked(email="ada@example.com"):
        run_jobs()
        mail.outbox.clear()
        answer = api.post("/auth/password/reset", {"email": email})
        assert (answer.status_code, answer.json()) == (202, ANSWER)
        run_jobs()
        return found_in(mail.outbox[0]) if mail.outbox else None

    return asked


def found_in(letter):
    link = re.search(r"http://localhost:8000/password-reset/(\S+)/(\S+)", letter.body)
    return {"uid": link[1], "token": link[2]}


def confirm(api, link, password=OTHER_PASSWORD):
    return api.post("/auth/password/reset/confirm", {**link, "password": password})


def test_the_link_sets_a_password_and_ends_every_log_in(ask, ada, api, as_ada):
    link = ask("ADA@example.com")

    answer = confirm(api, link)

    assert (answer.status_code, answer.content) == (204, b"")
    assert as_ada.get("/auth/me").status_code == 401
    assert api.log_in(password=PASSWORD).status_code == 401
    assert api.log_in(password=OTHER_PASSWORD).status_code == 200
    entry = AuditEntry.objects.get(event="password_reset")
    assert (entry.object_pk, entry.remote_addr) == (str(ada.pk), "192.0.2.1")


def test_a_guest_gets_a_password_by_the_link(ask, api):
    make_guest()

    confirm(api, ask())

    assert api.log_in(password=OTHER_PASSWORD).status_code == 200


@pytest.mark.parametrize("who", ["unknown", "inactive", "customer"])
def test_asking_is_answered_alike_after_the_same_work(api, who, hashes, run_jobs):
    if who != "unknown":
        user = make_customer()
        if who == "inactive":
            deactivate(user)
    run_jobs()
    hashes.clear()
    mail.outbox.clear()

    answer = api.post("/auth/password/reset", {"email": "ada@example.com"})

    job = ProcrastinateJob.objects.latest("id")
    assert (answer.status_code, answer.json()) == (202, ANSWER)
    assert answer["X-RateLimit-Remaining"] == "99999"
    assert hashes == []
    assert (job.task_name, job.status) == ("accounts.answer_reset_request", "todo")
    assert set(job.args["arguments"]) == {"user_id"}
    assert mail.outbox == []


@pytest.mark.parametrize("who", ["unknown", "inactive"])
def test_nobody_who_could_not_log_in_is_written_to(ask, who):
    if who == "inactive":
        deactivate(make_customer())

    assert ask() is None
    assert not Mail.objects.filter(kind="password_reset").exists()


def test_the_link_is_kept_nowhere_not_even_until_it_is_sent(api, ada, run_jobs):
    api.post("/auth/password/reset", {"email": "ada@example.com"})
    run_jobs()
    link = found_in(mail.outbox[-1])

    entered = Mail.objects.get(kind="password_reset")
    assert (entered.state, entered.text, entered.html) == ("sent", "", "")
    assert tables_with(link["token"]) == []


def test_the_link_works_once(ask, ada, api):
    link = ask()
    confirm(api, link)

    again = confirm(api, link, "another-fine-one-77")

    assert (again.status_code, again.json()["code"]) == (400, "invalid_reset_link")
    assert api.log_in(password=OTHER_PASSWORD).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(59, 204), (61, 400)])
def test_the_link_works_for_an_hour(ask, ada, api, minutes, status):
    link = ask()

    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        answer = confirm(api, link)

    assert answer.status_code == status


def test_logging_in_makes_older_links_useless(ask, ada, api):
    link = ask()
    api.log_in()

    assert confirm(api, link).json()["code"] == "invalid_reset_link"


def test_the_link_of_somebody_deactivated_is_useless(ask, ada, api):
    link = ask()
    deactivate(ada)

    answer = confirm(api, link)

    assert answer.json()["code"] == "invalid_reset_link"
    assert fresh(ada).check_password(PASSWORD)


def test_a_password_that_cannot_be_used_leaves_the_link_good(ask, ada, api):
    link = ask()

    refused = confirm(api, link, "password1")

    assert refused.status_code == 400
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [
        ("password", "password_too_common")
    ]
    assert fresh(ada).check_password(PASSWORD)
    assert confirm(api, link).status_code == 204


@pytest.mark.parametrize(
    "junk",
    [
        {"uid": "MQ", "token": "x"},
        {"uid": "MQ", "token": "aaaaaaaaaaaaaaaaaa-bbbbbbbb"},
        {"uid": "!!!!", "token": "c0ffee-0123456789abcdef"},
        {"uid": "w6k", "token": "c0ffee-0123456789abcdef"},
        {"uid": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "token": "c0ffee-0123456789abcdef"},
        {"uid": "é", "token": "é-é"},
    ],
)
def test_junk_instead_of_a_link_is_a_400(api, ada, junk):
    answer = confirm(api, junk)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_reset_link")


def test_nobodys_mailbox_is_filled_with_links(ask, ada):
    links = [ask() for _ in range(7)]

    assert [link is not None for link in links] == [True] * 5 + [False] * 2


def test_a_link_is_not_sent_to_an_address_that_is_no_longer_the_persons(api, ada):
    entered = letters.enter_reset_link(ada)
    User.objects.filter(pk=ada.pk).update(email="moved@example.com")

    letters.send_link(mail_id=entered.pk)

    entered.refresh_from_db()
    assert (entered.state, entered.error) == ("failed", "The account has changed since.")
    assert mail.outbox == []
