"""What the account routes read and write."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mdv.accounts.models import Address, ApiToken, User
from mdv.accounts.passwords import MAX_LENGTH
from mdv.accounts.roles import Role
from mdv.http.serializers import BooleanField, EmailField, LineField, StrictSerializer
from mdv.kernel.countries import COUNTRIES, NOT_A_COUNTRY

PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,30}")


class PasswordField(serializers.CharField):
    """A password exactly as typed, spaces included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=MAX_LENGTH,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
            **kwargs,
        )

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


class PhoneField(LineField):
    """A telephone number as people write it, or nothing."""

    default_error_messages = {"phone": "A telephone number, such as +234 801 234 5678."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not PHONE.fullmatch(text):
            self.fail("phone")
        return text


class CountryField(LineField):
    """A country's ISO 3166-1 code of two capital letters."""

    default_error_messages = {"country": NOT_A_COUNTRY}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text not in COUNTRIES:
            self.fail("country")
        return text


class DetailOut(serializers.Serializer[Any]):
    detail = serializers.CharField()


class RegisterIn(StrictSerializer):
    email = EmailField()
    password = PasswordField()
    name = LineField(max_length=150)


class LogInIn(StrictSerializer):
    email = EmailField()
    password = PasswordField()


class UserOut(serializers.ModelSerializer[User]):
    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("email", "name", "phone", "roles", "must_change_password", "date_joined")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(list(Role))))
    def get_roles(self, user: User) -> list[str]:
        return sorted(user.roles)


class LogInOut(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    user = UserOut()


class ProfileIn(StrictSerializer):
    name = LineField(max_length=150, required=False)
    phone = PhoneField(required=False)


class ChangePasswordIn(StrictSerializer):
    current = PasswordField()
    new = PasswordField()


class RequestResetIn(StrictSerializer):
    email = EmailField()


class ResetPasswordIn(StrictSerializer):
    uid = LineField(max_length=64)
    token = LineField(max_length=128)
    password = PasswordField()


class TokenOut(serializers.ModelSerializer[ApiToken]):
    id = serializers.UUIDField(source="public_id")
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry")
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "created_at",
            "expires_at",
            "last_used_at",
            "last_address",
            "last_device",
            "is_current",
        )
        read_only_fields = fields

    def get_is_current(self, token: ApiToken) -> bool:
        return bool(token.pk == self.context["current"].pk)


class TokensOut(serializers.Serializer[Any]):
    results = TokenOut(many=True)


class AddressIn(StrictSerializer):
    label = LineField(max_length=60, required=False, allow_blank=True)  # type: ignore[assignment]
    name = LineField(max_length=150)
    phone = PhoneField(required=False)
    street = LineField(max_length=255)
    city = LineField(max_length=100)
    state = LineField(max_length=100, required=False, allow_blank=True)
    country = CountryField()
    is_default = BooleanField(required=False)


class AddressOut(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields = (
            "id",
            "label",
            "name",
            "phone",
            "street",
            "city",
            "state",
            "country",
            "is_default",
            "created_at",
        )
        read_only_fields = fields
