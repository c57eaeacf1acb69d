"""Asking for a password in the back office: the same limits, checks and records as the API's."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget

from mdv.accounts import services
from mdv.accounts.models import User
from mdv.accounts.passwords import MAX_LENGTH
from mdv.kernel.errors import FieldProblem, Invalid


class LogInForm(AuthenticationForm):
    """Ask for e-mail and password. A limit that was hit becomes the answer's 429."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"
        self.fields["password"].max_length = MAX_LENGTH

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        email, password = given.get("username"), given.get("password")
        if email and password and len(password) <= MAX_LENGTH:
            try:
                self.user_cache = services.check_staff_credentials(email=email, password=password)
            except services.InvalidCredentials:
                raise self.get_invalid_login_error() from None
            return given
        raise self.get_invalid_login_error()

    def get_invalid_login_error(self) -> forms.ValidationError:
        message = "The e-mail or the password is wrong, or this is not an account for staff."
        return forms.ValidationError(message, code="invalid_login")


class OwnPasswordForm(forms.Form):
    """Whoever gives power or much money away says once more who they are."""

    password = forms.CharField(
        label="Your own password", widget=UnfoldAdminPasswordWidget(), strip=False
    )


def check_own_password(request: HttpRequest, subject: Any, filled: dict[str, Any]) -> None:
    """Ask for the password again, with the limits and records of a log-in."""
    try:
        services.check_own_password(user=cast("User", request.user), password=filled["password"])
    except services.NotYourPassword:
        problem = FieldProblem("password", "wrong_password", "This is not your password.")
        raise Invalid(problems=[problem]) from None
