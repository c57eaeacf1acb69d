"""Registering: one answer for everybody, and a mail that says the rest."""

import threading

import pytest
from django.core import mail
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import AuditEntry
from mdv.accounts.models import User
from tests.accounts.conftest import Api
from tests.accounts.people import (
    OTHER_PASSWORD,
    PASSWORD,
    deactivate,
    make_customer,
    make_guest,
    make_staff,
)

ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Obi"}
ANSWER = {"detail": "If this address is yours, you have mail. You can log in."}


def test_somebody_new_can_log_in_at_once_and_is_welcomed_by_mail(api, run_jobs):
    answer = api.post("/auth/register", ADA)
    run_jobs()

    assert (answer.status_code, answer.json()) == (201, ANSWER)
    assert api.log_in().status_code == 200
    assert api.get("/auth/me").json()["name"] == "Ada Obi"
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["ada@example.com"], "Your account at Maison")


def test_an_address_is_kept_in_lower_case(api):
    api.post("/auth/register", {**ADA, "email": " Ada@Example.COM "})

    assert User.objects.get().email == "ada@example.com"


@pytest.mark.parametrize("who", ["customer", "guest", "staff", "inactive"])
def test_somebody_known_gets_the_same_answer_after_the_same_work(api, who, hashes):
    make_somebody(who)
    hashes.clear()

    as_new = api.post("/auth/register", {**ADA, "email": "new@example.com"})
    hashes_for_new = hashes.copy()
    as_known = api.post("/auth/register", ADA)

    assert (as_known.status_code, as_known.content) == (as_new.status_code, as_new.content)
    assert as_known.headers.keys() == as_new.headers.keys()
    assert hashes_for_new == ["encode"]
    assert hashes == ["encode", "encode"]
    jobs = ProcrastinateJob.objects.order_by("-id").values_list("task_name", flat=True)[:2]
    assert list(jobs) == ["accounts.answer_registration"] * 2


def make_somebody(who):
    if who == "guest":
        return make_guest()
    if who == "staff":
        return make_staff(email="ada@example.com")
    user = make_customer()
    if who == "inactive":
        deactivate(user)
    return user


def test_an_account_is_not_touched_by_registering_again(api, run_jobs):
    known = make_customer(name="Ada")
    run_jobs()
    mail.outbox.clear()

    api.post("/auth/register", {**ADA, "password": OTHER_PASSWORD, "name": "Mallory"})
    run_jobs()

    unchanged = User.objects.get()
    assert (unchanged.name, unchanged.password) == ("Ada", known.password)
    assert api.log_in(password=OTHER_PASSWORD).status_code == 401
    assert api.log_in(password=PASSWORD).status_code == 200
    (letter,) = mail.outbox
    assert letter.subject == "You have an account at Maison already"
    assert "Mallory" not in letter.body
    assert AuditEntry.objects.get(event="registered_again").object_pk == str(known.pk)


def test_a_guest_without_a_password_is_not_taken_over_but_mailed_a_link(api, run_jobs):
    make_guest()

    api.post("/auth/register", ADA)
    run_jobs()

    assert api.log_in().status_code == 401
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["ada@example.com"], "Set a new password at Maison")
    assert "/password-reset/" in letter.body


def test_somebody_inactive_is_not_written_to(api, run_jobs):
    user = make_customer()
    run_jobs()
    deactivate(user)
    mail.outbox.clear()

    api.post("/auth/register", ADA)
    run_jobs()

    assert mail.outbox == []
    assert not User.objects.get().is_active


def test_nobodys_mailbox_is_filled_by_registering_again_and_again(api, ada, run_jobs):
    run_jobs()
    mail.outbox.clear()

    for _ in range(8):
        api.post("/auth/register", ADA)
    run_jobs()

    assert len(mail.outbox) == 5


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-1", "password_too_short"),
        ("password1", "password_too_common"),
        ("ada@example.com", "password_too_similar"),
        ("x" * 1025, "max_length"),
        ("", "blank"),
        (None, "null"),
        (12345678, "invalid"),
        (["violet-otter-93"], "invalid"),
    ],
)
def test_a_password_that_cannot_be_used_is_refused_and_creates_nobody(api, password, code, hashes):
    answer = api.post("/auth/register", {**ADA, "password": password})

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("password", code)]
    assert not User.objects.exists()
    assert hashes == []


@pytest.mark.parametrize("password", ["ü" * 64, "x" * 1024])
def test_long_passwords_with_any_characters_are_accepted_as_typed(api, password):
    api.post("/auth/register", {**ADA, "password": password})

    assert api.log_in(password=password).status_code == 200


def test_a_space_at_the_end_of_a_password_counts(api):
    api.post("/auth/register", {**ADA, "password": "four words and spaces "})

    assert api.log_in(password="four words and spaces").status_code == 401
    assert api.log_in(password="four words and spaces ").status_code == 200


@pytest.mark.parametrize("length", [1024 * 1000, 900])
def test_a_megabyte_of_password_costs_no_hash(api, ada, length, hashes):
    answer = api.post("/auth/login", {"email": ADA["email"], "password": "x" * length})

    assert answer.status_code == (401 if length == 900 else 400)
    assert len(hashes) == (1 if length == 900 else 0)


@pytest.mark.parametrize(
    "email",
    ["ada", "ada@", "ada@example.com\nBcc: x@example.com", "a@b.co, c@d.co", "a" * 250 + "@b.co"],
)
def test_what_is_not_one_address_is_refused(api, email):
    answer = api.post("/auth/register", {**ADA, "email": email})

    assert answer.status_code == 400
    assert {e["field"] for e in answer.json()["errors"]} == {"email"}
    assert not User.objects.exists()


def test_a_name_is_one_line(api):
    answer = api.post("/auth/register", {**ADA, "name": "Ada\r\nSubject: hello"})

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("name", "control_characters")
    ]


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_with_the_same_address_one_account_comes_and_all_hear_the_same():
    gate = threading.Barrier(8)
    answers = []

    def register():
        gate.wait()
        answer = Api().post("/auth/register", ADA)
        answers.append((answer.status_code, answer.json()))
        connections.close_all()

    threads = [threading.Thread(target=register) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [(201, ANSWER)] * 8
    assert User.objects.filter(email="ada@example.com").count() == 1
