"""The client's address. One function, used by limits, audit and logs alike."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

IPV6_BUCKET_BITS = 64
UNKNOWN = "0.0.0.0"  # noqa: S104 (a value to store, not an address to listen on)


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
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if depth and len(hops) >= depth:
        return _parse(hops[-depth])
    return None


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
