"""Handing a guest's cart to who has logged in."""

from django.db import transaction
from django.db.models import F

from mdv.kernel.errors import NotFound
from shop.carts.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from shop.carts.services.fill_cart import get_cart


@transaction.atomic
def claim_cart(*, token: str, user_id: int) -> Cart:
    """Make a guest's cart the user's own, and pour the user's other carts into it.

    Quantities add up, to at most MAX_QUANTITY a line; lines beyond MAX_LINES are left out.

    Raises:
        NotFound: no such cart, or it is somebody else's.
    """
    carts = _lock_carts(token, user_id)
    wanted = next((cart for cart in carts if cart.token == token), None)
    if wanted is None or wanted.user_id not in {None, user_id}:
        raise NotFound
    others = [cart.id for cart in carts if cart.id != wanted.id]
    _pour(others, wanted)
    Cart.objects.filter(id__in=others).delete()
    wanted.user_id = user_id
    wanted.version = F("version") + 1
    wanted.save()
    return get_cart(token=token, user_id=user_id)


def _lock_carts(token: str, user_id: int) -> list[Cart]:
    """Lock the cart and the user's own, all in the order of their ids."""
    wanted = get_cart(token=token, user_id=user_id)
    own = Cart.objects.filter(user_id=user_id).values_list("id", flat=True)
    rows = Cart.objects.filter(id__in={wanted.id, *own}).order_by("id")
    return list(rows.select_for_update())


def _pour(others: list[int], into: Cart) -> None:
    lines = {line.variant_id: line for line in into.lines.all()}
    for line in CartLine.objects.filter(cart_id__in=others).order_by("id"):
        kept = lines.get(line.variant_id)
        if kept is not None:
            kept.quantity = min(MAX_QUANTITY, kept.quantity + line.quantity)
            kept.save(update_fields=["quantity"])
        elif len(lines) < MAX_LINES:
            line.pk, line.cart = None, into
            line.save(force_insert=True)
            lines[line.variant_id] = line
