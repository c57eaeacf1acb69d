"""How the admin and the API check a password."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from mdv.accounts.models import User


class PasswordBackend(BaseBackend):
    """Log in by e-mail and password, in the same time for known and unknown people."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user = User.objects.filter(email=username.lower()).first()
        if user is None:
            # Spend what a real check costs, so that the answer's time says nothing.
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
