"""Reading from addresses that strangers chose: nobody is ever sent into our own network."""

import socket
from ipaddress import ip_address

import pytest

from mdv.kernel.destinations import is_public
from shop.catalog import gateways
from shop.catalog.gateways import NotFetched, download
from tests.catalog.shelf import picture

PICTURE = picture((60, 30))
PRIVATE = [
    "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254",
    "172.16.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:4136::1",
    "64:ff9b:1::7f00:1", "fec0::1", "::127.0.0.1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"]


def refusal(address):
    with pytest.raises(NotFetched) as refused:
        download(address)
    return refused.value.problem, refused.value.is_final


@pytest.mark.parametrize("address", PRIVATE)
def test_private_reserved_and_tunnelled_addresses_are_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_open_internet_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.png",
        "http://localhost/x.png",
        "http://[::1]/x.png",
        "http://2130706433/x.png",
        "http://0x7f.1/x.png",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:10.0.0.1]/x.png",
        "https://user:secret@93.184.216.34/x.png",
        "http://93.184.216.34:22/x.png",
        "http://93.184.216.34:6379/x.png",
        "ftp://93.184.216.34/x.png",
        "file:///etc/passwd",
        "http:///x.png",
        "//93.184.216.34/x.png",
        "not an address",
        "",
    ],
)
def test_nothing_is_sent_to_such_an_address(address, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", forbidden)

    assert refusal(address) == ("address_refused", True)


def forbidden(*args, **kwargs):
    pytest.fail("a connection was opened")


def test_a_name_behind_which_one_of_the_addresses_is_private_is_refused(monkeypatch):
    def found(*args, **kwargs):
        return [(socket.AF_INET, 0, 0, "", (address, 0)) for address in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket, "create_connection", forbidden)

    assert refusal("https://rebinding.example.com/x.png") == ("address_refused", True)


def test_the_name_is_looked_up_once_and_the_checked_address_is_connected_to(server, monkeypatch):
    looked_up = []
    original = socket.getaddrinfo

    def found(host, *args, **kwargs):
        if host == "127.0.0.1":
            return original(host, *args, **kwargs)
        looked_up.append(host)
        return [(socket.AF_INET, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    server.answers["/x.png"] = (200, {}, PICTURE)

    content = download(server.url("/x.png", host="pictures.example.com"))

    assert content == PICTURE
    assert looked_up == ["pictures.example.com"]
    assert server.asked == [("/x.png", f"pictures.example.com:{server.port}")]


def test_a_name_that_does_not_exist_may_exist_later():
    assert refusal("http://nowhere.invalid/x.png") == ("unreachable", False)


def test_three_redirects_are_followed_and_no_fourth(server):
    for step in range(4):
        server.answers[f"/{step}"] = (302, {"Location": f"/{step + 1}"}, b"")
    server.answers["/4"] = (200, {}, PICTURE)

    assert download(server.url("/1")) == PICTURE
    assert refusal(server.url("/0")) == ("too_many_redirects", True)


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.1/", "file:///etc/passwd", "http://[::1]/", "http://[", "//10.0.0.1"],
)
def test_a_redirect_leads_nowhere_that_an_address_could_not(server, location):
    server.answers["/x.png"] = (301, {"Location": location}, b"")

    assert refusal(server.url("/x.png")) == ("address_refused", True)


@pytest.mark.parametrize(
    ("status", "problem", "is_final"),
    [
        (404, "not_there", True),
        (403, "not_there", True),
        (204, "not_there", True),
        (429, "unreachable", False),
        (408, "unreachable", False),
        (500, "unreachable", False),
        (503, "unreachable", False),
    ],
)
def test_an_answer_that_is_no_picture_says_whether_to_ask_again(server, status, problem, is_final):
    server.answers["/x.png"] = (status, {}, b"")

    assert refusal(server.url("/x.png")) == (problem, is_final)


def test_more_than_the_cap_is_not_read(server, monkeypatch):
    monkeypatch.setattr(gateways, "MAX_BYTES", 1000)
    server.answers["/x.png"] = (200, {}, b"x" * 5_000_000)

    assert refusal(server.url("/x.png")) == ("too_large", True)


def test_a_server_that_never_finishes_is_hung_up_on(server, monkeypatch):
    monkeypatch.setattr(gateways, "TOTAL_TIMEOUT_S", 0.5)
    server.answers["/x.png"] = (200, {}, "drip")

    assert refusal(server.url("/x.png")) == ("unreachable", False)


def test_a_closed_port_may_open_later(server):
    server.stop()

    assert refusal(server.url("/x.png")) == ("unreachable", False)
