"""The client's address. One function, used by limits, audit and logs alike."""

from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address

import structlog
from django.conf import settings
from django.http import HttpRequest

IPV6_BUCKET_BITS = 64
UNKNOWN = "0.0.0.0"  # noqa: S104 (a value to store, not an address to listen on)

log = structlog.get_logger("mdv.address")


def client_address(request: HttpRequest) -> str:
    """Return the address to hold the client to, always a valid one.

    With ``CLIENT_IP_HEADER`` the platform names the client there. Otherwise
    ``TRUSTED_PROXY_DEPTH`` n reads the n-th address from the right of X-Forwarded-For: what
    our own proxies appended. Never the left-most, which is the client's to write. Anything
    invalid falls back to the socket's peer.
    """
    peer = _parse(request.META.get("REMOTE_ADDR", ""))
    return str(_named_by_proxy(request) or peer or UNKNOWN)


def bucket(address: str) -> str:
    """Return what limits count under: an IPv4 address, or the /64 that an IPv6 client holds."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    shift = 128 - IPV6_BUCKET_BITS
    return f"{IPv6Address(int(parsed) >> shift << shift)}/{IPV6_BUCKET_BITS}"


def _named_by_proxy(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    if settings.CLIENT_IP_HEADER:
        return _parse(request.headers.get(settings.CLIENT_IP_HEADER, ""))
    depth = settings.TRUSTED_PROXY_DEPTH
    forwarded = request.headers.get("X-Forwarded-For", "")
    if not depth:
        if forwarded and not settings.MDV_LOCAL:
            _say_that_there_is_a_proxy()
        return None
    hops = forwarded.split(",")
    return _parse(hops[-depth]) if len(hops) >= depth else None


@cache
def _say_that_there_is_a_proxy() -> None:
    """Warn once per process: behind a proxy that is not trusted all visitors are one."""
    log.warning("proxy_not_trusted", set="TRUSTED_PROXY_DEPTH or CLIENT_IP_HEADER")


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address as proxies write it: with port, in brackets, IPv4 mapped into IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return None
        return address.ipv4_mapped or address
    return address
