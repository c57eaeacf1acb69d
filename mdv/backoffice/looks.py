"""Who looked at whom: the trail names each look at what is personal, and each search for it."""

from http import HTTPStatus

import psycopg
import structlog
from django.db import DatabaseError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from audit.services import record
from mdv.accounts.models import User
from mdv.admin.pages import Rows
from mdv.mail.models import Mail
from shop.orders.models import Order

PERSONAL: tuple[type[Model], ...] = (Order, User, Mail)
MAX_TERM_LENGTH = 254  # characters

log = structlog.get_logger("mdv.backoffice")


def note_look(request: HttpRequest, response: HttpResponse) -> None:
    """Record that an object's page was opened, or what a list was searched for.

    Not what was found. Somebody who only reads, as the database may, must still be able to look.
    """
    page = request.resolver_match.url_name if request.resolver_match else ""
    shown = getattr(response, "context_data", None) or {}
    if request.method != "GET" or response.status_code != HTTPStatus.OK:
        return
    try:
        _record(page or "", shown)
    except DatabaseError as problem:
        if not isinstance(problem.__cause__, psycopg.errors.ReadOnlySqlTransaction):
            raise
        log.warning("look_not_noted", error=type(problem).__name__)


def _record(page: str, shown: dict[str, object]) -> None:
    subject, rows = shown.get("original"), shown.get("cl")
    if page.endswith(("_change", "_as_it_was")) and isinstance(subject, PERSONAL):
        record("viewed", subject=subject)
    elif page.endswith("_changelist") and isinstance(rows, Rows) and rows.query:
        if issubclass(rows.model, PERSONAL):
            _searched(str(rows.model._meta.verbose_name_plural), rows.query)
    elif page == "search" and shown.get("searched_for"):
        _searched("the shop", str(shown["searched_for"]))


def _searched(what: str, term: str) -> None:
    record("searched", label=what, facts={"term": term[:MAX_TERM_LENGTH]})
