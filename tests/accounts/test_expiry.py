"""Clearing away what has expired, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from mdv.accounts import expiry
from mdv.accounts.models import ApiToken, KnownAddress
from mdv.kernel import clock


@pytest.mark.parametrize(("days", "left"), [(0, 1), (29, 1), (31, 0)])
def test_tokens_and_known_addresses_go_after_thirty_days(as_ada, days, left):
    expiry.delete_expired(at=clock.now() + timedelta(days=days))

    assert ApiToken.objects.count() == left
    assert KnownAddress.objects.count() == left


@pytest.mark.django_db
def test_sessions_go_when_they_end():
    now = clock.now()
    for name, minutes in (("over", -1), ("open", 1)):
        Session.objects.create(
            session_key=name, session_data="", expire_date=now + timedelta(minutes=minutes)
        )

    expiry.delete_expired(at=now)

    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
