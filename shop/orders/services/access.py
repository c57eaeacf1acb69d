"""Who may open an order: its customer when logged in, anyone else by the order's token."""

from django.utils.crypto import constant_time_compare, salted_hmac

from mdv.kernel.errors import NotFound
from shop.orders.models import Order

TOKEN_PURPOSE = "mdv.order.access"  # noqa: S105 (the name of a use, not a secret)


def access_token(order: Order) -> str:
    """Return the token that opens this order to whoever holds it.

    An HMAC of number and salt: nothing that a database dump alone would reveal.
    """
    value = f"{order.number}:{order.access_salt}"
    return salted_hmac(TOKEN_PURPOSE, value, algorithm="sha256").hexdigest()


def opens(token: str, order: Order) -> bool:
    """Tell whether `token` is this order's, in constant time whatever was sent."""
    return constant_time_compare(token.encode("utf-8", "replace"), access_token(order).encode())


def get_order(*, number: str, user_id: int | None, token: str = "") -> Order:
    """Return the order for its customer, or for whoever holds its token.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    order = Order.objects.filter(number=number).first()
    if order is None:
        raise NotFound
    is_theirs = user_id is not None and order.user_id == user_id
    if not is_theirs and not (token and opens(token, order)):
        raise NotFound
    return order
