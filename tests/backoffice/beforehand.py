"""What must be so before a thing can be done, and where the shop's own object is needed by others.

Both by the page's name, as its form in ``payloads``: ``FIRST`` brings it about in the shop,
``ELSEWHERE`` returns the object to try it on.
"""

from django.db import transaction

from mdv.accounts.services import close_account
from mdv.events import services as events
from mdv.kernel import clock
from mdv.mail.models import Mail
from refunds import services as returns
from refunds.states import Condition
from shop.catalog import services as catalog
from shop.catalog.states import ProductStatus
from shop.fulfilment import services as parcels
from shop.orders.models import Order
from shop.orders.services import confirm_pay_on_delivery, expire_orders
from shop.payments.models import GatewayEvent, Payment
from tests.accounts.people import make_staff
from tests.backoffice.payloads import newest_refund
from tests.backoffice.shop import refund_online, unexplained_money
from tests.fulfilment.packing import pay
from tests.orders.ordering import let_pay_on_delivery
from tests.refunds.test_due_again import lose


def deliver_order(shop):
    confirm(shop)
    parcel = parcels.create_shipment(number=shop.order.number, at=clock.now()).number
    parcels.mark_ready(number=parcel, at=clock.now())
    parcels.dispatch_shipment(number=parcel, carrier="GIG", at=clock.now())
    parcels.deliver_shipment(number=parcel, at=clock.now())


def archive_product(shop):
    catalog.set_product_status(product_id=shop.product.pk, status=ProductStatus.ARCHIVED)


def archive_variant(shop):
    catalog.archive_variant(variant_id=shop.variant.pk)


def lose_mail(shop):
    Mail.objects.filter(pk=shop.mail.pk).update(state="failed")


def agree_to_cash(shop):
    let_pay_on_delivery(shop.order.number)


def confirm(shop):
    agree_to_cash(shop)
    confirm_pay_on_delivery(number=shop.order.number, at=clock.now())


def switch_webhook_off(shop):
    events.update_target(target_id=shop.webhook.pk, is_active=False)


def let_it_expire(shop):
    """Let the money be for an order that had expired."""
    payment = Payment.objects.create(
        order=shop.order,
        provider="paystack",
        reference="P-KNOWN",
        currency="NGN",
        amount=shop.order.total,
    )
    Order.objects.filter(pk=shop.order.pk).update(expires_at=clock.now())
    expire_orders(at=clock.now())
    with transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(
            state="captured", captured=shop.order.total, captured_at=clock.now()
        )
        Order.objects.filter(pk=shop.order.pk).update(captured_total=shop.order.total)
    unexplained_money(fact="charge.success:4712", outcome="late", payment=payment)


def let_a_bank_take_too_much(shop):
    """Let more have gone back than was booked of it."""
    pay(shop.order.number, shop.order.total)
    unexplained_money(
        fact="dispute-1:succeeded",
        subject="chargeback",
        refund_number="dispute-1",
        outcome="excess",
        payment=Payment.objects.get(order=shop.order),
    )


def close_parcel(shop):
    parcels.mark_ready(number=shop.shipment.number, at=clock.now())


def ship_parcel(shop):
    close_parcel(shop)
    parcels.dispatch_shipment(number=shop.shipment.number, carrier="GIG", at=clock.now())


def agree_to_return(shop):
    return returns.approve_return(number=shop.returned.number, at=clock.now())


def receive_return(shop):
    scarf = returns.Received(sku="GLOVES", quantity=1, condition=Condition.AS_NEW, restock=True)
    returns.receive_return(
        number=shop.returned.number,
        version=agree_to_return(shop).version,
        received=[scarf],
        at=clock.now(),
    )


def approve_refund(shop):
    returns.approve_refund(
        number=shop.refund.number,
        version=shop.refund.version,
        user_id=make_staff("supervisor").pk,
        at=clock.now(),
    )


def lose_sight_of_a_refund(shop):
    refund_online(shop, "unreachable")


def fail_a_refund(shop):
    refund_online(shop, "refused")


FIRST = {
    "orders.order refund": lambda shop: pay(shop.order.number, shop.order.total),
    "refunds.refund look-up": lose_sight_of_a_refund,
    "refunds.refund record": approve_refund,
    "refunds.refund retry": fail_a_refund,
    "refunds.return receive": agree_to_return,
    "refunds.return close": receive_return,
    "fulfilment.shipment dispatch": close_parcel,
    "fulfilment.shipment in-transit": ship_parcel,
    "fulfilment.shipment deliver": ship_parcel,
    "fulfilment.shipment tracking": ship_parcel,
    "fulfilment.shipment returned": ship_parcel,
    "payments.gatewayevent book-rest": let_a_bank_take_too_much,
    "payments.gatewayevent leave-refund": let_a_bank_take_too_much,
    "payments.gatewayevent reopen": let_it_expire,
    "payments.gatewayevent write-off": let_a_bank_take_too_much,
    "accounts.user reopen": lambda shop: close_account(user=shop.customer),
    "catalog.product make-active": archive_product,
    "catalog.variant restore": archive_variant,
    "events.webhooktarget switch-on": switch_webhook_off,
    "mail.mail resend": lose_mail,
    "orders.order accept-missing": lambda shop: lose(shop.order.number, shop.order.total),
    "orders.order confirm": agree_to_cash,
    "orders.order cancel-confirmed": confirm,
    "orders.order return": deliver_order,
    "orders.order pack": confirm,
    "orders.order pack-parts": confirm,
}


def money_that_came_late(shop):
    return GatewayEvent.objects.get(outcome="late")


def money_that_is_missing(shop):
    return GatewayEvent.objects.get(outcome="excess")


ELSEWHERE = {
    "catalog.product delete": lambda shop: shop.spare_product,
    "catalog.variant delete": lambda shop: shop.spare_variant,
    "payments.gatewayevent book-rest": money_that_is_missing,
    "payments.gatewayevent leave-refund": money_that_is_missing,
    "payments.gatewayevent reopen": money_that_came_late,
    "payments.gatewayevent write-off": money_that_is_missing,
    "refunds.refund look-up": newest_refund,
    "refunds.refund retry": newest_refund,
    "pricing.shippingzone delete": lambda shop: shop.spare_zone,
}
