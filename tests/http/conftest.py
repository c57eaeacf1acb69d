import pytest
from django.test import Client


@pytest.fixture
def client():
    """A client to which faults are answered, as they are to everybody."""
    return Client(raise_request_exception=False)
