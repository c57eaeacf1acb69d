"""Letting Stripe's library speak over our wire, with our timeouts and our breaker."""

from collections.abc import Mapping
from typing import Any, NoReturn

import stripe

from shop.payments.gateways.reading import Unreadable, read_object
from shop.payments.gateways.wire import Outage, Wire


class StripeWire(stripe.HTTPClient):
    """What the library calls a client of HTTP. It retries nothing."""

    name = "mdv"

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.wire = wire

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send one request.

        Raises:
            stripe.APIConnectionError: an outage, or an answer that is no JSON.
        """
        content = post_data.encode() if isinstance(post_data, str) else post_data
        try:
            answer = self.wire.ask(method.upper(), url, headers=headers or {}, content=content)
            read_object(answer.body)
        except (Outage, Unreadable) as problem:
            raise stripe.APIConnectionError(str(problem)) from problem
        return answer.body.decode(), answer.status, answer.headers

    def request_stream(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Nothing that we ask for is streamed."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up."""
        self.wire.close()
