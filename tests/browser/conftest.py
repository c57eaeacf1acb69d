import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.payments.services import record_payment
from shop.payments.states import Channel
from tests.accounts.people import make_staff
from tests.backoffice.shop import open_shop, place_order
from tests.browser.visitor import HEIGHT, Visitor

SHOTS = Path(__file__).parent / "shots"
WIDTHS = (1400, 390)
SCHEMES = ("light", "dark")
# In a container there is neither a sandbox to be had nor a graphics card.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def chromium():
    # Playwright keeps an event loop in this thread; the tests' own queries are not async.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def shop(transactional_db):
    """The shop of the back office's tests, with an order paid today and somebody of the staff."""
    shop = open_shop()
    paid = place_order()
    record_payment(
        number=paid.number,
        amount=Decimal(2000),
        channel=Channel.CASH,
        reference="R-1",
        at=clock.now(),
    )
    make_staff(Role.ADMIN)
    return shop


@pytest.fixture(params=[f"{width}-{scheme}" for width in WIDTHS for scheme in SCHEMES])
def visitor(request, chromium, live_server):
    """Somebody with a browser of some width, light or dark, whose every complaint is noted."""
    width, scheme = request.param.split("-")
    SHOTS.mkdir(exist_ok=True)
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": int(width), "height": HEIGHT},
        color_scheme=scheme,
    )
    yield Visitor(context.new_page(), host=live_server.url, name=request.param, shots=SHOTS)
    context.close()
