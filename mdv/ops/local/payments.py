"""Payment providers for a shop without keys of any: simulated ones, with keys made up each time."""

import secrets
from dataclasses import dataclass, field

from mdv.ops.local import reach
from mdv.ops.local.programs import SIMULATORS

KEY_BYTES = 12


def _key(prefix: str) -> str:
    return prefix + secrets.token_hex(KEY_BYTES)


@dataclass(frozen=True, kw_only=True)
class SimulatedProviders:
    """Where they listen, and the keys that they and the shop share."""

    shop_port: int
    port: int = field(default_factory=reach.free_port)
    paystack_key: str = field(default_factory=lambda: _key("sk_test_"))
    stripe_key: str = field(default_factory=lambda: _key("sk_test_"))
    stripe_webhook_secret: str = field(default_factory=lambda: _key("whsec_"))

    @property
    def url(self) -> str:
        return f"http://{reach.HOST}:{self.port}"

    @property
    def command(self) -> list[str]:
        """How to start them."""
        return [
            *SIMULATORS,
            f"--port={self.port}",
            f"--shop=http://{reach.HOST}:{self.shop_port}",
            f"--paystack-key={self.paystack_key}",
            f"--stripe-key={self.stripe_key}",
            f"--stripe-webhook-secret={self.stripe_webhook_secret}",
        ]

    @property
    def variables(self) -> dict[str, str]:
        """What the shop is told of them."""
        return {
            "PAYSTACK_SECRET_KEY": self.paystack_key,
            "PAYSTACK_API_URL": f"{self.url}/paystack",
            "STRIPE_SECRET_KEY": self.stripe_key,
            "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
            "STRIPE_API_URL": f"{self.url}/stripe",
        }
