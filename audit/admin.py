from ipaddress import ip_address
from typing import get_args

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.models import AuditEntry
from audit.words import changes_of, subject_of
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.filters import KnownFilter
from mdv.admin.show import BAD, BUSY, show_label, show_moment, show_table
from mdv.kernel.context import Source

WAITS = "waiting"
SHOWN_LENGTH = 120  # characters of changes in the list
OUTCOME_COLOURS = {AuditEntry.Outcome.DENIED: BAD, AuditEntry.Outcome.FAILED: BUSY}


class SourceFilter(KnownFilter):
    title = "source"
    parameter_name = "source"
    choices_known = [(source, source) for source in get_args(Source)]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The trail, to search and to read. Nothing can be added, changed or deleted, by anyone."""

    has_history = False
    linked_lookups = ("content_type__id__exact", "object_pk")
    list_display = ("when", "who", "what", "summary", "source", "shown_outcome", "sealed")
    list_filter = ("outcome", "action", SourceFilter, "timestamp")
    search_fields = ("object_repr",)
    search_help_text = "SKU, order number, e-mail of a person, request id or address, as a whole"
    sortable_by = ()
    ordering = ("-id",)
    list_select_related = ("content_type", "seal")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("when", "shown_outcome"),
                    ("event", "shown_subject"),
                    ("who", "actor_role"),
                    ("source", "command"),
                    ("remote_addr", "cid"),
                    ("user_agent", "shown_seal"),
                    "reason",
                    "facts",
                )
            },
        ),
        ("Changes", {"fields": ("shown_changes",), "classes": ["mdv-wide"]}),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Find by whole values, each by its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        people = get_user_model().objects.filter(email=term.lower())
        found = Q(object_repr=term) | Q(cid=term) | Q(actor__in=list(people))
        if is_address(term):
            found |= Q(remote_addr=term)
        return queryset.filter(found), False

    @admin.display(description="when")
    def when(self, entry: AuditEntry) -> str:
        return show_moment(entry.timestamp)

    @admin.display(description="who")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_email or entry.actor_kind

    @admin.display(description="object")
    def shown_subject(self, entry: AuditEntry) -> str:
        return subject_of(entry)

    @admin.display(description="what")
    def what(self, entry: AuditEntry) -> str:
        return f"{subject_of(entry)} {entry.event.replace('_', ' ')}".strip()

    @admin.display(description="outcome")
    def shown_outcome(self, entry: AuditEntry) -> str:
        outcome = AuditEntry.Outcome(entry.outcome)
        colour = OUTCOME_COLOURS.get(outcome)
        return show_label(outcome.label, colour) if colour else outcome.label

    @admin.display(description="seal")
    def sealed(self, entry: AuditEntry) -> str:
        seal = getattr(entry, "seal", None)
        return f"No. {seal.seq}" if seal else WAITS

    @admin.display(description="seal")
    def shown_seal(self, entry: AuditEntry) -> SafeString | str:
        seal = getattr(entry, "seal", None)
        return format_html("No. {} at {}", seal.seq, show_moment(seal.sealed_at)) if seal else WAITS

    @admin.display(description="changes")
    def summary(self, entry: AuditEntry) -> str:
        if entry.action != AuditEntry.Action.UPDATE:
            return entry.reason
        text = ", ".join(map(str, changes_of(entry)))
        return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…"

    @admin.display(description="facts")
    def facts(self, entry: AuditEntry) -> str:
        return "\n".join(f"{name}: {fact}" for name, fact in (entry.additional_data or {}).items())

    @admin.display(description="changes")
    def shown_changes(self, entry: AuditEntry) -> SafeString:
        rows = [(change.name, change.before, change.after) for change in changes_of(entry)]
        return show_table(("What", "Before", "After"), rows, empty="No row was changed.")


def is_address(text: str) -> bool:
    """Tell whether `text` can be compared with a stored address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
