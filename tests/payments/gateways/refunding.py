"""Refunds to be asked for, of payments that were paid at a simulated provider."""

import itertools
from decimal import Decimal

from shop.payments.gateways.base import RefundWanted
from tests.payments.gateways.wanting import wanted

_keys = itertools.count(1)


def paid(gateway, simulators, **changes):
    """A payment that succeeded, as the provider tells it."""
    asked = wanted(**changes)
    started = gateway.start(asked)
    simulators.choose(started.redirect_url)
    return gateway.look_up(reference=asked.reference, provider_id=started.provider_id)


def refund_of(charge, **changes):
    """A refund of a third of a payment, but for the changes, under a key of its own."""
    facts = {
        "key": f"rf-{next(_keys)}-1",
        "reference": charge.reference,
        "payment_provider_id": charge.provider_id,
        "amount": Decimal("5000.00"),
        "currency": charge.currency,
    }
    return RefundWanted(**facts | changes)


def refunds_at(gateway, charge):
    """What the provider has given back, or is about to: amounts, the last one first."""
    found = gateway.refunds_of(reference=charge.reference, payment_provider_id=charge.provider_id)
    return [one.amount for one in found]
