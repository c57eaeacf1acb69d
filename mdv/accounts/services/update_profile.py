"""Changing what an account says about its person."""

from collections.abc import Mapping

from django.db import transaction

from mdv.accounts.models import User

FIELDS = frozenset({"name", "phone"})


@transaction.atomic
def update_profile(*, user: User, changes: Mapping[str, str]) -> User:
    """Change name and phone. The trail's trigger writes down what changed."""
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    for field in FIELDS & changes.keys():
        setattr(person, field, changes[field])
    person.save(update_fields=sorted(FIELDS & changes.keys()))
    return person
