"""Printing invoices and receipts: who may, when there is one, and what stands on it."""

from io import BytesIO

import pytest
import time_machine
from django.core import signing
from django.db import connection, transaction
from django.test import Client
from pypdf import PdfReader

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.papers import printing
from mdv.store.services import update_store_settings
from shop.orders.mail_links import LASTS, PaperKind, link_to
from shop.orders.models import Invoice, Order
from tests.backoffice.shop import browser_of
from tests.catalog.clients import Caller
from tests.orders.ordering import act, customer, deliver_everywhere, guest, placed, sell, staff
from tests.orders.test_invoices import THIS_YEAR, pay

pytestmark = pytest.mark.django_db

PAPERS = ["invoice.pdf", "receipt"]


@pytest.fixture(autouse=True)
def _shop(db):
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    update_store_settings(
        legal_name="Maison & Sons", tax_id="TIN 7", address="1 Marina", invoice_footer="<Thanks>"
    )


@pytest.fixture
def paid():
    """A guest's order that is paid, as its answer said."""
    order = placed(guest(), ("SHIRT", 1), total="2000.00")
    pay(order["number"])
    return order


def fetch(caller, order, paper, **headers):
    return caller.get(f"/orders/{order['number']}/{paper}", **headers)


def token_of(order):
    return {"X-Order-Token": order["access_token"]}


def words(content):
    found = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in found).split())


@pytest.mark.parametrize("paper", PAPERS)
class TestWho:
    def test_a_guest_prints_it_with_the_orders_token(self, paid, paper):
        answer = fetch(guest(), paid, paper, **token_of(paid))

        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Cache-Control"] == "private, no-store"
        name = {"invoice.pdf": "INV-2026-000001", "receipt": f"receipt-{paid['number']}"}[paper]
        assert answer["Content-Disposition"] == f'attachment; filename="{name}.pdf"'
        assert answer.content.startswith(b"%PDF-")

    def test_a_customer_prints_their_own(self, paper):
        ada = customer()
        order = placed(ada, ("SHIRT", 1), total="2000.00")
        pay(order["number"])

        assert fetch(ada, order, paper).status_code == 200

    def test_for_strangers_it_does_not_exist(self, paid, paper):
        other = placed(guest(), ("SHIRT", 1), total="2000.00")

        answers = [
            fetch(guest(), paid, paper),
            fetch(guest(), paid, paper, **token_of(other)),
            fetch(customer("eve@example.com"), paid, paper),
            fetch(staff(Role.ADMIN), paid, paper),
            fetch(guest(), {"number": "M-00000000"}, paper),
        ]

        assert [answer.status_code for answer in answers] == [404] * 5
        assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}

    def test_before_there_is_one_the_answer_says_so(self, paper):
        order = placed(guest(), ("SHIRT", 1), total="2000.00")

        answer = fetch(guest(), order, paper, **token_of(order))

        code = {"invoice.pdf": "not_invoiced", "receipt": "nothing_paid"}[paper]
        assert (answer.status_code, answer.json()["code"]) == (409, code)

    @pytest.mark.parametrize("accept", ["application/pdf", "*/*", "application/json"])
    def test_a_client_may_ask_for_a_pdf_and_is_told_of_a_refusal_all_the_same(
        self, paid, paper, accept
    ):
        answer = fetch(guest(), paid, paper, Accept=accept, **token_of(paid))
        refused = fetch(guest(), paid, paper, Accept=accept)

        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert refused.status_code == 404
        assert refused["Content-Type"] == "application/problem+json"
        assert refused.json()["code"] == "not_found"


class TestWhat:
    def test_an_invoice_says_who_sold_what_to_whom_for_how_much(self, paid):
        text = words(fetch(guest(), paid, "invoice.pdf", **token_of(paid)).content)

        for part in [
            "Invoice INV-2026-000001",
            "Date: 21 November 2026",
            f"Order: {paid['number']}",
            "Maison & Sons",
            "1 Marina",
            "Tax number: TIN 7",
            "Ada Obi",
            "SHIRT",
            "Items ₦1,500.00",
            "Shipping ₦500.00",
            "Total ₦2,000.00",
            "<Thanks>",
            "Page 1 of 1",
        ]:
            assert part in text

    def test_it_is_the_same_again_whatever_changed_since(self, paid):
        before = fetch(guest(), paid, "invoice.pdf", **token_of(paid)).content

        update_store_settings(legal_name="Other", tax_id="", address="", invoice_footer="")
        Order.objects.update(name="Eve", email="eve@example.com", shipping_address={})
        pay(paid["number"], "5.00")

        assert fetch(guest(), paid, "invoice.pdf", **token_of(paid)).content == before

    def test_a_receipt_says_what_was_paid_when_and_how(self):
        order = placed(guest(), ("SHIRT", 1), total="2000.00")
        pay(order["number"], "500.00")

        text = words(fetch(guest(), order, "receipt", **token_of(order)).content)

        assert f"Receipt for order {order['number']}" in text
        assert "21 November 2026, 00:00 Bank transfer" in text
        assert "Paid ₦500.00 Still due ₦1,500.00" in text


class TestStaff:
    @pytest.mark.parametrize("role", Role)
    def test_every_role_prints_an_invoice_and_that_is_written_down(self, paid, role):
        answer = staff(role).get(f"/staff/orders/{paid['number']}/invoice.pdf")

        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        entry = AuditEntry.objects.get(event="printed")
        assert entry.object_repr == paid["number"]
        assert entry.additional_data == {"paper": "INV-2026-000001.pdf"}

    def test_customers_and_strangers_do_not(self, paid):
        path = f"/staff/orders/{paid['number']}/invoice.pdf"

        assert Caller().get(path).status_code == 401
        assert customer().get(path).status_code == 403
        assert staff(Role.SUPPORT).get("/staff/orders/M-00000000/invoice.pdf").status_code == 404

    def test_the_orders_page_links_to_its_papers_and_prints_them(self, paid):
        browser = browser_of(role=Role.LOGISTICS)
        pk = Order.objects.get(number=paid["number"]).pk
        page = f"/admin/orders/order/{pk}"

        shown = browser.get(f"{page}/change/").content.decode()
        answers = [browser.get(f"{page}/{paper}.pdf") for paper in ("invoice", "receipt")]

        assert f'href="{page}/invoice.pdf">INV-2026-000001</a>' in shown
        assert f'href="{page}/receipt.pdf">Receipt</a>' in shown
        assert "Invoice INV-2026-000001 issued" in shown
        assert [answer["Content-Type"] for answer in answers] == ["application/pdf"] * 2
        assert AuditEntry.objects.filter(event="printed").count() == 2

    def test_a_page_without_papers_says_so_and_made_up_addresses_lead_nowhere(self):
        order = placed(guest(), ("SHIRT", 1), total="2000.00")
        pk = Order.objects.get(number=order["number"]).pk
        browser = browser_of(role=Role.LOGISTICS)

        assert "None yet." in browser.get(f"/admin/orders/order/{pk}/change/").content.decode()
        assert browser.get(f"/admin/orders/order/{pk}/invoice.pdf").status_code == 404
        assert browser.get("/admin/orders/order/0/invoice.pdf").status_code == 404
        anonymous = browser_of().get(f"/admin/orders/order/{pk}/invoice.pdf")
        assert anonymous.status_code == 302


class TestLinks:
    """What mails carry: a link that opens one paper, for 90 days."""

    def path(self, order, kind=PaperKind.INVOICE):
        return link_to(kind, Order.objects.get(number=order["number"])).removeprefix(
            "http://localhost:8000"
        )

    def test_whoever_has_it_prints_that_paper(self, paid):
        answers = [Client().get(self.path(paid, kind)) for kind in PaperKind]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert "Invoice INV-2026-000001" in words(answers[0].content)
        assert f"Receipt for order {paid['number']}" in words(answers[1].content)

    def test_after_ninety_days_or_changed_it_leads_nowhere(self, paid):
        path = self.path(paid)
        forged = signing.dumps(["invoice", paid["number"]], salt="another purpose")

        assert Client().get(path[:-1] + ("a" if path[-1] != "a" else "b")).status_code == 404
        assert Client().get(f"/papers/{forged}").status_code == 404
        assert Client().get("/papers/x").status_code == 404
        with time_machine.travel(THIS_YEAR + 10 * LASTS):
            assert Client().get(path).status_code == 404

    def test_printing_is_limited_also_for_who_has_a_link(self, paid, settings):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api": "2/d"}

        answers = [Client().get(self.path(paid)).status_code for _ in range(3)]

        assert answers == [200, 200, 429]

    def test_before_there_is_a_paper_it_says_so(self):
        order = placed(guest(), ("SHIRT", 1), total="2000.00")

        assert Client().get(self.path(order)).status_code == 409
        assert not Invoice.objects.exists()


def test_confirming_at_the_counter_makes_an_invoice_without_a_receipt():
    order = placed(guest(), ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")
    assert (
        act(staff(Role.OPERATIONS), f"/staff/orders/{order['number']}/confirm").status_code == 200
    )

    with transaction.atomic():
        answers = [fetch(guest(), order, paper, **token_of(order)).status_code for paper in PAPERS]

    assert answers == [200, 409]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_printed_inside_a_transaction(monkeypatch):
    order = placed(guest(), ("SHIRT", 1), total="2000.00")
    pay(order["number"])
    seen = []

    class Watched(printing.SimpleDocTemplate):
        def build(self, *args, **kwargs):
            seen.append(connection.in_atomic_block)
            return super().build(*args, **kwargs)

    monkeypatch.setattr(printing, "SimpleDocTemplate", Watched)
    for paper in PAPERS:
        assert fetch(guest(), order, paper, **token_of(order)).status_code == 200

    assert seen == [False, False]
