"""Who is calling the API: opaque tokens, stored as hashes, ended by deleting a row."""

import hmac

from django.db.models import Q
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mdv.accounts.models import ApiToken, User
from mdv.http.address import bucket
from mdv.kernel import clock, context
from mdv.limits import services as limits

SCHEME = b"bearer"


class TokenAuthentication(BaseAuthentication):
    """Authenticate ``Authorization: Bearer <token>`` with one query.

    knox makes and hashes the tokens; its own look-up deletes expired tokens one by one on every
    request and fails on bytes that are not UTF-8, so the look-up is ours.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if not scheme:
            return None
        found = _find(token.strip()) if scheme.lower() == SCHEME else None
        if found is None:
            limits.enforce("api", f"address:{bucket(context.current().address)}")
            raise AuthenticationFailed("This token is not valid or no longer.", "invalid_token")
        context.set_actor(found.user.as_actor())
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _find(token: bytes) -> ApiToken | None:
    if not token.isascii() or not token:
        return None
    live = Q(expiry=None) | Q(expiry__gt=clock.now())
    prefix = token.decode()[: CONSTANTS.TOKEN_KEY_LENGTH]
    candidates = ApiToken.objects.select_related("user").filter(
        live, token_key=prefix, user__is_active=True
    )
    digest = hash_token(token.decode())
    return next((c for c in candidates if hmac.compare_digest(c.digest, digest)), None)
