"""Closing an account, and opening it again. It is kept: orders and the trail speak of it."""

from django.db import transaction

from audit.services import record
from mdv.accounts.models import User
from mdv.accounts.services.end_log_ins import end_all
from mdv.accounts.services.staff import LastAdmin, lock_admins


@transaction.atomic
def close_account(*, user: User) -> User:
    """Let nobody log in as `user` any longer, and end their log-ins. Closed already: no-op.

    Raises:
        LastAdmin: nobody who can log in would be admin any longer.
    """
    admins = lock_admins()
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not person.is_active:
        return person
    if admins == {person.pk}:
        raise LastAdmin
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_all(person)
    record("account_closed", subject=person)
    return person


@transaction.atomic
def reopen_account(*, user: User) -> User:
    """Let `user` log in again, with the password and the roles that they had. Open: no-op."""
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if person.is_active:
        return person
    person.is_active = True
    person.save(update_fields=["is_active"])
    record("account_reopened", subject=person)
    return person
