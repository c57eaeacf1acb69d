"""Where a webhook may lead: to the open internet by name, today and at every delivery."""

import socket

import pytest

from mdv.events import gateways, services
from mdv.events.models import WebhookAttempt, WebhookTarget
from mdv.kernel import destinations
from mdv.kernel.errors import Invalid
from tests.catalog.test_download import PRIVATE
from tests.events.happenings import hook, numbered
from tests.events.receivers import HOST

pytestmark = pytest.mark.django_db
URL = f"https://{HOST}/in?from=shop"


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.WEBHOOKS_MAY_STAY_HERE = False


@pytest.fixture
def names(monkeypatch):
    """What each name is looked up to, one answer after the other; and what was looked up."""
    book = {HOST: [["93.184.216.34"]]}
    book["asked"] = []

    def found(host, *args, **kwargs):
        if host not in book:
            raise socket.gaierror
        book["asked"].append(host)
        answers = book[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, 0, 0, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(destinations.socket, "getaddrinfo", found)
    return book


def refusal(url):
    with pytest.raises(Invalid) as refused:
        hook(url)
    (problem,) = refused.value.problems
    assert WebhookTarget.objects.count() == 0
    return problem.field, problem.code


def forbidden(*args, **kwargs):
    pytest.fail("a connection was opened")


def the_attempt():
    attempt = WebhookAttempt.objects.get()
    return attempt.status, attempt.error


def test_a_public_https_address_is_accepted_and_kept_as_it_will_be_called(names):
    names["xn--bcher-kva.example.com"] = [["1.1.1.1", "2606:4700::1111"]]

    urls = [hook(URL).url, hook("https://BÜCHER.example.com:8443/ä", "Other").url]

    assert urls == [URL, "https://xn--bcher-kva.example.com:8443/%C3%A4"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_into_a_private_network_is_refused(names, address):
    names[HOST] = [["1.1.1.1", address]]

    assert refusal(URL) == ("url", "unfit_address")


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/",
        f"ftp://{HOST}/",
        f"//{HOST}/",
        f"https://{HOST}:80/",
        f"https://{HOST}:22/",
        f"https://{HOST}:6379/",
        f"https://user@{HOST}/",
        f"https://user:password@{HOST}/",
        f"https://{HOST}/#part",
        f"https://{HOST}./",
        "https://93.184.216.34/",
        "https://93.184.216.34./",
        "https://[2606:4700::1111]/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://intranet/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://ⓛocalhost/",
        f"https://{HOST}:99999/",
        f"https://-{HOST}/",
        "https://ex ample.com/",
        "https:///in",
        "https://",
        "in",
        "",
    ],
)
def test_an_odd_address_is_refused_before_anybody_looks_it_up(names, url):
    for host in ("localhost", "intranet", "127.0.0.1", "2130706433", "93.184.216.34"):
        names[host] = [["93.184.216.34"]]

    assert refusal(url) == ("url", "unfit_address")
    assert names["asked"] == []


def test_a_name_that_does_not_exist_is_refused(names):
    assert refusal("https://nowhere.example.com/") == ("url", "unfit_address")


def test_a_changed_address_is_checked_like_a_new_one(names):
    target = hook(URL)

    with pytest.raises(Invalid):
        services.update_target(target_id=target.pk, url="https://127.0.0.1/")

    target.refresh_from_db()
    assert (target.url, target.version) == (URL, 1)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_was_public_once_is_refused_at_the_delivery(names, monkeypatch, address):
    names[HOST] = [["93.184.216.34"], [address]]
    target = hook(URL)
    numbered()
    monkeypatch.setattr(socket, "create_connection", forbidden)

    assert services.deliver_to(target_id=target.pk) == 0

    assert the_attempt() == (None, "address_refused")


def test_an_address_that_came_into_the_table_some_other_way_is_refused_too(names, monkeypatch):
    target = hook(URL)
    WebhookTarget.objects.update(url="http://169.254.169.254/latest/meta-data")
    numbered()
    monkeypatch.setattr(socket, "create_connection", forbidden)

    services.deliver_to(target_id=target.pk)

    assert the_attempt() == (None, "address_refused")


def test_the_connection_goes_to_the_address_that_was_checked_in_the_name_that_was_given(
    names, receiver, monkeypatch
):
    connected = []
    names[HOST] = [["93.184.216.34"], ["93.184.216.34"], ["127.0.0.1"]]
    target = hook(URL)
    WebhookTarget.objects.update(url=f"http://{HOST}:{receiver.port}/in")

    def connect(address, *args, **kwargs):
        connected.append(address[0])
        there = socket.socket()
        there.connect(("127.0.0.1", address[1]))
        return there

    monkeypatch.setattr(destinations.socket, "create_connection", connect)
    monkeypatch.setattr(gateways, "_parsed", gateways.httpx.URL)
    numbered()

    delivered = services.deliver_to(target_id=target.pk)

    assert (delivered, connected) == (1, ["93.184.216.34"])
    assert names["asked"] == [HOST, HOST]
    assert receiver.received[0].headers["Host"] == f"{HOST}:{receiver.port}"


def test_over_tls_the_certificate_is_asked_for_and_checked_by_name(names, monkeypatch):
    request = destinations.request_to(
        gateways.httpx.Client(), "POST", gateways.httpx.URL(URL), address="1.1.1.1", headers={}
    )

    assert (request.url.host, request.headers["Host"]) == ("1.1.1.1", HOST)
    assert request.extensions["sni_hostname"] == HOST


def test_a_redirect_is_not_followed_wherever_it_leads(settings, receiver):
    settings.WEBHOOKS_MAY_STAY_HERE = True
    receiver.answers, receiver.location = [307], f"http://127.0.0.1:{receiver.port}/inside"
    target = hook(receiver.url)
    numbered()

    services.deliver_to(target_id=target.pk)

    assert [r.path for r in receiver.received] == ["/hook"]
    assert the_attempt() == (307, "redirected")


def test_only_a_local_shop_may_call_its_own_machine(settings, receiver):
    settings.WEBHOOKS_MAY_STAY_HERE = True
    hook(receiver.url)

    for url in ("http://10.0.0.1/", "http://192.168.0.1/", "http://[::1]/", f"http://{HOST}/"):
        with pytest.raises(Invalid):
            hook(url, "Other")
