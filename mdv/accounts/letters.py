"""The mails that accounts get. Written by jobs, so that no answer's time tells who is known."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from mdv.accounts.models import User
from mdv.kernel import clock
from mdv.mail import services as mail
from mdv.mail.models import Mail
from mdv.mail.writing import write

# Nobody can have somebody's mailbox filled by asking again and again.
MAX_PER_HOUR = 5
HOUR = timedelta(hours=1)


def write_about_registration(user: User, *, is_new: bool) -> None:
    """Welcome somebody, or tell them that they have an account already."""
    kind = "welcome" if is_new else "already_registered"
    if not _has_had_enough(kind, user):
        mail.send_mail(kind=kind, to=user.email, context={}, about=user)


def enter_reset_link(user: User) -> Mail | None:
    """Enter a mail with a link in the log, unless there were too many lately."""
    if _has_had_enough("password_reset", user):
        return None
    return enter_link(user, kind="password_reset")


def enter_link(user: User, *, kind: str) -> Mail:
    """Enter a mail of that kind, which brings a link to choose a password."""
    return mail.enter_mail(kind=kind, to=user.email, about=user)


def send_link(*, mail_id: int) -> None:
    """Make the link and send it. It is in no table, log or job's arguments."""
    entered = Mail.objects.get(pk=mail_id)
    user = User.objects.filter(pk=entered.about_id, email=entered.to, is_active=True).first()
    if user is None:
        mail.give_up(mail_id=mail_id, reason="The account has changed since.")
        return
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    content = write(entered.kind, {"link": reset_link(user), "minutes": minutes})
    mail.deliver(mail_id=mail_id, content=content)


def reset_link(user: User) -> str:
    """Return the address, on the shop's own site, that lets `user` set a password once."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return settings.STORE_URL.rstrip("/") + reverse("password-reset", args=[uid, token])


def _has_had_enough(kind: str, user: User) -> bool:
    lately = mail.count_mails(kind=kind, to=user.email, since=clock.now() - HOUR)
    return lately >= MAX_PER_HOUR
