from ipaddress import ip_address
from typing import Any, get_args

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from audit.models import AuditEntry
from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.show import show_table
from mdv.kernel.context import Source

SHOWN_LENGTH = 80  # characters of changes in the list


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(source, source) for source in get_args(Source)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The trail, to search and to read. Nothing can be added, changed or deleted, by anyone."""

    list_display = ("timestamp", "event", "shown_object", "who", "source", "outcome", "summary")
    list_filter = ("outcome", "action", SourceFilter, "timestamp")
    search_fields = ("object_repr",)
    search_help_text = "Object (SKU, order number, e-mail), actor's e-mail, request id or address"
    ordering = ("-id",)
    list_select_related = ("content_type",)
    fields = (
        "timestamp",
        "event",
        "outcome",
        "shown_object",
        "who",
        "actor_kind",
        "actor_role",
        "source",
        "command",
        "reason",
        "cid",
        "remote_addr",
        "user_agent",
        "transaction_id",
        "shown_changes",
        "additional_data",
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(object_repr=term) | Q(actor_email=term.lower()) | Q(cid=term) | Q(object_pk=term)
        if is_address(term):
            found |= Q(remote_addr=term)
        return queryset.filter(found), False

    @admin.display(description="object")
    def shown_object(self, entry: AuditEntry) -> str:
        kind = entry.content_type.name if entry.content_type else ""
        return f"{kind} {entry.object_repr}".strip()

    @admin.display(description="who")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_email or entry.actor_kind

    @admin.display(description="changes")
    def summary(self, entry: AuditEntry) -> str:
        if entry.event != "changed":
            return ""
        text = ", ".join(f"{name}: {old} → {new}" for name, (old, new) in _changes(entry))
        return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…"

    @admin.display(description="changes")
    def shown_changes(self, entry: AuditEntry) -> SafeString:
        rows = [
            (name, "" if old is None else old, "" if new is None else new)
            for name, (old, new) in _changes(entry)
        ]
        return show_table(("Column", "Before", "After"), rows)


def _changes(entry: AuditEntry) -> list[tuple[str, list[Any]]]:
    return sorted((entry.changes or {}).items())


def is_address(text: str) -> bool:
    """Tell whether `text` can be compared with a stored address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
