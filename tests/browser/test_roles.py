"""A working day of each role: what it sees, the one thing it does all day, and what it is refused.

Home and the menu are read at a desk; the work is done on a phone.
"""

from dataclasses import dataclass

import pytest

from mdv.accounts.models import User
from refunds.models import Return
from shop.fulfilment.models import Shipment
from shop.orders.models import Order
from shop.pricing.models import Coupon
from tests.accounts.people import PASSWORD, make_staff

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("visitor", ["1400-light"], indirect=True),
]

PHONE = 390
EVERYBODY = {
    *("Home", "Orders", "Parcels", "Returns", "Products", "Categories", "Stock items"),
    *("Stock-takes", "Coupons", "Shipping zones", "Tax rates"),
}
CLERK = EVERYBODY | {"Payment exceptions", "People", "Refunds"}
WATCHER = CLERK | {
    *("Audit entries", "Events", "Webhooks", "Webhook deliveries", "Mails", "Failed jobs"),
    *("Store settings", "Refund limits", "Books"),
}
LEAD = WATCHER | {"Approvals"}
MENUS = {
    "admin": LEAD,
    "supervisor": LEAD,
    "operations": CLERK,
    "logistics": EVERYBODY,
    "support": CLERK | {"Mails"},
    "auditor": WATCHER,
}
BUTTONS = "#object-actions a, .mdv-parcels .mdv-buttons a"
CHANGING = "#content button, #content [type=submit], #submit-row button, #submit-row [type=submit]"


@dataclass
class Day:
    """Somebody at work, with the shop and the order that is before them."""

    visitor: object
    shop: object
    order: Order

    @property
    def page(self):
        return f"/admin/orders/order/{self.order.pk}/change/"

    def buttons(self):
        """What the page offers to do with its order, parcel or return."""
        return self.visitor.page.locator(BUTTONS).all_inner_texts()


@pytest.fixture
def begin(visitor, shop):
    """A function that lets somebody with a role come to work."""

    def come(role):
        make_staff(role, email=f"{role}@shop.example")
        visitor.log_in(f"{role}@shop.example")
        visitor.look(f"home-{role}")
        assert set(visitor.menu()) == MENUS[role]
        assert visitor.sees("To pack")
        assert visitor.sees("Payments to be settled") == (role != "logistics")
        visitor.turn_to(PHONE)
        visitor.look(f"home-{role}")
        day = Day(visitor, shop, shop.order)
        visitor.open(day.page, shot=f"order-of-{role}")
        return day

    return come


def test_the_admin_invites_a_colleague(begin):
    day = begin("admin")
    assert day.buttons() == ["Book payment", "Add note", "Cancel order"]

    day.visitor.open("/admin/accounts/user/add/", shot="invite")
    day.visitor.fill(email="new@shop.example", name="Nia", password=PASSWORD)
    day.visitor.page.locator("#content").get_by_label("Logistics").check()
    day.visitor.press("Add staff")

    assert day.visitor.sees("new@shop.example is on staff.")
    assert User.objects.get(email="new@shop.example").groups.get().name == "logistics"
    assert day.visitor.is_refused(f"/admin/audit/auditentry/{day.shop.entry.pk}/delete/")
    assert day.visitor.complaints == []


def test_the_supervisor_makes_a_coupon_and_reads_who_did_it(begin):
    day = begin("supervisor")
    assert day.buttons() == ["Book payment", "Add note", "Cancel order"]

    day.visitor.open("/admin/pricing/coupon/add/", shot="coupon-add")
    day.visitor.fill(code="MAY5", value="5")
    day.visitor.press("Save", shot="coupons")
    day.visitor.open("/admin/audit/auditentry/", shot="trail")

    assert Coupon.objects.get(code="MAY5").value == 5
    assert day.visitor.sees("MAY5")
    assert day.visitor.is_refused("/admin/accounts/user/add/")
    assert day.visitor.complaints == []


def test_operations_book_a_payment(begin):
    day = begin("operations")
    assert day.buttons() == ["Book payment", "Add note", "Cancel order"]

    day.visitor.press("Book payment")
    day.visitor.fill(reference="TRX-11")
    day.visitor.press("Book payment", shot="booked-on-a-phone")

    assert day.visitor.sees("NGN 2,000.00 booked.")
    assert Order.objects.get(pk=day.order.pk).payment_status == "paid"
    assert day.buttons() == ["Pack everything", "Pack parts", "Refund", "Add note", "Cancel order"]
    assert day.visitor.is_refused("/admin/audit/auditentry/")
    assert day.visitor.complaints == []


def test_logistics_pack_and_ship_from_the_worklists(begin):
    day = begin("logistics")
    assert day.buttons() == ["Add note"]

    day.visitor.open("/admin/")
    day.visitor.page.locator("#tiles").get_by_role("link", name="To pack").click()
    day.visitor.look("to-pack")
    paid = Order.objects.get(payment_status="paid", status="confirmed")
    day.visitor.follow(paid.number)
    day.visitor.press("Pack everything")
    day.visitor.press("Pack everything")
    day.visitor.press("Ready")
    day.visitor.press("Ready", shot="bench-ready")
    day.visitor.open("/admin/")
    day.visitor.page.locator("#tiles").get_by_role("link", name="To ship").click()
    day.visitor.look("to-ship")
    parcel = Shipment.objects.get(order=paid)
    day.visitor.follow(parcel.number, shot="parcel-ready")
    day.visitor.press("Dispatch")
    day.visitor.fill(carrier="GIG", tracking="GIG-12")
    day.visitor.press("Dispatch", shot="parcel-left")

    assert day.visitor.sees(f"{parcel.number} has left with GIG.")
    assert Shipment.objects.get(pk=parcel.pk).state == "dispatched"
    assert day.visitor.is_refused(f"{day.page.removesuffix('change/')}book-payment/")
    assert day.visitor.complaints == []


def test_support_decides_a_return_and_leaves_a_note(begin):
    day = begin("support")
    assert day.buttons() == ["Add note", "Cancel order"]

    day.visitor.press("Add note")
    day.visitor.fill(text="Asks for the blue one.")
    day.visitor.press("Add note", shot="noted-on-a-phone")
    assert day.visitor.sees("Asks for the blue one.")
    day.visitor.open("/admin/")
    day.visitor.page.locator("#tiles").get_by_role("link", name="Returns to decide").click()
    day.visitor.look("returns-of-support")
    day.visitor.follow(day.shop.returned.number)
    assert day.buttons() == ["Approve", "Reject", "Cancel return"]
    day.visitor.press("Reject")
    day.visitor.fill(answer="They were worn.")
    day.visitor.press("Reject", shot="return-rejected")

    assert day.visitor.sees(f"{day.shop.returned.number} is rejected.")
    assert Return.objects.get(pk=day.shop.returned.pk).state == "rejected"
    parcel = f"/admin/fulfilment/shipment/{day.shop.shipment.pk}/ready/"
    assert day.visitor.is_refused(parcel)
    assert day.visitor.complaints == []


def test_the_auditor_finds_nothing_that_changes_anything(begin):
    day = begin("auditor")
    pages = [
        day.page,
        f"/admin/fulfilment/shipment/{day.shop.shipment.pk}/change/",
        f"/admin/refunds/return/{day.shop.returned.pk}/change/",
        f"/admin/catalog/product/{day.shop.product.pk}/change/",
        f"/admin/accounts/user/{day.shop.customer.pk}/change/",
        "/admin/store/storesettings/1/change/",
    ]
    for page in pages:
        day.visitor.open(page)
        assert day.buttons() == [], page
        assert day.visitor.page.locator(CHANGING).all_inner_texts() == [], page

    day.visitor.open("/admin/audit/auditentry/")
    day.visitor.open(f"/admin/audit/auditentry/{day.shop.entry.pk}/change/", shot="entry")
    assert day.visitor.sees(day.shop.entry.object_repr)
    assert day.visitor.is_refused(f"{day.page.removesuffix('change/')}note/")
    assert day.visitor.complaints == []
