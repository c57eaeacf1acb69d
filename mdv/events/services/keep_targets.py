"""Keeping webhooks: whom to tell, of what, and the secret that proves it was us.

Names are resolved here, so the checks of an address come before the transaction, never inside.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from django.db import transaction

from mdv.events.gateways import UnfitAddress, check_url
from mdv.events.kinds import PING, known_kinds
from mdv.events.models import Event, WebhookDelivery, WebhookTarget
from mdv.events.services.emit import emit
from mdv.events.signing import secret_of
from mdv.kernel import clock
from mdv.kernel.errors import Conflict, FieldProblem, Invalid, NotFound, PreconditionFailed

SALT_BYTES = 16
# For so long after a rotation both secrets sign.
BOTH_VALID_FOR = timedelta(hours=24)


class Stale(PreconditionFailed):
    code = "stale"
    detail = "Someone else changed this since you read it. Nothing was saved."


class WebhookIsOff(Conflict):
    code = "webhook_is_off"
    detail = "This webhook is switched off. Switch it on first."


class TargetChanges(TypedDict, total=False):
    name: str
    url: str
    kinds: Sequence[str]
    contact: str
    is_active: bool


def create_target(
    *, name: str, url: str, contact: str, kinds: Sequence[str] = (), is_active: bool = True
) -> WebhookTarget:
    """Add a webhook. Its secret is :func:`secret_of` its salt: tell it once, to who added it.

    Raises:
        Invalid: the address is unfit, or a kind is none.
        IntegrityError: 409 `webhook_name_is_unique`.
    """
    _check_kinds(kinds)
    url = _checked(url)
    with transaction.atomic():
        return WebhookTarget.objects.create(
            name=name,
            url=url,
            contact=contact,
            kinds=sorted(set(kinds)),
            is_active=is_active,
            salt=secrets.token_hex(SALT_BYTES),
            created_at=clock.now(),
        )


def update_target(
    *, target_id: int, version: int | None = None, **changes: Unpack[TargetChanges]
) -> WebhookTarget:
    """Change a webhook. Switched off, it is told nothing; what was queued waits.

    With `version`, only if that still is the present one.

    Raises:
        NotFound: there is none. Stale: 412, someone changed it since.
        Invalid: the address is unfit, or a kind is none.
        IntegrityError: 409 `webhook_name_is_unique`.
    """
    tidy = changes.copy()
    if "kinds" in changes:
        _check_kinds(changes["kinds"])
        tidy["kinds"] = sorted(set(changes["kinds"]))
    if "url" in changes:
        tidy["url"] = _checked(changes["url"])
    with transaction.atomic():
        target = lock_target(target_id)
        if version is not None and version != target.version:
            raise Stale(members={"version": target.version})
        if tidy.get("is_active"):
            target.failing_since = None
        for name, value in tidy.items():
            setattr(target, name, value)
        target.version += 1
        target.save(update_fields=[*tidy, "failing_since", "version"])
    return target


@transaction.atomic
def rotate_secret(*, target_id: int, at: datetime) -> WebhookTarget:
    """Give a webhook a new secret; the present one signs too for BOTH_VALID_FOR.

    Raises:
        NotFound: there is no such webhook.
    """
    target = lock_target(target_id)
    target.previous_salt = target.salt
    target.previous_until = at + BOTH_VALID_FOR
    target.salt = secrets.token_hex(SALT_BYTES)
    target.version += 1
    target.save(update_fields=["salt", "previous_salt", "previous_until", "version"])
    return target


@transaction.atomic
def ping_target(*, target_id: int) -> WebhookDelivery:
    """Send a `webhook.ping` to one webhook, whatever kinds it wants.

    Raises:
        NotFound: there is none. WebhookIsOff: 409.
    """
    target = lock_target(target_id)
    if not target.is_active:
        raise WebhookIsOff
    event: Event = emit(PING, target, number=str(target.pk), payload={"name": target.name})
    now = clock.now()
    return WebhookDelivery.objects.create(
        target=target, event=event, next_try_at=now, created_at=now
    )


def secrets_of(target: WebhookTarget, *, at: datetime) -> list[str]:
    """Return the secrets that are valid `at`, the newest first."""
    salts = [target.salt]
    if target.previous_until is not None and at < target.previous_until:
        salts.append(target.previous_salt)
    return [secret_of(salt) for salt in salts]


def lock_target(target_id: int) -> WebhookTarget:
    """Lock a webhook for the rest of the transaction.

    Raises:
        NotFound: there is none.
    """
    rows = WebhookTarget.objects.select_for_update(no_key=True)
    target = rows.filter(pk=target_id).first()
    if target is None:
        raise NotFound
    return target


def _checked(url: str) -> str:
    try:
        return check_url(url)
    except UnfitAddress as problem:
        raise Invalid(problems=[FieldProblem("url", "unfit_address", str(problem))]) from None


def _check_kinds(kinds: Sequence[str]) -> None:
    unknown = sorted(set(kinds) - set(known_kinds()))
    if unknown:
        message = f"There are no such events: {', '.join(unknown)}."
        raise Invalid(problems=[FieldProblem("kinds", "unknown_kind", message)])
