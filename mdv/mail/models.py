"""The log of mails: what was written to whom about what, and whether it left."""

from django.db import models
from django.db.models import Q

from mdv.kernel.triggers import TruncateGuard
from mdv.mail.states import MailState
from mdv.mail.triggers import MAIL_IS_FIXED, SENT_IS_SENT


class Mail(models.Model):
    """One mail to one person.

    ``about`` and ``about_id`` name the object it is about, as a model's label and primary key.
    ``text`` and ``html`` are empty where the mail carries a secret, such as a link that resets a
    password: that is written when the mail leaves and is kept nowhere.
    """

    kind = models.CharField(max_length=64)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    about = models.CharField(max_length=64, blank=True)
    about_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    actor_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["to", "-id"], name="mails_by_person"),
            models.Index(fields=["about", "about_id"], name="mails_by_object"),
            models.Index(
                fields=["created_at"], name="mails_on_their_way", condition=Q(state="queued")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_mail_state_is_known", condition=Q(state__in=MailState.values)
            ),
            models.CheckConstraint(
                name="a_mail_has_a_time_of_sending_when_sent",
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
        ]
        triggers = [MAIL_IS_FIXED, SENT_IS_SENT, TruncateGuard()]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"
