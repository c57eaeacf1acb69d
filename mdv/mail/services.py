"""Sending mails. They leave by a job, after the surrounding transaction has committed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from mdv.kernel import clock
from mdv.kernel.context import current
from mdv.kernel.errors import Conflict
from mdv.mail import tasks, writing
from mdv.mail.delivery import deliver, give_up
from mdv.mail.models import Mail
from mdv.mail.states import MAIL, MailState
from mdv.mail.writing import Content

__all__ = [
    "MailNotKept",
    "count_mails",
    "deliver",
    "enter_mail",
    "give_up",
    "resend_mail",
    "send_mail",
    "was_written",
]


class MailNotKept(Conflict):
    code = "mail_not_kept"
    detail = "What it said was secret and was not kept. Let the person ask for a new one."


@transaction.atomic
def send_mail(
    *, kind: str, to: str, context: Mapping[str, Any], about: Model | None = None
) -> Mail:
    """Write a mail from the templates ``mail/<kind>.*`` and have it sent.

    Raises:
        UnsafeMail: `to` or the subject would smuggle something into the mail's header.
    """
    mail = _enter(kind, to, writing.write(kind, context), about)
    tasks.deliver.defer(mail_id=mail.pk)
    return mail


@transaction.atomic
def enter_mail(*, kind: str, to: str, about: Model) -> Mail:
    """Enter a mail in the log whose content is a secret and is not kept.

    The caller defers a job of its own that writes the content and calls :func:`deliver`.

    Raises:
        UnsafeMail: `to` or the subject would smuggle something into the mail's header.
    """
    subject = writing.write_subject(kind, {})
    return _enter(kind, to, Content(subject=subject, text="", html=""), about)


def count_mails(*, kind: str, to: str, since: datetime) -> int:
    """Count the mails of a kind to one person, so that nobody can be flooded."""
    return Mail.objects.filter(kind=kind, to=to, created_at__gt=since).count()


def was_written(*, kind: str, about: Model) -> bool:
    """Tell whether there is a mail of a kind about an object, so that a job writes it once."""
    return Mail.objects.filter(kind=kind, about=about._meta.label, about_id=str(about.pk)).exists()


@transaction.atomic
def resend_mail(*, mail_id: int) -> Mail:
    """Send a mail that failed once more, as it stands in the log, with all tries anew.

    One that is on its way already is left alone.

    Raises:
        InvalidTransition: 409, it was sent.
        MailNotKept: 409, its text was a secret and was not kept.
    """
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    if mail.state == MailState.QUEUED:
        return mail
    MAIL.check(MailState(mail.state), MailState.QUEUED)
    if not mail.text:
        raise MailNotKept
    mail.state = MailState.QUEUED
    mail.tries = 0
    mail.error = ""
    mail.save(update_fields=["state", "tries", "error"])
    tasks.deliver.defer(mail_id=mail.pk)
    return mail


def _enter(kind: str, to: str, content: Content, about: Model | None) -> Mail:
    writing.check_recipient(to)
    who = current()
    return Mail.objects.create(
        kind=kind,
        to=to,
        subject=content.subject,
        text=content.text,
        html=content.html,
        about=about._meta.label if about else "",
        about_id=str(about.pk) if about else "",
        created_at=clock.now(),
        request_id=who.request_id,
        actor_id=who.actor.id,
    )
