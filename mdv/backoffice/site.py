"""The back office: one admin site for all staff."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from unfold.sites import UnfoldAdminSite

# Alpine, which unfold's pages use, evaluates expressions and sets inline styles. Scripts stay
# files of our own: nothing inline. Only pages of this site get this.
ADMIN_CSP = {"script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]}


class BackOfficeSite(UnfoldAdminSite):
    site_title = settings.STORE_NAME
    site_header = settings.STORE_NAME
    index_title = "Back office"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        return csp_update(ADMIN_CSP)(super().admin_view(view, cacheable))
