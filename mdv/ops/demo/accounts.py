"""Opening the demo accounts, and acting as one of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from mdv.accounts.models import User
from mdv.accounts.roles import Role
from mdv.accounts.services import add_address, create_customer, create_staff
from mdv.kernel import context
from mdv.kernel.context import GUEST
from mdv.ops import demo_accounts
from mdv.ops.demo.people import STAFF_NAMES, Person

ADDRESS_LABELS = ("Home", "Work")


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Staff by role, customers by e-mail."""

    staff: dict[Role, User]
    customers: dict[str, User]


def open_accounts(people: Sequence[Person]) -> Accounts:
    """Open an account for each role and for every customer who has one."""
    return Accounts(
        staff={Role(role): _open_staff(Role(role)) for role in demo_accounts.STAFF},
        customers={person.email: _open_customer(person) for person in people if person.has_account},
    )


@contextmanager
def acting(user: User | None) -> Iterator[None]:
    """Make `user` the one who does what the block does; None is a guest."""
    with context.refined(actor=user.as_actor() if user else GUEST):
        yield


def _open_staff(role: Role) -> User:
    return create_staff(
        email=demo_accounts.STAFF[role],
        name=STAFF_NAMES[role],
        password=demo_accounts.PASSWORD,
        roles=[role],
    )


def _open_customer(person: Person) -> User:
    user = create_customer(
        email=person.email,
        name=person.name,
        phone=person.phone,
        password=demo_accounts.PASSWORD,
    )
    with acting(user):
        for place in range(len(person.places)):
            fields = {"label": ADDRESS_LABELS[place], "is_default": place == 0}
            add_address(user=user, fields={**person.address(place), **fields})
    return user
