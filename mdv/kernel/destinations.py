"""Servers whose address somebody else chose: reached only where they are on the open internet.

Such an address may point at anything, our own network included. So a host's name is resolved
once, here, every address behind it must be a public one, and the connection is made to exactly
the address that was checked: what the name says a moment later no longer matters.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

Address = IPv4Address | IPv6Address

# Translated to IPv4 by some networks, private addresses included (RFC 6052, RFC 8215).
NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class AddressRefused(Exception):
    """Behind the name there is an address that is none of the open internet."""


class NameNotFound(Exception):
    """The name leads nowhere just now."""


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the open internet, and no way into a private network."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address.sixtofour or address.teredo or address.is_site_local:
            return False
        if any(address in network for network in NAT64):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def checked_address(host: str, *, is_allowed: Callable[[Address], bool]) -> str:
    """Resolve `host`, once, and return the address to connect to.

    Raises:
        AddressRefused: one of its addresses is not allowed. It may be any of them tomorrow.
        NameNotFound: it has none.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NameNotFound(host) from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not all(is_allowed(address) for address in addresses):
        raise AddressRefused(host)
    return str(addresses[0])


def request_to(
    client: httpx.Client,
    method: str,
    url: httpx.URL,
    *,
    address: str,
    headers: dict[str, str],
    content: bytes | None = None,
) -> httpx.Request:
    """Return a request that goes to `address`, with the name of `url` in Host and in TLS."""
    return client.build_request(
        method,
        url.copy_with(host=address),
        headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", **headers},
        content=content,
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )


@contextmanager
def hung_up_after(seconds: float, client: httpx.Client) -> Iterator[None]:
    """Hang up after so long: a server that sends a byte now and then never times out."""
    hang_up = threading.Timer(seconds, client.close)
    hang_up.start()
    try:
        yield
    finally:
        hang_up.cancel()
