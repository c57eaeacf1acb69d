"""Giving money back in the back office: the plan, the second person, what may be done next."""

import importlib
from decimal import Decimal
from unittest import mock

import pytest
from django.db.models import F
from django.urls import reverse

from audit.models import AuditEntry
from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.kernel import clock
from refunds import services
from refunds.models import CreditNote, Refund, RefundPolicy
from refunds.states import RefundReason, Restock
from tests.accounts.people import PASSWORD
from tests.backoffice.shop import ask_for_refund, browser_of, nonce, place_order, refund_online
from tests.fulfilment.packing import pay
from tests.orders.ordering import sell
from tests.refunds.refunding import FakeGateway, pay_online

# The package's name of it is the function.
execute_refund = importlib.import_module("refunds.services.execute_refund")

WHOLE_TABLE = {
    "approve": {Role.ADMIN, Role.SUPERVISOR},
    "reject": {Role.ADMIN, Role.SUPERVISOR},
    "cancel": {Role.ADMIN, Role.SUPERVISOR, Role.OPERATIONS, Role.SUPPORT},
}
LABELS = {"approve": "Approve", "reject": "Reject", "cancel": "Give up"}
INBOX = "/admin/refunds/refund/approvals/"


@pytest.fixture
def order(shop):
    """An order of three hats, paid by hand: 6,000 and 500 for shipping."""
    sell("HAT", "2000.00", stock=9)
    order = place_order("HAT", 3, total="6500.00", email="fola@example.com")
    pay(order.number, order.total)
    return order


def form_of(order, *, units=1, **filled):
    hats = order.lines.get()
    return {
        f"cancel_{hats.pk}": str(units),
        "method": "by_provider",
        "reason": "cancelled",
        "nonce": nonce(),
        **filled,
    }


def press(browser, order, **filled):
    return browser.post(f"/admin/orders/order/{order.pk}/refund/", form_of(order, **filled))


def act(browser, refund, name, **filled):
    url = f"/admin/refunds/refund/{refund.pk}/{name}/"
    return browser.post(url, {"nonce": nonce(), "version": refund.version, **filled})


def page_of(browser, refund):
    return browser.get(f"/admin/refunds/refund/{refund.pk}/change/")


def buttons(browser, refund):
    return [one["label"] for one in page_of(browser, refund).context["object_actions"]]


def said(answer):
    return " ".join(
        str(error) for errors in answer.context["form"].errors.values() for error in errors
    )


def refunds_of(order):
    return list(Refund.objects.filter(order=order).order_by("id"))


def test_the_first_press_shows_the_plan_and_writes_nothing(order, admin):
    answer = press(admin, order, units=2)

    plan = answer.context["plan"]
    assert answer.status_code == 200
    assert plan.amount == "NGN 4,000.00"
    assert plan.effects[0] == "Cancelled now, and free again in stock: 2 × HAT."
    assert plan.balances[-1] == ("Still refundable then", "NGN 2,500.00")
    assert not plan.needs_another
    assert refunds_of(order) == []


def test_the_second_press_does_exactly_what_the_plan_said_and_once(order, admin):
    seen = press(admin, order, units=2).context["plan"].plan_hash
    filled = form_of(order, units=2, plan_hash=seen)
    url = f"/admin/orders/order/{order.pk}/refund/"

    first, again = admin.post(url, filled), admin.post(url, filled)

    (refund,) = refunds_of(order)
    assert (first.status_code, again.status_code) == (302, 302)
    assert (refund.amount, refund.state, refund.method) == (Decimal(4000), "approved", "manual")
    assert order.lines.get().qty_cancelled == 2


def test_a_plan_that_has_changed_is_shown_anew_and_keeps_what_was_typed(order, admin):
    seen = press(admin, order, units=1, note="Rang up").context["plan"].plan_hash
    wish = services.RefundWish(shipping=Decimal(500), reason=RefundReason.OTHER)
    ask_for_refund(order.number, wish, by=admin.user)

    answer = press(admin, order, units=1, note="Rang up", plan_hash=seen)

    plan = answer.context["plan"]
    assert answer.status_code == 409
    assert "Something has moved since you looked." in said(answer)
    assert plan.plan_hash != seen
    assert plan.balances[1] == ("Promised back or refunded now", "NGN 500.00")
    assert answer.context["form"]["note"].value() == "Rang up"
    assert len(refunds_of(order)) == 1


def test_more_than_can_be_refunded_is_refused_with_what_is_left_and_why(order, admin):
    answer = press(admin, order, units=4)

    assert answer.status_code == 409
    assert "NGN 6500.00 is left" in said(answer)
    assert "HAT: 3 possible." in said(answer)
    assert answer.context["plan"] is None
    assert refunds_of(order) == []


def test_nothing_chosen_is_no_refund(order, admin):
    answer = press(admin, order, units=0)

    assert (answer.status_code, refunds_of(order)) == (400, [])
    assert "Say what is to be refunded" in said(answer)


def test_above_ones_limit_it_is_a_request(order, operations):
    RefundPolicy.objects.filter(role=Role.OPERATIONS).update(max_per_refund=1000)
    plan = press(operations, order, units=1).context["plan"]

    answer = press(operations, order, units=1, plan_hash=plan.plan_hash)

    (refund,) = refunds_of(order)
    assert plan.limit.startswith("Needs a second person: your limit is NGN 1,000.00 a refund")
    assert (answer.status_code, refund.state) == (302, "requested")


def test_the_inbox_says_who_asks_how_much_against_which_limit_and_why(shop, admin):
    page = admin.get(INBOX)

    (waiting,) = page.context["waiting"]
    assert waiting.who == "olu@example.com"
    assert waiting.amount == "NGN 60,000.00"
    assert waiting.limit == "NGN 50,000.00 a refund, NGN 200,000.00 a day"
    assert (waiting.why, waiting.note) == ("Cancelled", "Rang up and took it back")
    assert waiting.parts == "2 × COAT (cancelled)"
    assert [one["label"] for one in waiting.buttons] == ["Approve", "Reject", "Give up"]


@pytest.mark.parametrize("role", Role)
def test_the_inbox_is_open_to_who_may_approve(shop, role):
    status = browser_of(role=role).get(INBOX).status_code

    assert status == (200 if role in WHOLE_TABLE["approve"] else 403)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LOGISTICS}))
def test_each_role_is_offered_what_it_may_do_next(shop, role):
    offered = {LABELS[name] for name, roles in WHOLE_TABLE.items() if role in roles}

    assert set(buttons(browser_of(role=role), shop.refund)) == offered


def test_a_credit_note_is_among_the_orders_papers(shop, admin, order):
    wish = services.RefundWish(shipping=Decimal(500), reason=RefundReason.OTHER)
    refund = ask_for_refund(order.number, wish, by=admin.user)
    services.record_manual_refund(
        number=refund.number, bank_reference="OUT-1", user_id=admin.user.pk, at=clock.now()
    )
    note = CreditNote.objects.get(refund=refund).number
    paper = f"/admin/orders/order/{order.pk}/credit-notes/{note}.pdf"
    page = f"/admin/orders/order/{order.pk}/change/"
    logistics = browser_of(role=Role.LOGISTICS)

    assert f'href="{paper}">{note}</a>' in admin.get(page).content.decode()
    assert note not in logistics.get(page).content.decode()
    printed = admin.get(paper)
    assert printed.content.startswith(b"%PDF")
    assert AuditEntry.objects.latest().event == "printed"
    assert logistics.get(paper).status_code == 403
    elsewhere = paper.replace(str(order.pk), str(shop.order.pk), 1)
    assert admin.get(elsewhere).status_code == 404


def test_logistics_see_no_refunds(shop):
    browser = browser_of(role=Role.LOGISTICS)
    places = [reverse("admin:refunds_refund_changelist")]
    places.append(reverse("admin:refunds_refund_change", args=[shop.refund.pk]))
    bench = browser.get(reverse("admin:orders_order_change", args=[shop.refund.order_id]))

    assert [browser.get(place).status_code for place in places] == [403, 403]
    assert shop.refund.number not in bench.context["refunds"]


def test_nobody_approves_their_own(shop, admin):
    wish = services.RefundWish(
        lines=[services.WantedLine(sku="COAT", quantity=1, restock=Restock.CANCEL)],
        reason=RefundReason.CANCELLED,
    )
    RefundPolicy.objects.update(max_per_refund=1)
    services.reject_refund(
        number=shop.refund.number, answer="Anew", user_id=admin.user.pk, at=clock.now()
    )
    own = ask_for_refund(shop.refund.order.number, wish, by=admin.user)

    answer = act(admin, own, "approve", password=PASSWORD)

    assert buttons(admin, own) == ["Reject", "Give up"]
    assert answer.status_code == 403
    assert "You asked for this refund yourself." in said(answer)
    assert Refund.objects.get(pk=own.pk).state == "requested"
    (waiting,) = admin.get(INBOX).context["waiting"]
    assert waiting.is_own


def test_approving_takes_the_own_password_and_a_wrong_one_counts(shop, admin):
    wrong = act(admin, shop.refund, "approve", password="not this one")
    before = Refund.objects.get(pk=shop.refund.pk).state

    right = act(admin, shop.refund, "approve", password=PASSWORD)

    after = Refund.objects.get(pk=shop.refund.pk)
    assert (wrong.status_code, before) == (400, "requested")
    assert "This is not your password." in said(wrong)
    assert AuditEntry.objects.filter(outcome="failed", event="login_failed").count() == 1
    assert (right.status_code, after.state, after.approved_by) == (302, "approved", admin.user)


def test_what_somebody_else_did_meanwhile_is_not_approved(shop, admin):
    answer = act(admin, shop.refund, "approve", password=PASSWORD, version="0")

    assert answer.status_code == 409
    assert "Somebody else has worked on this refund." in said(answer)


def test_a_refund_by_hand_is_done_with_the_banks_reference(shop, admin):
    act(admin, shop.refund, "approve", password=PASSWORD)
    offered = buttons(admin, shop.refund)

    answer = act(admin, shop.refund, "record", bank_reference="NIP-4711")

    refund = Refund.objects.get(pk=shop.refund.pk)
    assert offered == ["Record the bank's reference", "Give up"]
    assert (answer.status_code, refund.state) == (302, "succeeded")
    assert buttons(admin, refund) == []
    assert CreditNote.objects.get(refund=refund).number in page_of(admin, refund).content.decode()


def test_what_is_rejected_frees_the_money(shop, admin):
    answer = act(admin, shop.refund, "reject", answer="Not twice")

    refund = Refund.objects.get(pk=shop.refund.pk)
    assert (answer.status_code, refund.state, refund.answer) == (302, "rejected", "Not twice")
    assert refund.payment.refund_committed == 0


def test_one_in_limbo_may_only_be_looked_up_and_says_so_where_nobody_answers(shop, admin):
    refund = refund_online(shop, "unreachable")

    answer = act(admin, refund, "look-up")

    told = [str(message) for message in page_of(admin, refund).context["messages"]]
    assert buttons(admin, refund) == ["Look up"]
    assert answer.status_code == 302
    assert told == ["The payment provider does not answer. Please try again."]
    assert Refund.objects.get(pk=refund.pk).state == "unknown"


def test_one_that_failed_is_tried_again_by_hand(shop, admin):
    refund = refund_online(shop, "refused")
    offered = buttons(admin, refund)

    answer = act(admin, refund, "retry", by_hand="on")

    again = Refund.objects.get(pk=refund.pk)
    assert offered == ["Try again"]
    assert (answer.status_code, again.state, again.method) == (302, "approved", "manual")


def test_who_asked_for_what_needed_approval_is_not_offered_to_try_it_again(shop, admin):
    sell("HAT", "2000.00", stock=9)
    order = place_order("HAT", 1, total="2500.00", email="efe@example.com")
    pay_online(order.number, order.total)
    wish = services.RefundWish(
        lines=[services.WantedLine(sku="HAT", quantity=1, restock=Restock.CANCEL)],
        reason=RefundReason.CANCELLED,
    )
    RefundPolicy.objects.update(max_per_refund=1)
    own = ask_for_refund(order.number, wish, by=admin.user)
    RefundPolicy.objects.update(max_per_refund=F("max_per_day"))
    supervisor = browser_of(role=Role.SUPERVISOR)
    services.approve_refund(
        number=own.number, version=own.version, user_id=supervisor.user.pk, at=clock.now()
    )
    with mock.patch.object(
        execute_refund, "gateway_of", return_value=FakeGateway(answers=["refused"])
    ):
        services.execute_refund(number=own.number, at=clock.now())

    assert buttons(admin, own) == []
    assert buttons(supervisor, own) == ["Try again"]


def test_the_workbench_shows_what_goes_back_and_why_no_more(shop, admin):
    order = shop.refund.order

    page = admin.get(f"/admin/orders/order/{order.pk}/change/").context

    money = dict(page["money"])
    assert (money["Promised back"], money["Owed to the customer"]) == (
        "NGN 60,000.00",
        "NGN 500.00",
    )
    assert "To be refunded" in str(dict(page["chips"])["Refund"])  # its shipping
    assert shop.refund.number in page["refunds"]
    assert "NGN 500.00 refundable." in page["why_so_much"][0]
    story = [text for step in page["timeline"].steps for text in step.what]
    about = [text for text in story if shop.refund.number in text]
    assert about == [
        f"Refund {shop.refund.number} of NGN 60,000.00 asked for and waits for a second person"
    ]


def test_home_counts_what_waits_and_raises_an_alarm_for_what_is_stuck(shop, admin):
    refund_online(shop, "unreachable")
    refund_online(shop, "refused")

    tiles = {one["title"]: one for one in admin.get("/admin/").context["tiles"]}

    names = ("Refunds to approve", "Refunds to pay by hand", "Refunds in limbo", "Failed refunds")
    assert [tiles[name]["value"] for name in names] == [1, 0, 1, 1]
    assert [tiles[name]["is_alarm"] for name in names] == [False, False, True, True]
    assert shop.refund.number in admin.get(tiles[names[0]]["url"]).content.decode()


def test_limits_are_changed_by_an_admin_alone_and_written_down(shop, admin):
    page = f"/admin/refunds/refundpolicy/{shop.policy.pk}/change/"
    shown = admin.get(page).context["adminform"].form["shown"].value()
    filled = {"max_per_refund": "500.00", "max_per_day": "900.00", "shown": shown, "nonce": nonce()}

    refused = browser_of(role=Role.SUPERVISOR).post(page, filled)
    done = admin.post(page, filled)

    policy = RefundPolicy.objects.get(pk=shop.policy.pk)
    entry = AuditEntry.objects.filter(object_repr="support").latest()
    assert (refused.status_code, done.status_code) == (403, 302)
    assert (policy.max_per_refund, policy.max_per_day) == (Decimal(500), Decimal(900))
    assert entry.actor_email == User.objects.get(pk=admin.user.pk).email
