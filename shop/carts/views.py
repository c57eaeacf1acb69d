"""The doors to carts. Whoever holds a cart's token may use it, until a user has made it theirs."""

from http import HTTPStatus

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts.authentication import OwnRequest
from mdv.kernel import clock
from shop.carts import services
from shop.carts.models import Cart
from shop.carts.serializers import (
    CartOut,
    CouponCodeIn,
    LineIn,
    NewCartIn,
    NewLineIn,
    QuoteIn,
    QuoteOut,
)
from shop.pricing.services import CouponExhausted, CouponNotValid, NotDeliverable


def shown(cart: Cart, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer with a cart as it is now."""
    return Response(CartOut(services.read_cart(cart, at=clock.now())).data, status=status)


class CartsView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="carts_create", request=NewCartIn, responses={201: CartOut})
    def post(self, request: Request) -> Response:
        """Open a cart: with a log-in one's own, without one for whoever holds its token."""
        NewCartIn(data=request.data).is_valid(raise_exception=True)
        cart = services.create_cart(user_id=request.user.pk)
        response = shown(cart, HTTPStatus.CREATED)
        response["Location"] = reverse("cart", args=[cart.token])
        return response


class CartView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="carts_retrieve", responses=CartOut)
    def get(self, request: Request, token: str) -> Response:
        """Show a cart at today's prices."""
        return shown(services.get_cart(token=token, user_id=request.user.pk))

    @extend_schema(operation_id="carts_destroy", responses={204: None})
    def delete(self, request: Request, token: str) -> Response:
        """Throw a cart away."""
        services.delete_cart(token=token, user_id=request.user.pk)
        return Response(status=HTTPStatus.NO_CONTENT)


class CartLinesView(APIView):
    refusals = {"POST": [services.UnknownSku, services.CartIsFull]}
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="carts_lines_create", request=NewLineIn, responses=CartOut)
    def post(self, request: Request, token: str) -> Response:
        """Put units of a SKU in, beside those that are there."""
        given = NewLineIn(data=request.data)
        given.is_valid(raise_exception=True)
        return shown(
            services.add_line(token=token, user_id=request.user.pk, **given.validated_data)
        )


class CartLineView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="carts_lines_update", request=LineIn, responses=CartOut)
    def patch(self, request: Request, token: str, sku: str) -> Response:
        """Set how many units of a SKU the cart holds."""
        given = LineIn(data=request.data)
        given.is_valid(raise_exception=True)
        return shown(
            services.set_quantity(
                token=token, user_id=request.user.pk, sku=sku, **given.validated_data
            )
        )

    @extend_schema(operation_id="carts_lines_destroy", responses={200: CartOut})
    def delete(self, request: Request, token: str, sku: str) -> Response:
        """Take a SKU out."""
        return shown(services.remove_line(token=token, user_id=request.user.pk, sku=sku))


class CartCouponView(APIView):
    refusals = {"PUT": [CouponNotValid, CouponExhausted]}
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="carts_coupon_update", request=CouponCodeIn, responses=CartOut)
    def put(self, request: Request, token: str) -> Response:
        """Put a coupon on the cart, in place of another."""
        given = CouponCodeIn(data=request.data)
        given.is_valid(raise_exception=True)
        return shown(
            services.set_coupon(
                token=token, user_id=request.user.pk, at=clock.now(), **given.validated_data
            )
        )

    @extend_schema(operation_id="carts_coupon_destroy", responses={200: CartOut})
    def delete(self, request: Request, token: str) -> Response:
        """Take the coupon off."""
        return shown(services.remove_coupon(token=token, user_id=request.user.pk))


class CartQuoteView(APIView):
    refusals = {"POST": [CouponNotValid, CouponExhausted, NotDeliverable]}
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="carts_quote", request=QuoteIn, responses=QuoteOut)
    def post(self, request: Request, token: str) -> Response:
        """Say what the cart costs with shipping and tax, and what changed since it was filled."""
        given = QuoteIn(data=request.data)
        given.is_valid(raise_exception=True)
        cart = services.get_cart(token=token, user_id=request.user.pk)
        quote = services.quote_cart(cart, destination=given.destination(), at=clock.now())
        return Response(QuoteOut(quote).data)


class ClaimCartView(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="carts_claim", request=None, responses=CartOut)
    def post(self, request: OwnRequest, token: str) -> Response:
        """Make a cart one's own after logging in. Other carts of one's own are poured into it."""
        return shown(services.claim_cart(token=token, user_id=request.user.pk))
