"""Fetching pictures from other people's servers, without being sent anywhere else.

An address in a product file may point at anything, our own network included. So each host name
is resolved here, every address behind it must be a public one, and the connection is made to the
address that was checked; each redirect goes through the same.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from mdv.kernel.errors import TryLater

MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 3
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 8.0
TOTAL_TIMEOUT_S = 30.0
PORTS = frozenset({80, 443})
# Translated to IPv4 by some networks, private addresses included.
NAT64 = IPv6Network("64:ff9b::/96")
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
    with httpx.Client(timeout=timeout, trust_env=False) as client, _limited(client):
        url = _parsed(address)
        for _ in range(MAX_REDIRECTS + 1):
            found = _ask(client, url)
            if isinstance(found, bytes):
                return found
            url = found
    raise NotFetched("too_many_redirects", is_final=True)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one of the open internet, and no way into a private network."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address.sixtofour or address.teredo or address in NAT64:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@contextmanager
def _limited(client: httpx.Client) -> Iterator[None]:
    """Hang up after TOTAL_TIMEOUT_S: a server that sends a byte now and then never times out."""
    hang_up = threading.Timer(TOTAL_TIMEOUT_S, client.close)
    hang_up.start()
    try:
        yield
    finally:
        hang_up.cancel()


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
    request = client.build_request(
        "GET",
        url.copy_with(host=_checked_address(url)),
        headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )
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
        found = socket.getaddrinfo(url.raw_host.decode("ascii"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched("unreachable", is_final=False) from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not all(is_public(address) for address in addresses):
        raise NotFetched("address_refused", is_final=True)
    return str(addresses[0])


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
