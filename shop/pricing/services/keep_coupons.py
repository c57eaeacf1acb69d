"""Keeping coupons. What a coupon gives stays as it is once somebody has used it."""

from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction

from audit.versions import check_version
from mdv.kernel.errors import Conflict
from mdv.kernel.money import ZERO
from shop.catalog.services.checks import check_fields, lock, refuse, save_changes, set_changes
from shop.pricing.models import MAX_PERCENT, Coupon
from shop.pricing.states import CouponKind

FIXED_BY_USE = ("code", "kind", "value", "excludes_sale_items")


class CouponInUse(Conflict):
    code = "coupon_in_use"
    detail = "Orders use this coupon: what it gives stays as it is. Make a new one."


class LimitBelowUse(Conflict):
    code = "coupon_limit_below_use"
    detail = "More orders than that use this coupon already."


class CouponChanges(TypedDict, total=False):
    code: str
    kind: str
    value: Decimal
    starts_at: datetime | None
    ends_at: datetime | None
    min_subtotal: Decimal
    limit_total: int | None
    limit_per_customer: int | None
    excludes_sale_items: bool
    is_active: bool


@transaction.atomic
def create_coupon(
    *,
    code: str,
    kind: str,
    value: Decimal = ZERO,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    min_subtotal: Decimal = ZERO,
    limit_total: int | None = None,
    limit_per_customer: int | None = None,
    excludes_sale_items: bool = True,
    is_active: bool = True,
) -> Coupon:
    """Make a coupon. Its code is kept in capitals.

    Raises:
        Invalid: a field is wrong, or the value does not fit the kind.
        IntegrityError: 409 `coupon_code_is_unique`.
    """
    coupon = Coupon(
        code=code.strip().upper(),
        kind=kind,
        value=value,
        starts_at=starts_at,
        ends_at=ends_at,
        min_subtotal=min_subtotal,
        limit_total=limit_total,
        limit_per_customer=limit_per_customer,
        excludes_sale_items=excludes_sale_items,
        is_active=is_active,
    )
    check_fields(coupon)
    _check(coupon)
    coupon.save(force_insert=True)
    return coupon


@transaction.atomic
def update_coupon(
    *, coupon_id: int, version: int | None = None, **changes: Unpack[CouponChanges]
) -> Coupon:
    """Change a coupon. With `version`, only if it still is the present one.

    Raises:
        NotFound: there is no such coupon.
        Stale: 412, someone changed it since.
        Invalid: a field is wrong, or the value does not fit the kind.
        CouponInUse, LimitBelowUse: 409.
    """
    coupon = lock(Coupon, coupon_id)
    check_version(coupon, present=coupon.version, expected=version)
    tidy = changes.copy()
    if "code" in changes:
        tidy["code"] = changes["code"].strip().upper()
    changed = set_changes(coupon, tidy)
    _check(coupon)
    if set(FIXED_BY_USE) & set(changed) and coupon.redemptions.exists():
        raise CouponInUse
    save_changes(coupon, changed)
    return coupon


@transaction.atomic
def delete_coupon(*, coupon_id: int) -> None:
    """Delete a coupon that no order ever used.

    Raises:
        NotFound: there is no such coupon.
        ProtectedError: 409 `protected`: switch it off instead.
    """
    lock(Coupon, coupon_id).delete()


def _check(coupon: Coupon) -> None:
    """Hold together what one field alone cannot tell."""
    if coupon.kind == CouponKind.SHIPPING and coupon.value != 0:
        raise refuse("value", "not_allowed", "Free shipping has no value of its own.")
    if coupon.kind != CouponKind.SHIPPING and coupon.value <= 0:
        raise refuse("value", "out_of_range", "It must be above 0.")
    if coupon.kind == CouponKind.PERCENT and coupon.value > MAX_PERCENT:
        raise refuse("value", "out_of_range", f"At most {MAX_PERCENT} percent.")
    if coupon.starts_at and coupon.ends_at and coupon.ends_at <= coupon.starts_at:
        raise refuse("ends_at", "not_after_start", "It must be after starts_at.")
    if coupon.limit_total is not None and coupon.limit_total < coupon.used_count:
        raise LimitBelowUse
