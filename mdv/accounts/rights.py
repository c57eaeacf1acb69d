"""What a service asks of who calls it, whatever its door has asked."""

from mdv.accounts.models import User
from mdv.kernel.errors import Forbidden


def person_who_may(user_id: int, right: str) -> User:
    """Return the person as they are now.

    Raises:
        Forbidden: they may not, or not any more.
    """
    person = User.objects.get(pk=user_id)
    if not person.has_perm(right):
        raise Forbidden
    return person
