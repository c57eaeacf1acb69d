"""A customer's address book. Its owner's row is the lock on all of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from mdv.accounts.models import Address, User
from mdv.kernel.errors import Conflict, NotFound

MAX_ADDRESSES = 50


class TooManyAddresses(Conflict):
    code = "too_many_addresses"
    detail = f"An account keeps at most {MAX_ADDRESSES} addresses."


@transaction.atomic
def add_address(*, user: User, fields: Mapping[str, Any]) -> Address:
    """Keep an address; as the default it takes the place of the one before.

    Raises:
        TooManyAddresses: 409.
    """
    _lock_book(user)
    if Address.objects.filter(user=user).count() >= MAX_ADDRESSES:
        raise TooManyAddresses
    address = Address(user=user, **fields)
    _make_room_for_default(address)
    address.save(force_insert=True)
    return address


@transaction.atomic
def change_address(*, user: User, address_id: UUID, changes: Mapping[str, Any]) -> Address:
    """Change an address; as the default it takes the place of the one before.

    Raises:
        NotFound: there is no such address, or it is somebody else's.
    """
    _lock_book(user)
    address = _own(user, address_id)
    for field, value in changes.items():
        setattr(address, field, value)
    _make_room_for_default(address)
    address.save()
    return address


@transaction.atomic
def delete_address(*, user: User, address_id: UUID) -> None:
    """Forget an address. Orders keep their own copy.

    Raises:
        NotFound: there is no such address, or it is somebody else's.
    """
    _lock_book(user)
    _own(user, address_id).delete()


def _lock_book(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _own(user: User, address_id: UUID) -> Address:
    address = Address.objects.filter(user=user, pk=address_id).first()
    if address is None:
        raise NotFound
    return address


def _make_room_for_default(address: Address) -> None:
    if address.is_default:
        others = Address.objects.filter(user=address.user_id, is_default=True)
        others.exclude(pk=address.pk).update(is_default=False)
