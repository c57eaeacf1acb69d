"""Fetching pictures from other people's servers, without being sent anywhere else.

An address in a product file may point at anything, our own network included: it is reached as
``mdv.kernel.destinations`` has it, and each redirect goes through the same.
"""

from http import HTTPStatus

import httpx

from mdv.kernel.destinations import (
    Address,
    AddressRefused,
    NameNotFound,
    checked_address,
    hung_up_after,
    is_public,
    request_to,
)
from mdv.kernel.errors import TryLater

MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 3
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 8.0
TOTAL_TIMEOUT_S = 30.0
PORTS = frozenset({80, 443})
NOW_AND_THEN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class NotFetched(TryLater):
    """There is no content. ``problem`` is a stable code; if ``is_final``, asking again is idle."""

    def __init__(self, problem: str, *, is_final: bool) -> None:
        self.problem = problem
        self.is_final = is_final
        super().__init__(problem)


def download(address: str) -> bytes:
    """Return what lies at an http or https address.

    Raises:
        NotFetched: `address_refused`, `too_large`, `too_many_redirects`, `not_there`,
            `unreachable`.
    """
    timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    with (
        httpx.Client(timeout=timeout, trust_env=False) as client,
        hung_up_after(TOTAL_TIMEOUT_S, client),
    ):
        url = _parsed(address)
        for _ in range(MAX_REDIRECTS + 1):
            found = _ask(client, url)
            if isinstance(found, bytes):
                return found
            url = found
    raise NotFetched("too_many_redirects", is_final=True)


def _parsed(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise NotFetched("address_refused", is_final=True) from None
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    if port not in PORTS or not url.host or url.userinfo:
        raise NotFetched("address_refused", is_final=True)
    return url


def _ask(client: httpx.Client, url: httpx.URL) -> bytes | httpx.URL:
    """Send one request to a checked address; return the content or where it is said to be."""
    request = request_to(client, "GET", url, address=_checked_address(url), headers={})
    try:
        response = client.send(request, stream=True)
        try:
            if response.has_redirect_location:
                return _parsed(str(url.join(response.headers["Location"])))
            _check_status(response.status_code)
            return _content(response)
        finally:
            response.close()
    except httpx.InvalidURL:
        raise NotFetched("address_refused", is_final=True) from None
    except httpx.HTTPError:
        raise NotFetched("unreachable", is_final=False) from None


def _checked_address(url: httpx.URL) -> str:
    try:
        return checked_address(url.raw_host.decode("ascii"), is_allowed=_is_allowed)
    except NameNotFound:
        raise NotFetched("unreachable", is_final=False) from None
    except AddressRefused:
        raise NotFetched("address_refused", is_final=True) from None


def _is_allowed(address: Address) -> bool:
    return is_public(address)


def _check_status(status: int) -> None:
    if status == HTTPStatus.OK:
        return
    may_come = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in NOW_AND_THEN
    raise NotFetched("unreachable" if may_come else "not_there", is_final=not may_come)


def _content(response: httpx.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > MAX_BYTES:
            raise NotFetched("too_large", is_final=True)
    return bytes(content)
