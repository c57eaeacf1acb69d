"""The payment providers' keys and addresses, as the environment gives them.

A value that makes no sense is not repeated: it may be a key all the same.
"""

from dataclasses import dataclass

from mdv.env_reader import EnvironmentProblem, Reader, is_page

PAYSTACK_URL = "https://api.paystack.co"
STRIPE_URL = "https://api.stripe.com"
PAYSTACK_KEY = r"sk_(test|live)_[A-Za-z0-9]+"
STRIPE_KEY = r"[sr]k_(test|live)_[A-Za-z0-9_]+"
WEBHOOK_SECRET = r"whsec_[A-Za-z0-9+/=_-]+"  # noqa: S105  (a pattern)


@dataclass(frozen=True, kw_only=True)
class GatewayKeys:
    """An empty key means that the provider is not offered."""

    paystack_secret_key: str
    paystack_old_secret_key: str
    paystack_api_url: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_old_webhook_secret: str
    stripe_api_url: str

    @property
    def any_given(self) -> bool:
        return bool(self.paystack_secret_key or self.stripe_secret_key)


def read_gateway_keys(read: Reader, *, is_local: bool) -> GatewayKeys:
    """Read and check them together.

    Raises:
        EnvironmentProblem: one makes no sense, Stripe's key comes without the secret of its
            webhooks, or production is sent to a host that is not the provider's own.
    """
    keys = GatewayKeys(
        paystack_secret_key=read.secret("PAYSTACK_SECRET_KEY", PAYSTACK_KEY, such_as="sk_live_…"),
        paystack_old_secret_key=read.secret(
            "PAYSTACK_OLD_SECRET_KEY", PAYSTACK_KEY, such_as="sk_live_…"
        ),
        paystack_api_url=_address(read, "PAYSTACK_API_URL", PAYSTACK_URL, is_local=is_local),
        stripe_secret_key=read.secret(
            "STRIPE_SECRET_KEY", STRIPE_KEY, such_as="sk_live_… or rk_live_…"
        ),
        stripe_webhook_secret=read.secret(
            "STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET, such_as="whsec_…"
        ),
        stripe_old_webhook_secret=read.secret(
            "STRIPE_OLD_WEBHOOK_SECRET", WEBHOOK_SECRET, such_as="whsec_…"
        ),
        stripe_api_url=_address(read, "STRIPE_API_URL", STRIPE_URL, is_local=is_local),
    )
    if keys.stripe_secret_key and not keys.stripe_webhook_secret:
        raise EnvironmentProblem(
            "STRIPE_WEBHOOK_SECRET is not set, but STRIPE_SECRET_KEY is: the shop would take "
            "money and not hear of it."
        )
    return keys


def _address(read: Reader, name: str, official: str, *, is_local: bool) -> str:
    """Return where the provider is asked. Simulators are for local shops."""
    address = read.url(name, official, is_right=is_page, such_as=official).rstrip("/")
    if not is_local and address != official:
        raise EnvironmentProblem(
            f"{name} must be {official} in production: customers would pay somebody else."
        )
    return address
