"""Opening a customer's account for them, without a mail."""

from django.db import transaction

from audit.services import record
from mdv.accounts.models import User
from mdv.accounts.services.new_password import check_new_password
from mdv.accounts.services.staff import UserExists


@transaction.atomic
def create_customer(*, email: str, name: str, password: str, phone: str = "") -> User:
    """Create a customer. The caller knows them: nobody is written to, and who exists is said.

    Raises:
        UserExists: 409.
        BadPassword: not one for customers.
    """
    person = User(email=email.lower(), name=name, phone=phone)
    if User.objects.filter(email=person.email).exists():
        raise UserExists
    check_new_password(password, person)
    person.set_password(password)
    person.save(force_insert=True)
    record("customer_created", subject=person)
    return person
