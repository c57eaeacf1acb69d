"""The log of mails in the back office, where failed ones are sent again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from audit.services import record
from mdv.admin.actions import Action
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.show import BAD, BUSY, GOOD, show_choice, show_label
from mdv.mail.models import Mail
from mdv.mail.services import resend_mail
from mdv.mail.states import MailState

STATE_COLOURS = {MailState.QUEUED: BUSY, MailState.SENT: GOOD, MailState.FAILED: BAD}


def resend(request: HttpRequest, mail: Mail, filled: dict[str, Any]) -> str:
    """Send it again, in one transaction with the entry in the trail, which mails do not make."""
    resend_mail(mail_id=mail.pk)
    record("mail_resent", subject=mail)
    return f"The mail to {mail.to} is on its way again."


RESEND = Action(
    name="resend",
    label="Send again",
    right="mail.resend_mail",
    run=resend,
    is_open=lambda mail: mail.state == MailState.FAILED and bool(mail.text),
    preview="It goes to the same address with the same words.",
)


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """What was written to whom, and whether it left. The bodies with secrets are not kept."""

    has_history = False
    object_actions = (RESEND,)
    list_display = ("created_at", "shown_kind", "to", "subject", "shown_state", "tries", "sent_at")
    list_filter = ("state", "created_at")
    search_fields = ("to",)
    search_help_text = "E-mail address"
    ordering = ("-id",)
    fields = (
        "shown_kind",
        "to",
        "subject",
        "text",
        "shown_state",
        "tries",
        "error",
        "created_at",
        "sent_at",
        "about",
        "about_id",
        "actor_id",
        "request_id",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Mail], search_term: str
    ) -> tuple[QuerySet[Mail], bool]:
        term = search_term.strip().lower()
        return (queryset.filter(to=term) if term else queryset), False

    @admin.display(description="kind", ordering="kind")
    def shown_kind(self, mail: Mail) -> str:
        return show_choice(mail.kind)

    @admin.display(description="state", ordering="state")
    def shown_state(self, mail: Mail) -> SafeString:
        state = MailState(mail.state)
        return show_label(state.label, STATE_COLOURS[state])
