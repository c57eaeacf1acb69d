"""Refunds by hand whose money may have gone another way: what the back office says of them."""

from django.db.models import F
from django.urls import reverse

from mdv.kernel import clock
from refunds import services
from refunds.admin.refund_actions import say_what_became_of
from refunds.models import Refund
from refunds.states import RefundReason, Restock
from tests.backoffice.shop import ask_for_refund, place_order
from tests.backoffice.test_refunds import act, buttons, page_of
from tests.orders.ordering import sell
from tests.refunds.refunding import apply, outside, pay_online
from tests.refunds.test_money_taken_back import write_event


def test_while_money_was_taken_back_it_says_what_to_settle_and_offers_no_transfer(shop, admin):
    exception = write_event(shop.refund.payment, provider=shop.refund.payment.provider)
    link = reverse("admin:payments_gatewayevent_change", args=[exception.pk])
    Refund.objects.filter(pk=shop.refund.pk).update(
        state="approved", approved_by=admin.user, approved_at=clock.now(), version=F("version") + 1
    )
    bench = f"/admin/orders/order/{shop.refund.order_id}/change/"

    blocked = say_what_became_of(Refund.objects.get(pk=shop.refund.pk))
    page = page_of(admin, shop.refund).content.decode()

    assert buttons(admin, shop.refund) == ["Give up"]
    assert "Record the bank" not in admin.get(bench).context["refunds"]
    assert f'href="{link}">money of its payment was taken back' in page
    assert "it waits, since money of its payment was taken back" in blocked
    services.leave_refund_event(
        event_id=exception.pk, note="Won", user_id=admin.user.pk, at=clock.now()
    )
    assert buttons(admin, shop.refund) == ["Record the bank's reference", "Give up"]
    assert link not in page_of(admin, shop.refund).content.decode()
    assert "somebody pays it at the bank" in say_what_became_of(
        Refund.objects.get(pk=shop.refund.pk)
    )


def test_who_pays_by_hand_is_warned_of_what_went_back_at_the_provider_meanwhile(shop, admin):
    sell("HAT", "2000.00", stock=9)
    order = place_order("HAT", 3, total="6500.00", email="efe@example.com")
    payment = pay_online(order.number, order.total)
    apply(outside(payment, "100.00", provider_id="re_before"), payment)
    one = services.WantedLine(sku="HAT", quantity=1, restock=Restock.CANCEL)
    wish = services.RefundWish(lines=[one], reason=RefundReason.CANCELLED, by_hand=True)
    refund = ask_for_refund(order.number, wish, by=admin.user)
    transfers = reverse("admin:refunds_refund_changelist") + "?worklist=to_transfer"
    places = [transfers, f"/admin/refunds/refund/{refund.pk}/change/"]
    before = [admin.get(place).content.decode() for place in places]

    apply(outside(payment, "1500.00"), payment)

    warning = "NGN 1,500.00 of this payment has gone back at Paystack meanwhile: look before"
    after = [admin.get(place).content.decode() for place in places]
    assert ["meanwhile" in page for page in before] == [False, False]
    assert [warning in page for page in after] == [True, True]
    act(admin, refund, "record", bank_reference="NIP-1")
    assert "meanwhile" not in page_of(admin, refund).content.decode()
