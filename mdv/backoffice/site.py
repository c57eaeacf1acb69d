"""The back office: one admin site for all staff."""

from collections.abc import Callable
from datetime import datetime
from functools import update_wrapper
from typing import Any, cast

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from audit.versions import changes_since
from mdv.accounts import staff_sessions
from mdv.accounts.forms import LogInForm
from mdv.accounts.models import User
from mdv.admin.base import BackOfficeAdmin
from mdv.backoffice import home
from mdv.backoffice.looks import note_look
from mdv.backoffice.password import change_own_password
from mdv.backoffice.search import search_results
from mdv.kernel import clock, context
from mdv.limits import services as limits

# Alpine, which unfold's pages use, evaluates expressions and sets inline styles. Scripts stay
# files of our own: nothing inline. Only pages of this site get this.
ADMIN_CSP = {"script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]}

# What is open to somebody who has to choose a new password first.
OPEN_BEFORE_PASSWORD_CHANGE = {"password_change", "logout", "jsi18n"}

View = Callable[..., Any]


class BackOfficeSite(UnfoldAdminSite):
    site_title = settings.STORE_NAME
    site_header = settings.STORE_NAME
    index_title = "Home"
    login_form = LogInForm

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take only pages of our own: those that libraries bring are not held to our rules."""
        if admin_class is not None and issubclass(admin_class, BackOfficeAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Let in who is on staff, whose session lasts, and whose password is their own."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            stopped = _stop(request)
            if stopped:
                return stopped
            response: HttpResponse = guarded(request, *args, **kwargs)
            note_look(request, response)
            return response

        return csp_update(ADMIN_CSP)(update_wrapper(inner, guarded))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        login: View = csp_update(ADMIN_CSP)(super().login)
        return login(request, extra_context)

    def changes_since(self, row: Model, since: datetime) -> list[dict[str, Any]]:
        """Tell the pages, which know no trail, who changed what of `row` after `since`."""
        return changes_since(row, at=since)

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the day's figures."""
        return super().index(
            request,
            {**home.figures(at=clock.now(), may=request.user.has_perm), **(extra_context or {})},
        )

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        given = {**self.each_context(request), **(extra_context or {})}
        if cast("User", request.user).must_change_password:
            given["is_nav_sidebar_enabled"] = False
        return change_own_password(request, given)

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return search_results(request, self)


def _stop(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to somebody who gets no further, if it is one."""
    if not request.user.is_authenticated:
        return None
    if staff_sessions.has_ended(request.session, at=clock.now()):
        with context.refined(reason="the session had ended"):
            logout(request)
        return None
    if not request.user.is_staff:
        raise PermissionDenied
    staff_sessions.note_use(request.session, at=clock.now())
    page = request.resolver_match.url_name if request.resolver_match else ""
    if request.user.must_change_password and page not in OPEN_BEFORE_PASSWORD_CHANGE:
        return HttpResponseRedirect(reverse("admin:password_change"))
    if request.method == "POST":
        limits.enforce("staff", f"user:{request.user.pk}")
    return None
