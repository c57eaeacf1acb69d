"""Using coupons, and keeping count of their uses."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from mdv.accounts.models import User
from mdv.kernel.errors import Conflict, FieldProblem
from mdv.kernel.restating import Counter, Restatement, differing, write_facts
from shop.pricing.calculation import Discount
from shop.pricing.models import Coupon, CouponRedemption


class CouponRefused(Conflict):
    """A coupon that gives nothing; ``problems`` name the `field` in which its code came."""

    def __init__(self, detail: str | None = None, *, field: str = "coupon") -> None:
        super().__init__(detail, problems=[FieldProblem(field, self.code, detail or self.detail)])


class CouponNotValid(CouponRefused):
    code = "coupon_not_valid"
    detail = "This coupon cannot be used here."


class CouponExhausted(CouponRefused):
    code = "coupon_exhausted"
    detail = "This coupon has been used up."


def find_coupon(code: str, *, field: str = "coupon") -> Coupon:
    """Return the coupon of that code, in whatever case it was typed in the input's `field`.

    Raises:
        CouponNotValid: there is none.
    """
    coupon = Coupon.objects.filter(code=code.strip().upper()).first()
    if coupon is None:
        raise CouponNotValid("There is no such coupon.", field=field)
    return coupon


def check_coupon(
    coupon: Coupon,
    *,
    subtotal: Decimal,
    customer_keys: Sequence[str],
    at: datetime,
    field: str = "coupon",
) -> None:
    """Refuse a coupon, given in the input's `field`, that this basket or customer may not use.

    Exact only on a locked coupon, as in :func:`lock_coupon`; otherwise a courtesy. Without
    `customer_keys` the limit per customer is not looked at.

    Raises:
        CouponNotValid: closed, or the basket is too small.
        CouponExhausted: used up, in all or by this customer.
    """
    if not coupon.is_open(at):
        raise CouponNotValid("This coupon is not valid now.", field=field)
    if subtotal < coupon.min_subtotal:
        message = f"This coupon needs items worth {coupon.min_subtotal} or more."
        raise CouponNotValid(message, field=field)
    check_uses(coupon, customer_keys=customer_keys, field=field)


def check_uses(coupon: Coupon, *, customer_keys: Sequence[str], field: str = "coupon") -> None:
    """Refuse a coupon that was used as often as it may be, whether or not it is open.

    Raises:
        CouponExhausted: used up, in all or by this customer.
    """
    if coupon.limit_total is not None and coupon.used_count >= coupon.limit_total:
        raise CouponExhausted(field=field)
    if customer_keys and coupon.limit_per_customer is not None:
        theirs = CouponRedemption.objects.filter(
            coupon=coupon, customer_keys__overlap=list(customer_keys)
        )
        used = theirs.count()
        if used >= coupon.limit_per_customer:
            message = "You have used this coupon as often as you may."
            raise CouponExhausted(message, field=field)


def discount_of(coupon: Coupon | None) -> Discount | None:
    """Return what a coupon gives, as the calculation wants it."""
    if coupon is None:
        return None
    return Discount(
        kind=coupon.kind,
        value=coupon.value,
        excludes_sale_items=coupon.excludes_sale_items,
    )


def customer_keys(*, user_id: int | None, email: str) -> list[str]:
    """Return all that a customer is known by to a coupon's limit per customer.

    Whoever orders once as a guest and once logged in is still one: by the account's e-mail.
    """
    own = User.objects.filter(pk=user_id).values_list("email", flat=True) if user_id else ()
    emails = {f"email:{address.lower()}" for address in (email, *own) if address}
    return sorted(emails | ({f"user:{user_id}"} if user_id else set()))


def lock_coupon(coupon_id: int) -> Coupon:
    """Lock a coupon for the rest of the transaction, so that its count can be relied on."""
    return Coupon.objects.select_for_update().get(pk=coupon_id)


@transaction.atomic
def redeem_coupon(*, coupon: Coupon, customer_keys: Sequence[str], order_number: str) -> None:
    """Count one use of a coupon that the caller locked and checked."""
    Coupon.objects.filter(pk=coupon.pk).update(used_count=F("used_count") + 1)
    CouponRedemption.objects.create(
        coupon=coupon, customer_keys=list(customer_keys), order_number=order_number
    )


@transaction.atomic
def release_coupon(*, coupon_id: int, order_number: str) -> None:
    """Give an order's use of a coupon back; a second call does nothing."""
    coupon = lock_coupon(coupon_id)
    released, _ = CouponRedemption.objects.filter(coupon=coupon, order_number=order_number).delete()
    if released:
        Coupon.objects.filter(pk=coupon.pk).update(used_count=F("used_count") - 1)


def plan_uses(*, coupon_id: int, used: int) -> list[Restatement]:
    """Return what :func:`restate_uses` would change."""
    coupon = Coupon.objects.get(pk=coupon_id)
    return [counter.restated for counter in differing(_uses(coupon, used))]


@transaction.atomic
def restate_uses(*, coupon_id: int, used: int) -> list[Restatement]:
    """Let a coupon count the `used` orders that use it, counted after the caller locked it."""
    return write_facts(_uses(lock_coupon(coupon_id), used))


def _uses(coupon: Coupon, used: int) -> list[Counter]:
    return [Counter(row=coupon, column="used_count", what=f"Uses of {coupon.code}", facts=used)]
