"""What every page of the back office has in common."""

from collections.abc import Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from unfold.admin import ModelAdmin

from mdv.admin.actions import Action, ActionView


class BackOfficeAdmin(ModelAdmin):
    """A list and a detail page, held to the table of roles.

    ``object_actions`` are the buttons of the detail page, each a page of its own that says what
    will happen. What a service guards is changed by them alone.
    """

    object_actions: Sequence[Action] = ()
    show_full_result_count = False
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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        subject = kwargs.get("obj") or context.get("original")
        context["object_actions"] = self.open_actions(request, subject) if subject else []
        return super().render_change_form(request, context, *args, **kwargs)

    def open_actions(self, request: HttpRequest, subject: Model) -> list[dict[str, Any]]:
        """List the buttons that this person may press on `subject` as it is now."""
        meta = self.model._meta
        return [
            {
                "label": action.label,
                "is_dangerous": action.is_dangerous,
                "url": reverse(
                    f"admin:{meta.app_label}_{meta.model_name}_{action.name}", args=[subject.pk]
                ),
            }
            for action in self.object_actions
            if request.user.has_perm(action.right) and action.is_open(subject)
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the trail: there is one, and it is not the admin's own log."""
        content_type = ContentType.objects.get_for_model(self.model)
        query = urlencode({"content_type__id__exact": content_type.pk, "object_pk": object_id})
        return HttpResponseRedirect(f"{reverse('admin:audit_auditentry_changelist')}?{query}")

    def log_addition(self, *args: Any, **kwargs: Any) -> None:
        """Write nothing: the trail's triggers do."""

    def log_change(self, *args: Any, **kwargs: Any) -> None:
        """Write nothing: the trail's triggers do."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> None:
        """Write nothing: the trail's triggers do."""


class ReadOnlyAdmin(BackOfficeAdmin):
    """Pages to look at. What can be done there is done by actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
