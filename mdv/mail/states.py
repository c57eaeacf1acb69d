"""What may become of a mail."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class MailState(TextChoices):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


MAIL = StateTable(
    "the mail",
    {
        MailState.QUEUED: frozenset({MailState.SENT, MailState.FAILED}),
        MailState.FAILED: frozenset({MailState.QUEUED}),
    },
)
