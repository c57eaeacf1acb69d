"""Handing mails over to the mail server, and noting how that went."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from mdv.jobs.app import RETRY_AFTER_S
from mdv.kernel import clock
from mdv.mail.models import Mail
from mdv.mail.states import MAIL, MailState
from mdv.mail.writing import Content

MAX_TRIES = len(RETRY_AFTER_S) + 1
MAX_ERROR_LENGTH = 500
PERMANENT_FROM = 500  # SMTP replies from here on mean: do not try again (RFC 5321, 4.2.1)

log = structlog.get_logger("mdv.mail")


def deliver(*, mail_id: int, content: Content | None = None) -> None:
    """Send a mail that is still queued, and note that it was sent or why it was not.

    `content` is given where the log does not keep it. Called by jobs, outside of any transaction.

    Raises:
        Exception: the mail server's, when another try makes sense.
    """
    mail = Mail.objects.get(pk=mail_id)
    if mail.state != MailState.QUEUED:
        return
    try:
        _hand_over(mail, content or Content(subject=mail.subject, text=mail.text, html=mail.html))
    except Exception as problem:
        if _note_failure(mail_id, problem) == MailState.QUEUED:
            raise
    else:
        _note_sent(mail_id)


@transaction.atomic
def give_up(*, mail_id: int, reason: str) -> None:
    """Note that a queued mail will not be sent, and why."""
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    MAIL.check(MailState(mail.state), MailState.FAILED)
    mail.state = MailState.FAILED
    mail.error = reason
    mail.save()


def _hand_over(mail: Mail, content: Content) -> None:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    message = EmailMultiAlternatives(
        content.subject,
        content.text,
        to=[mail.to],
        headers={
            "Auto-Submitted": "auto-generated",
            # The same on every try, so that a mail that left twice can be told from two mails.
            "Message-ID": f"<mdv-{mail.pk}@{domain}>",
        },
    )
    message.attach_alternative(content.html, "text/html")
    message.send()


@transaction.atomic
def _note_sent(mail_id: int) -> None:
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    MAIL.check(MailState(mail.state), MailState.SENT)
    mail.state = MailState.SENT
    mail.tries += 1
    mail.error = ""
    mail.sent_at = mail.sent_at or clock.now()
    mail.save()


@transaction.atomic
def _note_failure(mail_id: int, problem: Exception) -> str:
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    if mail.state != MailState.QUEUED:
        return mail.state
    mail.tries += 1
    mail.error = f"{type(problem).__name__}: {problem}"[:MAX_ERROR_LENGTH]
    if mail.tries >= MAX_TRIES or _is_permanent(problem):
        MAIL.check(MailState(mail.state), MailState.FAILED)
        mail.state = MailState.FAILED
        log.error("mail_failed", mail_id=mail.pk, kind=mail.kind, error=type(problem).__name__)
    mail.save()
    return mail.state


def _is_permanent(problem: Exception) -> bool:
    """Tell whether the server said that this very mail will never be accepted."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT_FROM for code, _ in problem.recipients.values())
    if isinstance(problem, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return problem.smtp_code >= PERMANENT_FROM
    return False
