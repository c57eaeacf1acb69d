"""What every page of the back office has in common."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.admin import FieldListFilter, ShowFacets
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from mdv.admin.actions import Action, ActionView
from mdv.admin.pages import CappedPaginator, Rows
from mdv.admin.rows import dependants_of
from mdv.admin.saving import SavedByServices

SEE_THE_TRAIL = "audit.view_auditentry"


class BackOfficeAdmin(SavedByServices):
    """A list and a detail page, held to the table of roles.

    ``object_actions`` are the buttons of the detail page, each a page of its own that says what
    will happen. What a service guards is changed by them alone. ``adding`` is the page behind Add
    where a form of the object's fields would not do. ``has_history`` says whether the trail
    follows these objects. ``linked_lookups`` are what links of our own ask a list for.
    """

    object_actions: Sequence[Action] = ()
    adding: Action | None = None
    has_history = True
    linked_lookups: Sequence[str] = ()
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = CappedPaginator
    list_per_page = 50
    list_fullwidth = True
    compressed_fields = True
    warn_unsaved_form = True
    change_form_outer_before_template = "mdv/admin/object_actions.html"

    def get_urls(self) -> list[URLPattern]:
        meta = self.model._meta
        own = [
            path(
                f"<path:object_id>/{action.name}/",
                self.admin_site.admin_view(ActionView(self, action)),
                name=f"{meta.app_label}_{meta.model_name}_{action.name}",
            )
            for action in self.object_actions
        ]
        return [*own, *super().get_urls()]

    def url_of(self, subject: Model, page: str = "change") -> str:
        """Return where `subject`'s page is, or that of one of its buttons."""
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=[subject.pk])

    def url_of_list(self) -> str:
        """Return where the list of all these objects is."""
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if self.adding:
            return ActionView(self, self.adding)(request)
        return super().add_view(request, form_url, extra_context)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let a list be asked for what its filters offer, and for nothing else.

        Django lets the address bar ask for any column of the model, and by counting the rows that
        begin with a text anybody reads what no page shows: hashes of passwords, for one.
        """
        if request is None or "\0" in value:
            return False
        return lookup in {*self.linked_lookups, *self._filter_parameters(request)}

    def _filter_parameters(self, request: HttpRequest) -> Iterator[str | None]:
        for one in self.list_filter:
            if isinstance(one, str):
                field = self.model._meta.get_field(one)
                made = FieldListFilter.create(field, request, {}, self.model, self, field_path=one)
                yield from made.expected_parameters()
            else:
                yield one.parameter_name

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Rows]:
        return Rows

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = str(self.model._meta.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        subject = context.get("original")
        may_see_history = self.has_history and request.user.has_perm(SEE_THE_TRAIL)
        context["show_history"] = bool(subject) and may_see_history
        context["object_actions"] = self.open_actions(request, subject) if subject else []
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(
        self, objs: Sequence[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List what stands in the way, a few of each; the service decides."""
        (subject,) = objs
        return [str(subject)], {}, set(), dependants_of(subject)

    def open_actions(self, request: HttpRequest, subject: Model) -> list[dict[str, Any]]:
        """List the buttons that this person may press on `subject` as it is now."""
        return [
            {
                "label": action.label,
                "is_dangerous": action.is_dangerous,
                "url": self.url_of(subject, action.name),
            }
            for action in self.object_actions
            if request.user.has_perm(action.right) and action.is_open(subject)
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the trail: there is one, and it is not the admin's own log."""
        if not self.has_history or not request.user.has_perm(SEE_THE_TRAIL):
            raise PermissionDenied
        content_type = ContentType.objects.get_for_model(self.model)
        query = urlencode({"content_type__id__exact": str(content_type.pk), "object_pk": object_id})
        return HttpResponseRedirect(f"{reverse('admin:audit_auditentry_changelist')}?{query}")

    def log_addition(self, *args: Any, **kwargs: Any) -> None:
        """Write nothing: the trail's triggers do."""

    def log_change(self, *args: Any, **kwargs: Any) -> None:
        """Write nothing: the trail's triggers do."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> None:
        """Write nothing: the trail's triggers do."""


class ReadOnlyAdmin(BackOfficeAdmin):
    """Pages to look at. What can be done there is done by actions."""

    change_form_template = "mdv/admin/read_only.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
