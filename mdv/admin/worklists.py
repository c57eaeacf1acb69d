"""Lists of what is to be done next: by worklist and state, found by number, acted on by buttons."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet, TextChoices
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mdv.admin.base import ReadOnlyAdmin
from mdv.admin.filters import KnownFilter
from mdv.admin.show import show_choice, show_label


def choice_filter(column: str, choices: type[TextChoices]) -> type[KnownFilter]:
    """Return the filter of a list by the values of one of its columns."""

    class ChoiceFilter(KnownFilter):
        title = column
        parameter_name = column
        choices_known = [(choice.value, show_choice(choice)) for choice in choices]

    return ChoiceFilter


def worklist_filter(worklists: type[TextChoices]) -> type[KnownFilter]:
    """Return the filter of a list by worklists, which its query set selects (``on_worklist``)."""

    class WorklistFilter(choice_filter("worklist", worklists)):  # type: ignore[misc]
        def narrow(self, queryset: Any, value: str) -> Any:
            return queryset.on_worklist(worklists(value))

    return WorklistFilter


class WorklistAdmin(ReadOnlyAdmin):
    """A list of objects with a ``number`` and a ``state``, and a page of each.

    ``adding_right`` is the right to the page behind Add. ``colours`` has one for each state. The
    query set of the model knows ``search(term)``.
    """

    adding_right = ""
    colours: Mapping[str, str] = {}
    sortable_by = ()
    search_fields = ("number",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(self.adding_right))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found: Any = queryset
        return (found.search(search_term) if search_term.strip() else found), False

    @admin.display(description="state")
    def shown_state(self, subject: Model) -> SafeString:
        state: str = subject.state  # type: ignore[attr-defined]
        return show_label(show_choice(state), self.colours[state])
