from django.contrib import admin

from mdv.admin.base import ReadOnlyAdmin
from mdv.mail.models import Mail


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """What was written to whom, and whether it left. The bodies with secrets are not kept."""

    list_display = ("created_at", "kind", "to", "subject", "state", "tries", "sent_at")
    list_filter = ("state", "kind", "created_at")
    search_fields = ("to__startswith", "about_id__exact", "request_id__exact")
    search_help_text = "The start of an e-mail address, an object's id or a request id"
    ordering = ("-id",)
    fields = (
        "created_at",
        "kind",
        "to",
        "subject",
        "text",
        "state",
        "tries",
        "error",
        "sent_at",
        "about",
        "about_id",
        "actor_id",
        "request_id",
    )
    readonly_fields = fields
