"""The API as its clients see it."""

import orjson
from django.test import Client

from tests.accounts.people import PASSWORD, make_staff


class Caller:
    """Somebody who calls the API: a visitor, or with a token one of the staff."""

    def __init__(self, token=None):
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path, **headers):
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def send(self, method, path, body=None, **headers):
        return self.client.generic(
            method,
            f"/api/v1{path}",
            b"" if body is None else orjson.dumps(body),
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def upload(self, path, fields):
        return self.client.post(f"/api/v1{path}", fields, headers=self.headers)

    def patch(self, path, body):
        """Change what is there now: with the ETag of a fresh look at it."""
        etag = self.get(path)["ETag"]
        return self.send("PATCH", path, body, **{"If-Match": etag})


def logged_in(role):
    """Somebody on the staff, with a token."""
    make_staff(role)
    credentials = {"email": f"{role}@example.com", "password": PASSWORD}
    return Caller(Caller().send("POST", "/auth/login", credentials).json()["token"])
