"""Telling whether a webhook's bytes were signed with one of our secrets."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Literal


def is_signed(
    content: bytes,
    *,
    signatures: Iterable[str],
    secrets: Iterable[str],
    digest: Literal["sha256", "sha512"],
) -> bool:
    """Tell whether one of the signatures (hex) is the content's with one of the secrets.

    Every pair is compared, in constant time and over bytes: odd characters are merely wrong. An
    empty secret never verifies, since anybody could sign with it.
    """
    given = [signature.encode("utf-8", "surrogatepass") for signature in signatures]
    expected = [
        hmac.new(secret.encode(), content, getattr(hashlib, digest)).hexdigest().encode()
        for secret in secrets
        if secret.strip()
    ]
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]
    return any(matches)


def header_in(headers: Mapping[str, str], name: str) -> str:
    """Return a header whatever the case of its name; empty when it is not there."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")
