"""The back office's log-in form: the same limits, checks and records as the API's."""

from typing import Any

from django import forms
from unfold.forms import AuthenticationForm

from mdv.accounts import services
from mdv.accounts.passwords import MAX_LENGTH


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
