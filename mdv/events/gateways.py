"""Handing an event over to somebody else's server, without being sent anywhere else.

The target's address is the shop's own staff's to choose, and still may point into our network,
today or after a change of its DNS: ``mdv.kernel.destinations`` says where it may lead, at every
single delivery. Redirects are not followed.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from django.conf import settings

from mdv.kernel.destinations import (
    Address,
    AddressRefused,
    NameNotFound,
    checked_address,
    hung_up_after,
    is_public,
    request_to,
)

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 8.0
TOTAL_TIMEOUT_S = 15.0
PORTS = frozenset({443, 8443})
# A name with a dot whose last part is no number: 127.1, 0x7f.0.0.1 and 2130706433 are none.
NAME = re.compile(
    r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
LOOPBACK = frozenset({"localhost", "127.0.0.1"})
SUCCESS = range(200, 300)
REDIRECTS = range(300, 400)
MS_PER_S = 1000


class UnfitAddress(Exception):
    """A webhook cannot go there; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: a status, or the code of what went wrong. ``took_ms`` is in milliseconds."""

    status: int | None
    error: str
    took_ms: int

    @property
    def is_success(self) -> bool:
        return not self.error


def check_url(text: str) -> str:
    """Return the address as it is stored, if a webhook may go there as things are now.

    Resolves the name, so not to be called inside a transaction.

    Raises:
        UnfitAddress: it is no https address of a name on the open internet.
    """
    url = _parsed(text)
    try:
        checked_address(_host(url), is_allowed=_is_allowed)
    except NameNotFound:
        raise UnfitAddress("There is no server of that name.") from None
    except AddressRefused:
        raise UnfitAddress("This leads into a private network.") from None
    return str(url)


def post(text: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send `body` to a target and tell how that went. Of the answer only its status is read."""
    begun = time.monotonic()
    timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    status: int | None = None
    with (
        httpx.Client(timeout=timeout, trust_env=False) as client,
        hung_up_after(TOTAL_TIMEOUT_S, client),
    ):
        try:
            status = _send(client, _parsed(text), body, headers)
            error = _refusal(status)
        except (UnfitAddress, AddressRefused):
            error = "address_refused"
        except NameNotFound:
            error = "name_not_found"
        except httpx.TimeoutException:
            error = "timed_out"
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            error = "unreachable"
    return Answer(status=status, error=error, took_ms=int((time.monotonic() - begun) * MS_PER_S))


def _send(client: httpx.Client, url: httpx.URL, body: bytes, headers: Mapping[str, str]) -> int:
    address = checked_address(_host(url), is_allowed=_is_allowed)
    request = request_to(client, "POST", url, address=address, headers=dict(headers), content=body)
    response = client.send(request, stream=True, follow_redirects=False)
    response.close()
    return response.status_code


def _refusal(status: int) -> str:
    if status in SUCCESS:
        return ""
    return "redirected" if status in REDIRECTS else "refused"


def _parsed(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise UnfitAddress("This is no address.") from None
    if url.userinfo or url.fragment:
        raise UnfitAddress("Leave out the user, the password and the fragment.")
    if settings.WEBHOOKS_MAY_STAY_HERE and _host(url) in LOOPBACK:
        return url
    if url.scheme != "https" or (url.port or 443) not in PORTS:
        raise UnfitAddress("An https address, at port 443 or 8443.")
    if not NAME.fullmatch(_host(url)):
        raise UnfitAddress("The server is called by its full name, not by a number.")
    return url


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _is_allowed(address: Address) -> bool:
    return is_public(address) or (settings.WEBHOOKS_MAY_STAY_HERE and address.is_loopback)
