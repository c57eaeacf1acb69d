"""Registering, without telling anybody who is registered already."""

from django.db import IntegrityError, transaction

from audit.services import record
from mdv.accounts import tasks
from mdv.accounts.models import User
from mdv.accounts.services.new_password import check_new_password


def register(*, email: str, password: str, name: str) -> None:
    """Create a customer's account, or write to whoever has one with this e-mail.

    Does the same work in both cases: one hash, one attempt to insert, one record, one job. An
    account that exists is not touched, whatever the password.

    Raises:
        BadPassword: whoever it is for.
    """
    person = User(email=email.lower(), name=name)
    check_new_password(password, person)
    person.set_password(password)
    _create_or_find(person)


@transaction.atomic
def _create_or_find(person: User) -> None:
    is_new = True
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        person = User.objects.get(email=person.email)
        is_new = False
    record("registered" if is_new else "registered_again", subject=person)
    tasks.answer_registration.defer(user_id=person.pk, is_new=is_new)
