"""The address book."""

from http import HTTPStatus
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from mdv.accounts import services
from mdv.accounts.authentication import OwnRequest
from mdv.accounts.models import Address
from mdv.accounts.serializers import AddressIn, AddressOut


class AddressesView(GenericAPIView[Address]):
    """One's own addresses."""

    refusals = {"POST": [services.TooManyAddresses]}
    serializer_class = AddressOut
    queryset = Address.objects.none()

    @extend_schema(operation_id="auth_addresses_list", responses={200: AddressOut(many=True)})
    def get(self, request: OwnRequest) -> Response:
        """List one's own addresses, the oldest first."""
        own = Address.objects.filter(user=request.user).order_by("created_at", "pk")
        page = self.paginate_queryset(own)
        return self.get_paginated_response(AddressOut(page, many=True).data)

    @extend_schema(request=AddressIn, responses={201: AddressOut})
    def post(self, request: OwnRequest) -> Response:
        """Add an address to one's book. The default one takes over from another."""
        given = AddressIn(data=request.data)
        given.is_valid(raise_exception=True)
        address = services.add_address(user=request.user, fields=given.validated_data)
        location = reverse("address", args=[address.pk])
        shown = AddressOut(address).data
        return Response(shown, status=HTTPStatus.CREATED, headers={"Location": location})


class AddressView(APIView):
    """One address. Somebody else's does not exist."""

    @extend_schema(responses={200: AddressOut})
    def get(self, request: OwnRequest, address_id: UUID) -> Response:
        """Show one of one's own addresses."""
        address = get_object_or_404(Address.objects.filter(user=request.user), pk=address_id)
        return Response(AddressOut(address).data)

    @extend_schema(request=AddressIn, responses={200: AddressOut})
    def patch(self, request: OwnRequest, address_id: UUID) -> Response:
        """Change one of one's own addresses. Orders keep the one they were placed with."""
        given = AddressIn(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        address = services.change_address(
            user=request.user, address_id=address_id, changes=given.validated_data
        )
        return Response(AddressOut(address).data)

    @extend_schema(responses={204: None})
    def delete(self, request: OwnRequest, address_id: UUID) -> Response:
        """Delete one of one's own addresses."""
        services.delete_address(user=request.user, address_id=address_id)
        return Response(status=HTTPStatus.NO_CONTENT)
