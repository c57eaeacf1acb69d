"""The back office: one admin site for all staff."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite

from mdv.accounts.forms import LogInForm
from mdv.admin.base import BackOfficeAdmin
from mdv.backoffice import home
from mdv.kernel import clock

# Alpine, which unfold's pages use, evaluates expressions and sets inline styles. Scripts stay
# files of our own: nothing inline. Only pages of this site get this.
ADMIN_CSP = {"script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]}


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

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        return csp_update(ADMIN_CSP)(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return csp_update(ADMIN_CSP)(super().login)(request, extra_context)

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the day's figures to those who may see orders."""
        if request.user.has_perm("orders.view_order"):
            extra_context = {**home.figures(at=clock.now()), **(extra_context or {})}
        return super().index(request, extra_context)
