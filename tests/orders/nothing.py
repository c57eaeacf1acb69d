"""What a refused order leaves behind."""

from mdv.idempotency.models import IdempotencyKey
from shop.orders.models import Order
from shop.pricing.models import Coupon
from shop.stock.models import StockMovement
from tests.orders.ordering import available


def assert_nothing_happened():
    assert not Order.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert available("SHIRT") == 10
    assert not StockMovement.objects.filter(kind="reserve").exists()
    assert not Coupon.objects.filter(used_count__gt=0).exists()
