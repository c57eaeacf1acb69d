"""What keeps the log of mails true: what was written to whom, and that it left."""

import pgtrigger

from mdv.kernel.triggers import Fixed
from mdv.mail.states import MailState

MAIL_IS_FIXED = Fixed(
    name="mail_is_fixed",
    columns=(
        "kind",
        "to",
        "subject",
        "text",
        "html",
        "about",
        "about_id",
        "created_at",
        "request_id",
        "actor_id",
    ),
)
SENT_IS_SENT = Fixed(
    name="mail_that_was_sent_was_sent",
    columns=("state", "tries", "error", "sent_at"),
    condition=pgtrigger.Q(old__state=MailState.SENT),
)
