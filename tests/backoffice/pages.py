"""Every page of the back office, found in its registry, with the right that opens it."""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.contrib.admin import site
from django.urls import reverse

# Closed to everybody on purpose, though a right of that name opens a button elsewhere.
CLOSED = {
    ("catalog.productimage", "add"),  # a picture is added on its product's page
}
TRAIL = "audit.view_auditentry"
# Nothing of these is in the trail.
WITHOUT_HISTORY = {
    "audit.auditentry",
    "events.event",
    "events.webhookdelivery",
    "mail.mail",
    "ops.bookscheck",
    "procrastinate.procrastinatejob",
}
# Pages of the past, with the right that opens each.
PAST = {"orders.order": "audit.view_past", "stock.stockitem": "stock.view_stockitem"}


@dataclass(frozen=True)
class Page:
    """One address and method, and the right that it takes; None: it is closed to everybody."""

    name: str
    method: str
    url: str
    right: str | None
    action: Any = None


def our_models():
    """Every kind of object that has pages."""
    return [model for model in apps.get_models() if site.is_registered(model)]


def pages_of(subjects):
    """List every page of every kind of object, for the one object of each kind that is there."""
    found = []
    for model in our_models():
        pages = site.get_model_admin(model)
        label = model._meta.label_lower
        subject = subjects[model]

        def url(page, *args, meta=model._meta):
            return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)

        def right(verb, meta=model._meta, label=label):
            closed = (label, verb) in CLOSED
            return None if closed else f"{meta.app_label}.{verb}_{meta.model_name}"

        found += [
            Page(f"{label} list", "GET", url("changelist"), right("view")),
            Page(f"{label} add", "GET", url("add"), right("add")),
            Page(f"{label} add", "POST", url("add"), right("add")),
            Page(f"{label} detail", "GET", url("change", subject.pk), right("view")),
            Page(f"{label} detail", "POST", url("change", subject.pk), right("change")),
            Page(f"{label} delete", "GET", url("delete", subject.pk), right("delete")),
            Page(f"{label} delete", "POST", url("delete", subject.pk), right("delete")),
            Page(
                f"{label} history",
                "GET",
                url("history", subject.pk),
                None if label in WITHOUT_HISTORY else TRAIL,
            ),
        ]
        found += [
            Page(
                f"{label} {action.name}", method, url(action.name, subject.pk), action.right, action
            )
            for action in pages.object_actions
            for method in ("GET", "POST")
        ]
        if label in PAST:
            page = url("as_it_was", subject.pk)
            found.append(Page(f"{label} as_it_was", "GET", page, PAST[label]))
    return found


class Links(HTMLParser):
    """Collects where a page's links lead, those of the menu apart."""

    def __init__(self, html):
        super().__init__()
        self.menu, self.content = [], []
        self._is_before_main, self._in_item = True, False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("id") == "main":
            self._is_before_main = False
        if tag == "li":
            self._in_item = True
        href = given.get("href", "")
        if tag == "a" and href.startswith(("/", "?", ".")):
            is_menu = self._is_before_main and self._in_item
            (self.menu if is_menu else self.content).append(href)

    def handle_endtag(self, tag):
        if tag == "li":
            self._in_item = False


def links_on(answer):
    return Links(answer.content.decode())
