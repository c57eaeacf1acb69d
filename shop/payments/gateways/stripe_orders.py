"""What Stripe is asked to create for a payment."""

from datetime import timedelta

from stripe.params.checkout import SessionCreateParams

from shop.payments.gateways.base import GatewayRefused, Wanted
from shop.payments.gateways.minor_units import DoesNotFit, to_minor
from shop.payments.gateways.stripe_reading import DEPARTURES

# What Stripe allows between the creation of a session and its end.
SHORTEST_SESSION = timedelta(minutes=30)
LONGEST_SESSION = timedelta(hours=24)
# From the moment a payment has begun until Stripe counts: our clock, a slow answer, another try.
ON_THE_WAY = timedelta(minutes=2)

# https://docs.stripe.com/currencies, without those of DEPARTURES.
TAKEN_BY_STRIPE = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK "
    "PHP PKR PLN PYG QAR RON RSD RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND TOP TRY "
    "TTD TWD TZS UAH USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW"
)
CURRENCIES = frozenset(TAKEN_BY_STRIPE.split())


def order_of(wanted: Wanted) -> SessionCreateParams:
    """Say what to create: always the same, since Stripe compares it with the key's first request.

    Raises:
        GatewayRefused: the currency or the amount is none that Stripe takes.
    """
    if wanted.currency not in CURRENCIES:
        raise GatewayRefused(f"Stripe is not offered in {wanted.currency}.")
    try:
        amount = to_minor(wanted.amount, wanted.currency, departures=DEPARTURES)
    except DoesNotFit as problem:
        raise GatewayRefused(str(problem)) from None
    names = {"reference": wanted.reference, "order_number": wanted.order_number}
    order: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": wanted.reference,
        "customer_email": wanted.email,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": wanted.currency.lower(),
                    "unit_amount": amount,
                    "product_data": {"name": f"Order {wanted.order_number}"},
                },
            }
        ],
        "success_url": wanted.return_url,
        "cancel_url": wanted.return_url,
        "metadata": names,
        "payment_intent_data": {"metadata": names},
    }
    if wanted.expires_at and _fits_a_session(wanted.expires_at - wanted.begun_at):
        order["expires_at"] = int(wanted.expires_at.timestamp())
    return order


def _fits_a_session(length: timedelta) -> bool:
    return SHORTEST_SESSION + ON_THE_WAY <= length <= LONGEST_SESSION
