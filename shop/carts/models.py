"""The basket. It holds no stock and keeps nobody's price: it only remembers what was seen."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from mdv.accounts.models import User
from mdv.kernel.money import MoneyField
from shop.catalog.models import Variant
from shop.pricing.models import Coupon

TOKEN_BYTES = 24  # 192 bits: nobody guesses one
MAX_QUANTITY = 999
MAX_LINES = 100


def new_token() -> str:
    """Return a token that opens one cart."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class CartQuerySet(models.QuerySet["Cart"]):
    def opened_by(self, token: str, user_id: int | None) -> "CartQuerySet":
        """Select the cart that `token` opens: anyone's while unclaimed, then its owner's only."""
        return self.filter(Q(user=None) | Q(user_id=user_id), token=token)


class Cart(models.Model):
    """Opened by its token. Once claimed by a user, nobody else can open it."""

    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="carts")
    coupon = models.ForeignKey(Coupon, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects: ClassVar[CartQuerySet] = CartQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(models.Model):
    """One variant in a cart. ``seen_price`` is what it cost when it was put in."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    seen_price = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint("cart", "variant", name="one_cart_line_per_variant"),
            models.CheckConstraint(
                name="cart_line_quantity_is_1_to_999",
                condition=Q(quantity__gte=1) & Q(quantity__lte=MAX_QUANTITY),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
