"""The page that a mailed link leads to: what is due, and a button for each provider."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from mdv.http.address import bucket
from mdv.http.problems import answer, problem_for
from mdv.kernel import clock, context
from mdv.kernel.errors import DomainError
from mdv.kernel.money import write_money
from mdv.limits import services as limits
from mdv.store.services import store_settings
from shop.orders.mail_links import read_link_to_pay
from shop.orders.models import Order
from shop.payments import services
from shop.payments.states import Provider


@require_http_methods(["GET", "HEAD", "POST"])
def pay_by_link(request: HttpRequest, signed: str) -> HttpResponse:
    """Show what is due of an order; start a payment at the provider whose button was pressed.

    The answer to the button leads on by itself: a redirect of a form to another host is what the
    content security policy forbids.
    """
    try:
        order = read_link_to_pay(signed)
        if request.method != "POST":
            return _page(request, order)
        limits.enforce("api_write", f"address:{bucket(context.current().address)}")
        return _page(request, order, leads_to=_start(order, request.POST.get("provider", "")))
    except DomainError as refusal:
        problem = problem_for(refusal)
        if problem is None:
            raise
        return answer(request, problem)


def _start(order: Order, chosen: str) -> str:
    """Return the address of the provider's page."""
    if chosen not in Provider.values:
        raise services.ProviderNotOffered
    now = clock.now()
    begun = services.begin_payment(number=order.number, provider=Provider(chosen), at=now)
    return services.send_payment(reference=begun.reference, at=now).redirect_url


def _page(request: HttpRequest, order: Order, *, leads_to: str = "") -> HttpResponse:
    payment = services.how_to_pay(order, store_settings())
    shown = {
        "store": settings.STORE_NAME,
        "order": order,
        "payment": payment,
        "due": write_money(payment.due, order.currency),
        "providers": [(name, Provider(name).label) for name in payment.providers],
        "leads_to": leads_to,
    }
    return render(request, "mdv/pay.html", shown)
