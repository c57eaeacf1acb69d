"""Paystack and Stripe as their documents describe them, for tests and for shops on one machine.

A process of its own (`python -m mdv.ops.simulators`), without Django, which listens on this
machine alone. Nothing of the shop imports it, and production refuses an address of a provider
that is not the provider's own (mdv/env_gateways.py).

It shares no code with the adapters in shop/payments/gateways: a mistake in one shows in the other.
"""
