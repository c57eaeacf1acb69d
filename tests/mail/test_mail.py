"""Mails: written with the transaction, sent by a job, logged, safe in their headers."""

import smtplib
import uuid

import pytest
from django.contrib.auth.models import Group
from django.core import mail as outgoing
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client

from audit.models import AuditEntry
from mdv.accounts.services import create_staff
from mdv.kernel import context
from mdv.kernel.context import Actor, Context
from mdv.kernel.states import InvalidTransition
from mdv.mail import services
from mdv.mail.delivery import MAX_TRIES
from mdv.mail.models import Mail
from mdv.mail.writing import UnsafeMail
from tests.accounts.people import make_customer

pytestmark = pytest.mark.django_db

TEMPLATES = {
    "mail/tests.subject.txt": "About {{ what }}\n",
    "mail/tests.txt": "Dear {{ who }}, about {{ what }}. {{ store_name }}",
    "mail/tests.html": "<p>Dear {{ who }}, about {{ what }}.</p>",
}


@pytest.fixture(autouse=True)
def _templates(settings):
    engine = settings.TEMPLATES[0]
    loaders = [
        ("django.template.loaders.locmem.Loader", TEMPLATES),
        "django.template.loaders.app_directories.Loader",
    ]
    options = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": options}]


def send(to="ada@example.com", who="Ada O'Brien", what="shoes", **given):
    return services.send_mail(kind="tests", to=to, context={"who": who, "what": what}, **given)


def the_mail():
    return Mail.objects.get()


def test_a_mail_is_written_from_the_kinds_templates_and_sent_by_a_job(run_jobs):
    send()
    before = len(outgoing.outbox)
    names = run_jobs()

    (message,) = outgoing.outbox
    assert before == 0
    assert names == ["mail.deliver"]
    assert (message.to, message.subject) == (["ada@example.com"], "About shoes")
    assert message.from_email == "shop@localhost"
    assert message.body == "Dear Ada O'Brien, about shoes. Maison"
    assert message.alternatives[0] == ("<p>Dear Ada O&#x27;Brien, about shoes.</p>", "text/html")
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_log_says_what_went_to_whom_about_what_and_who_caused_it(run_jobs):
    actor = Actor(kind="user", id=7, label="boss@example.com")
    with context.use(Context(source="api", actor=actor, request_id="req-00000001")):
        send(about=Group.objects.get(name="admin"))
    run_jobs()

    entered = the_mail()
    assert (entered.kind, entered.to, entered.subject) == (
        "tests",
        "ada@example.com",
        "About shoes",
    )
    assert (entered.about, entered.about_id) == (
        "auth.Group",
        str(Group.objects.get(name="admin").pk),
    )
    assert (entered.actor_id, entered.request_id) == (7, "req-00000001")
    assert (entered.state, entered.tries, entered.error) == ("sent", 1, "")
    assert entered.sent_at > entered.created_at


def test_a_transaction_that_is_rolled_back_sends_nothing(run_jobs):
    with transaction.atomic():
        send()
        transaction.set_rollback(True)
    run_jobs()

    assert outgoing.outbox == []
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "to",
    ["ada@example.com\nBcc: x@example.com", "ada@example.com, x@example.com", "ada", "", "a@b.c\r"],
)
def test_what_is_not_exactly_one_address_is_refused(run_jobs, to):
    with pytest.raises(UnsafeMail):
        send(to=to)
    run_jobs()

    assert outgoing.outbox == []
    assert not Mail.objects.exists()


@pytest.mark.parametrize("what", ["x\nBcc: x@example.com", "x\r\nX: y", "x\u2028y", "x" * 200])
def test_a_subject_of_several_lines_or_too_long_is_refused(run_jobs, what):
    with pytest.raises(UnsafeMail):
        send(what=what)
    run_jobs()

    assert outgoing.outbox == []


class Refusing(EmailBackend):
    """A mail server that answers with ``problem`` as long as there is one."""

    problem = None

    def send_messages(self, messages):
        if Refusing.problem:
            raise Refusing.problem
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.mail.test_mail.Refusing"
    monkeypatch.setattr(Refusing, "problem", None)
    return Refusing


@pytest.mark.parametrize(
    "problem",
    [
        ConnectionRefusedError("no answer"),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"mailbox busy")}),
        smtplib.SMTPAuthenticationError(535, b"our password is wrong"),
    ],
)
def test_a_mail_is_tried_again_and_sent_when_the_server_is_back(server, problem):
    mail = send()
    server.problem = problem

    with pytest.raises(type(problem)):
        services.deliver(mail_id=mail.pk)
    waiting = the_mail()
    server.problem = None
    services.deliver(mail_id=mail.pk)

    assert (waiting.state, waiting.tries) == ("queued", 1)
    assert waiting.error.startswith(type(problem).__name__)
    assert (the_mail().state, the_mail().tries, the_mail().error) == ("sent", 2, "")
    assert len(outgoing.outbox) == 1


def test_a_job_that_failed_comes_back_later(server, run_jobs):
    send()
    server.problem = ConnectionRefusedError("no answer")

    names = run_jobs()

    assert names == ["mail.deliver"]
    assert (the_mail().state, the_mail().tries) == ("queued", 1)


@pytest.mark.parametrize(
    "problem",
    [
        smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no such person")}),
        smtplib.SMTPDataError(554, b"refused"),
        smtplib.SMTPSenderRefused(550, b"not you", "shop@localhost"),
    ],
)
def test_what_the_server_refuses_for_good_is_not_tried_again(server, problem):
    mail = send()
    server.problem = problem

    services.deliver(mail_id=mail.pk)
    server.problem = None
    services.deliver(mail_id=mail.pk)

    assert (the_mail().state, the_mail().tries) == ("failed", 1)
    assert outgoing.outbox == []


def test_a_mail_is_given_up_after_the_last_try(server):
    mail = send()
    server.problem = ConnectionRefusedError("no answer")
    Mail.objects.update(tries=MAX_TRIES - 1)

    services.deliver(mail_id=mail.pk)

    assert (the_mail().state, the_mail().tries) == ("failed", 7)
    assert the_mail().error == "ConnectionRefusedError: no answer"


def test_a_mail_that_was_sent_is_not_sent_again():
    mail = send()

    services.deliver(mail_id=mail.pk)
    services.deliver(mail_id=mail.pk)

    assert len(outgoing.outbox) == 1
    assert the_mail().tries == 1


def test_a_mail_that_was_sent_cannot_be_given_up():
    mail = send()
    services.deliver(mail_id=mail.pk)

    with pytest.raises(InvalidTransition):
        services.give_up(mail_id=mail.pk, reason="too late")

    assert the_mail().state == "sent"


class TestSendingAgain:
    def fail(self):
        """A mail that was given up after a try."""
        mail = send()
        services.give_up(mail_id=mail.pk, reason="no answer")
        Mail.objects.update(tries=MAX_TRIES)
        return mail

    def test_a_failed_mail_goes_out_as_it_stands_with_all_tries_anew(self, run_jobs):
        mail = self.fail()
        run_jobs()
        assert outgoing.outbox == []

        services.resend_mail(mail_id=mail.pk)
        run_jobs()

        assert (the_mail().state, the_mail().tries, the_mail().error) == ("sent", 1, "")
        (message,) = outgoing.outbox
        assert message.body == "Dear Ada O'Brien, about shoes. Maison"

    def test_one_on_its_way_is_not_sent_twice(self, run_jobs):
        mail = send()

        services.resend_mail(mail_id=mail.pk)

        assert run_jobs() == ["mail.deliver"]
        assert len(outgoing.outbox) == 1

    def test_one_that_was_sent_is_not_sent_again(self, run_jobs):
        mail = send()
        run_jobs()

        with pytest.raises(InvalidTransition):
            services.resend_mail(mail_id=mail.pk)

        assert run_jobs() == []
        assert len(outgoing.outbox) == 1

    def test_one_whose_words_were_secret_cannot_be_sent_again(self, run_jobs):
        person = make_customer()
        mail = services.enter_mail(kind="password_reset", to=person.email, about=person)
        services.give_up(mail_id=mail.pk, reason="no answer")

        with pytest.raises(services.MailNotKept):
            services.resend_mail(mail_id=mail.pk)
        run_jobs()

        assert Mail.objects.get(pk=mail.pk).state == "failed"
        assert [sent.subject for sent in outgoing.outbox if "password" in sent.subject] == []

    def test_the_button_sends_it_once_and_the_trail_says_who_pressed_it(self, run_jobs):
        mail = self.fail()
        person = create_staff(
            email="x@example.com", name="", password="violet-otter-93", roles={"support"}
        )
        browser = Client()
        browser.force_login(person)
        page = f"/admin/mail/mail/{mail.pk}"
        assert f'href="{page}/resend/"' in browser.get(f"{page}/change/").content.decode()

        form = {"nonce": uuid.uuid4().hex}
        for _ in range(2):
            assert browser.post(f"{page}/resend/", form).status_code == 302
        run_jobs()

        entry = AuditEntry.objects.get(event="mail_resent")
        assert (entry.actor_email, entry.object_pk) == ("x@example.com", str(mail.pk))
        assert len(outgoing.outbox) == 1
        assert f"{page}/resend/" not in browser.get(f"{page}/change/").content.decode()


@pytest.mark.parametrize(("role", "status"), [("support", 200), ("logistics", 403)])
def test_staff_with_the_right_read_the_log_and_nobody_writes_it(role, status):
    person = create_staff(email="x@example.com", name="", password="violet-otter-93", roles={role})
    mail = send()
    browser = Client()
    browser.force_login(person)

    pages = [
        browser.get("/admin/mail/mail/"),
        browser.get("/admin/mail/mail/?q=ada@"),
        browser.get(f"/admin/mail/mail/{mail.pk}/change/"),
    ]
    writes = [
        browser.get("/admin/mail/mail/add/"),
        browser.post(f"/admin/mail/mail/{mail.pk}/change/", {"to": "x@example.com"}),
        browser.post(f"/admin/mail/mail/{mail.pk}/delete/", {"post": "yes"}),
    ]

    assert [page.status_code for page in pages] == [status] * 3
    assert [page.status_code for page in writes] == [403] * 3
    assert the_mail().to == "ada@example.com"
