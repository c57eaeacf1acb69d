"""The address that limits, logs and the trail hold a client to."""

import pytest
from django.test import RequestFactory

from mdv.http.address import bucket, client_address

PEER = "203.0.113.9"


def address_of(*, peer=PEER, **headers):
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers))


@pytest.mark.parametrize(
    ("depth", "forwarded", "address"),
    [
        (0, "198.51.100.1", PEER),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (2, "1.1.1.1, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1,10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", PEER),
        (1, "", PEER),
        (1, "1.1.1.1, ", PEER),
        (1, "1.1.1.1, not-an-ip", PEER),
        (1, "1.1.1.1, ' OR 1=1 --", PEER),
    ],
)
def test_the_proxys_hop_is_read_from_the_right_and_never_the_clients_own(
    depth, forwarded, address, settings
):
    settings.TRUSTED_PROXY_DEPTH = depth

    assert address_of(**{"X-Forwarded-For": forwarded}) == address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("198.51.100.1", "198.51.100.1"),
        (" 198.51.100.1 ", "198.51.100.1"),
        ("198.51.100.1:8080", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("[::ffff:198.51.100.1]:443", "198.51.100.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", PEER),
        ("2001:db8::1%25eth0", PEER),
        ("198.51.100.256", PEER),
        ("198.51.100", PEER),
        ("0x7f.0.0.1", PEER),
        ("010.0.0.1", PEER),
        ("١٢٧.0.0.1", PEER),
        ("unknown", PEER),
        ("_hidden", PEER),
        ("[", PEER),
        (":", PEER),
        ("", PEER),
        ("9" * 5000, PEER),
    ],
)
def test_an_address_is_read_as_proxies_write_it_and_junk_is_the_peer(written, address, settings):
    settings.TRUSTED_PROXY_DEPTH = 1
    assert address_of(**{"X-Forwarded-For": written}) == address

    settings.TRUSTED_PROXY_DEPTH, settings.CLIENT_IP_HEADER = 0, "X-Real-IP"
    assert address_of(**{"X-Real-IP": written}) == address


def test_the_platforms_header_counts_alone_where_it_is_set(settings):
    settings.TRUSTED_PROXY_DEPTH, settings.CLIENT_IP_HEADER = 1, "X-Real-IP"

    both = {"X-Real-IP": "198.51.100.1", "X-Forwarded-For": "192.0.2.1"}
    assert address_of(**both) == "198.51.100.1"
    assert address_of(**{"X-Forwarded-For": "192.0.2.1"}) == PEER


@pytest.mark.parametrize("peer", ["", "unix:", "fe80::1%eth0"])
def test_a_peer_without_an_address_is_an_address_all_the_same(peer):
    assert address_of(peer=peer) == "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("address", "counted_under"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::1", "::/64"),
    ],
)
def test_an_ipv6_client_is_counted_under_the_network_that_it_holds(address, counted_under):
    assert bucket(address) == counted_under
