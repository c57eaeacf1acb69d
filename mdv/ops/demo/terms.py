"""The demo shop's terms: what the owner settled, delivery, tax and coupons."""

from datetime import datetime, timedelta
from decimal import Decimal

from mdv.ops.demo.people import COUNTRY
from shop.pricing.services import create_coupon, create_tax_rate, create_zone
from shop.pricing.states import CouponKind

PAYMENT_EXPIRY = timedelta(hours=1)
VAT_PERCENT = Decimal("7.5")

# A first order, free delivery, and a thank-you that can pay for something small.
WELCOME, FREE_DELIVERY, THANK_YOU = "WELCOME10", "FREESHIP", "THANKYOU"
WELCOME_FROM, FREE_DELIVERY_FROM = Decimal(15_000), Decimal(40_000)
THANK_YOU_VALUE, THANK_YOU_LIMIT = Decimal(5_000), 200
COUPONS_START = timedelta(days=90)  # before today

STORE = {
    "legal_name": "Maison Home & Clothing Ltd",
    "tax_id": "TIN 00000000-0001",
    "address": "14 Akin Adesola Street, Victoria Island, Lagos",
    "bank_details": "Maison Home & Clothing Ltd\nExample Bank\nAccount 0000000001",
    "payment_expiry_minutes": int(PAYMENT_EXPIRY.total_seconds() // 60),
    "pickup_address": "14 Akin Adesola Street, Victoria Island, Lagos",
    "invoice_footer": "Thank you for buying from Maison. Prices include VAT.",
}


def settle_prices(*, at: datetime) -> None:
    """Set delivery zones, VAT and three coupons."""
    create_zone(name="Lagos", states=["Lagos"], fee=Decimal(2_500), free_over=Decimal(75_000))
    south_west = ["Ogun", "Oyo", "Osun", "Ondo", "Ekiti"]
    create_zone(name="South-West", states=south_west, fee=Decimal(4_000))
    create_zone(name="Rest of Nigeria", countries=[COUNTRY], fee=Decimal(6_500), is_default=True)
    create_tax_rate(country=COUNTRY, percent=VAT_PERCENT)
    start = at - COUPONS_START
    create_coupon(
        code=WELCOME,
        kind=CouponKind.PERCENT,
        value=Decimal(10),
        min_subtotal=WELCOME_FROM,
        limit_per_customer=1,
        starts_at=start,
    )
    create_coupon(
        code=FREE_DELIVERY,
        kind=CouponKind.SHIPPING,
        min_subtotal=FREE_DELIVERY_FROM,
        starts_at=start,
    )
    create_coupon(
        code=THANK_YOU,
        kind=CouponKind.FIXED,
        value=THANK_YOU_VALUE,
        limit_total=THANK_YOU_LIMIT,
        starts_at=start,
    )
