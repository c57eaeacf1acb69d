"""Finding out what a basket costs, counting coupons, and keeping what prices are made of."""

from shop.pricing.services.keep_coupons import (
    CouponInUse,
    LimitBelowUse,
    create_coupon,
    delete_coupon,
    update_coupon,
)
from shop.pricing.services.keep_tax_rates import create_tax_rate, delete_tax_rate, update_tax_rate
from shop.pricing.services.keep_zones import create_zone, delete_zone, update_zone
from shop.pricing.services.quote_basket import Destination, NotDeliverable, Quote, quote_basket
from shop.pricing.services.use_coupon import (
    CouponExhausted,
    CouponNotValid,
    check_coupon,
    check_uses,
    customer_keys,
    discount_of,
    find_coupon,
    lock_coupon,
    plan_uses,
    redeem_coupon,
    release_coupon,
    restate_uses,
)

__all__ = [
    "CouponExhausted",
    "CouponInUse",
    "CouponNotValid",
    "Destination",
    "LimitBelowUse",
    "NotDeliverable",
    "Quote",
    "check_coupon",
    "check_uses",
    "create_coupon",
    "create_tax_rate",
    "create_zone",
    "customer_keys",
    "delete_coupon",
    "delete_tax_rate",
    "delete_zone",
    "discount_of",
    "find_coupon",
    "lock_coupon",
    "plan_uses",
    "quote_basket",
    "redeem_coupon",
    "release_coupon",
    "restate_uses",
    "update_coupon",
    "update_tax_rate",
    "update_zone",
]
