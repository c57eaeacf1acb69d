"""Who is calling the API: opaque tokens, stored as hashes, ended by deleting a row."""

import hmac
from datetime import timedelta

import structlog
from django.contrib.postgres.expressions import ArraySubquery
from django.db import DatabaseError
from django.db.models import OuterRef, Q
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mdv.accounts.models import ApiToken, RoleGrant, User
from mdv.accounts.roles import Role
from mdv.http.address import bucket
from mdv.kernel import clock, context
from mdv.kernel.errors import Forbidden
from mdv.limits import services as limits

SCHEME = b"bearer"
NOTE_USE_EVERY = timedelta(minutes=5)

log = structlog.get_logger("mdv.accounts")


class OwnRequest(Request):
    """A request that was authenticated: what views behind a log-in get, for their annotations."""

    user: User
    auth: ApiToken


class PasswordChangeRequired(Forbidden):
    """Only changing the password, one's own profile and logging out are open until then."""

    code = "password_change_required"
    detail = "Choose a new password first."


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
        _note_use(found)
        view = (request.parser_context or {}).get("view")
        is_open = getattr(view, "is_open_before_password_change", False)
        if found.user.must_change_password and not is_open:
            raise PasswordChangeRequired
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _find(token: bytes) -> ApiToken | None:
    if not token.isascii() or not token:
        return None
    prefix = token.decode()[: CONSTANTS.TOKEN_KEY_LENGTH]
    live = ApiToken.objects.live(clock.now()).filter(token_key=prefix)
    roles = RoleGrant.objects.filter(user=OuterRef("user")).values("group__name")
    candidates = live.select_related("user").annotate(roles=ArraySubquery(roles))
    digest = hash_token(token.decode())
    for candidate in candidates:
        if hmac.compare_digest(candidate.digest, digest):
            candidate.user.roles = frozenset(Role(name) for name in candidate.roles)
            return candidate
    return None


def _note_use(token: ApiToken) -> None:
    """Note when and from where a token was used, now and then: a read must not become a write."""
    now = clock.now()
    if token.last_used_at is not None and token.last_used_at > now - NOTE_USE_EVERY:
        return
    here = context.current()
    not_noted_meanwhile = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTE_USE_EVERY)
    try:
        ApiToken.objects.filter(not_noted_meanwhile, pk=token.pk).update(
            last_used_at=now, last_address=here.address or None, last_device=here.user_agent
        )
    except DatabaseError as problem:
        # A database that only reads must not keep anybody from reading.
        log.warning("token_use_not_noted", error=type(problem).__name__)
