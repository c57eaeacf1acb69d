"""What the staff's list of coupons can be asked for."""

from django_filters import ChoiceFilter, FilterSet

from mdv.http.filters import YesNoFilter
from shop.pricing.states import CouponKind


class CouponFilter(FilterSet):
    kind = ChoiceFilter(choices=CouponKind.choices)
    is_active = YesNoFilter()
