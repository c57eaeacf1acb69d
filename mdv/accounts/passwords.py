"""What a password must be, beside not being a common one."""

from django.core.exceptions import ValidationError

from mdv.accounts.models import User

CUSTOMER_MIN_LENGTH = 8
STAFF_MIN_LENGTH = 12
MAX_LENGTH = 1024


class LengthByRole:
    """Ask 12 characters of staff and 8 of customers; refuse NUL and what is absurdly long."""

    def validate(self, password: str, user: User | None = None) -> None:
        at_least = STAFF_MIN_LENGTH if user and user.pk and user.roles else CUSTOMER_MIN_LENGTH
        if len(password) < at_least:
            raise ValidationError(
                f"A password has at least {at_least} characters.", code="password_too_short"
            )
        if len(password) > MAX_LENGTH or "\x00" in password:
            raise ValidationError("This cannot be a password.", code="password_unusable")

    def get_help_text(self) -> str:
        return f"At least {CUSTOMER_MIN_LENGTH} characters, {STAFF_MIN_LENGTH} for staff."
