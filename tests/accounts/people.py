"""People to test with, made by the services that make people."""

from mdv.accounts import services
from mdv.accounts.models import User
from mdv.accounts.roles import Role

PASSWORD = "violet-otter-93"
OTHER_PASSWORD = "copper-heron-58"


def make_customer(email="ada@example.com", password=PASSWORD, name="Ada"):
    services.register(email=email, password=password, name=name)
    return User.objects.get(email=email)


def make_staff(role=Role.ADMIN, email=None, password=PASSWORD):
    return services.create_staff(
        email=email or f"{role}@example.com", name="", password=password, roles={role}
    )


def make_guest(email="ada@example.com"):
    """Somebody who was entered without a password, as by an order of a guest."""
    user = User(email=email)
    user.set_unusable_password()
    user.save()
    return user


def deactivate(user):
    user.is_active = False
    user.save(update_fields=["is_active"])


def fresh(user):
    """The person as the database has them now."""
    return User.objects.get(pk=user.pk)
