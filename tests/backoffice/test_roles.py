"""Who may open and do what: every role, every page, every button, against the one table."""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.db import connection
from django.urls import resolve, reverse
from psycopg import sql

from audit.models import AuditEntry
from mdv.accounts.roles import RIGHTS, Role
from tests.accounts.people import deactivate, make_staff
from tests.backoffice.beforehand import ELSEWHERE, FIRST
from tests.backoffice.pages import links_on, our_models, pages_of
from tests.backoffice.payloads import PAYLOADS, form_of
from tests.backoffice.shop import browser_of, nonce, subjects

STRANGERS = ("customer", "inactive", "anonymous")
# These change by themselves: who looked at what, and when.
NOT_COMPARED = {"audit_auditentry", "django_session"}


def may(role, right):
    return role in RIGHTS.get(right, frozenset())


def send(browser, page, data=None):
    if page.method == "GET":
        return browser.get(page.url)
    return browser.post(page.url, data or {})


def told(answer):
    """What a refused form says."""
    form = (answer.context or {}).get("adminform") or (answer.context or {}).get("form")
    return dict(getattr(form, "errors", {}))


def everything():
    """A digest of every table but those that every request writes."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - NOT_COMPARED
        digests = {}
        for table in sorted(tables):
            rows = sql.SQL("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t")
            cursor.execute(rows.format(sql.Identifier(table)))
            digests[table] = cursor.fetchone()[0]
    return digests


def stranger(kind, shop):
    if kind == "anonymous":
        return browser_of()
    if kind == "customer":
        return browser_of(shop.customer)
    person = make_staff(Role.ADMIN, email="gone@example.com")
    browser = browser_of(person)
    deactivate(person)
    return browser


@pytest.mark.parametrize("role", Role)
def test_each_page_and_each_button_is_open_to_exactly_the_roles_of_the_table(shop, role):
    browser = browser_of(role=role)

    wrong = []
    for page in pages_of(subjects(shop)):
        answer = send(browser, page)
        if (answer.status_code != 403) != may(role, page.right) or answer.status_code >= 404:
            wrong.append((page.name, page.method, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_a_forged_form_of_who_may_not_changes_nothing_and_is_written_down(shop, role):
    browser = browser_of(role=role)
    before = everything()
    forged = [
        page
        for page in pages_of(subjects(shop))
        if page.method == "POST" and not may(role, page.right)
    ]

    for page in forged:
        answer = browser.post(page.url, {**form_of(page.name, shop), "nonce": nonce()})

        assert answer.status_code == 403, page
        entry = AuditEntry.objects.latest()
        assert (entry.event, entry.outcome) == ("denied", "denied")
        assert (entry.actor_email, entry.actor_role) == (f"{role}@example.com", role)
        assert entry.object_repr.startswith("POST admin/")

    assert everything() == before


def test_there_is_a_form_to_forge_for_everything_that_anybody_may_do(shop):
    open_pages = {
        page.name
        for page in pages_of(subjects(shop))
        if page.method == "POST" and RIGHTS.get(page.right)
    }

    assert open_pages == set(PAYLOADS)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAYLOADS)
def test_the_forms_that_are_forged_here_do_change_something_for_who_may(shop, name):
    browser = browser_of(role=Role.ADMIN)
    if name in FIRST:
        FIRST[name](shop)
    kinds = subjects(shop)
    if name in ELSEWHERE:
        other = ELSEWHERE[name](shop)
        kinds[type(other)] = other
    (page,) = (p for p in pages_of(kinds) if (p.name, p.method) == (name, "POST"))
    before = everything()

    answer = browser.post(page.url, {**form_of(name, shop), "nonce": nonce()})

    assert answer.status_code == 302, told(answer)
    assert everything() != before


@pytest.mark.parametrize("kind", STRANGERS)
def test_who_is_not_on_the_staff_gets_nowhere_and_changes_nothing(shop, kind):
    browser = stranger(kind, shop)
    before = everything()
    home = [("home", "GET", reverse("admin:index")), ("search", "GET", reverse("admin:search"))]
    addresses = [(page.name, page.method, page.url) for page in pages_of(subjects(shop))] + home

    for name, method, url in addresses:
        data = {**form_of(name, shop), "nonce": nonce()}
        answer = browser.get(url) if method == "GET" else browser.post(url, data)

        if kind == "customer":
            assert answer.status_code == 403, url
        else:
            assert answer.status_code == 302, url
            assert answer["Location"].startswith("/admin/login/?next=")

    assert everything() == before


@pytest.mark.parametrize("role", Role)
def test_the_menu_has_exactly_the_lists_that_the_role_may_see(shop, role):
    browser = browser_of(role=role)

    menu = links_on(browser.get("/admin/")).menu

    offered = {reverse("admin:index")} | {
        page.url
        for page in pages_of(subjects(shop))
        if page.name.endswith(" list") and may(role, page.right)
    }
    if may(role, "refunds.approve_refund"):
        offered.add("/admin/refunds/refund/approvals/")
    # These are reached from their product's page.
    offered -= {"/admin/catalog/variant/", "/admin/catalog/productimage/"}
    assert sorted(menu) == sorted(offered)


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_no_page_offers_a_link_that_the_role_may_not_follow(shop, role):
    browser = browser_of(role=role)
    pages = [p.url for p in pages_of(subjects(shop)) if p.method == "GET" and may(role, p.right)]
    offered = {}
    for url in ["/admin/", *pages]:
        answer = browser.get(url, follow=True)
        at = answer.redirect_chain[-1][0] if answer.redirect_chain else url
        for link in {*links_on(answer).menu, *links_on(answer).content}:
            found = urlsplit(urljoin(at, link))
            # One of each kind will do: a list has a link for every row.
            kind = (resolve(found.path).view_name, *sorted(parse_qs(found.query)))
            offered.setdefault(kind, (found.geturl(), url))

    refused = {
        link: (status, on)
        for link, on in offered.values()
        if (status := browser.get(link, follow=True).status_code) != 200
    }

    assert refused == {}


def test_only_our_own_pages_are_registered():
    registered = {model._meta.label_lower for model in our_models()}

    assert registered == {
        "accounts.user",
        "audit.auditentry",
        "catalog.category",
        "catalog.product",
        "catalog.productimage",
        "catalog.variant",
        "events.event",
        "events.webhookdelivery",
        "events.webhooktarget",
        "fulfilment.shipment",
        "mail.mail",
        "ops.bookscheck",
        "orders.order",
        "payments.gatewayevent",
        "pricing.coupon",
        "pricing.shippingzone",
        "pricing.taxrate",
        "procrastinate.procrastinatejob",
        "refunds.refund",
        "refunds.refundpolicy",
        "refunds.return",
        "stock.stockitem",
        "stock.stocktake",
        "store.storesettings",
    }


@pytest.mark.parametrize(
    "path",
    [
        "auth/group/",
        "auth/user/",
        "auditlog/logentry/",
        "knox/authtoken/",
        "accounts/apitoken/",
        "procrastinate/procrastinateevent/",
        "procrastinate/procrastinateworker/",
        "sessions/session/",
        "knox/",
        "auth/",
    ],
)
def test_pages_that_libraries_bring_are_not_there(admin, path):
    assert admin.get(f"/admin/{path}").status_code == 404
