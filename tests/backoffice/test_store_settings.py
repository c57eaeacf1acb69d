"""The store's settings in the back office."""

import pytest

from mdv.store.models import StoreSettings
from tests.backoffice.payloads import settings
from tests.backoffice.shop import nonce

PAGE = "/admin/store/storesettings/1/change/"


def save(admin, shop, recipients):
    form = {**settings(shop), "low_stock_recipients": recipients, "nonce": nonce()}
    return admin.post(PAGE, form)


def told():
    return StoreSettings.objects.get().low_stock_recipients


def test_who_is_told_of_low_stock_is_one_address_per_line(shop, admin):
    answer = save(admin, shop, "a@example.com\r\n\r\n b@example.com \r\n")

    assert answer.status_code == 302
    assert told() == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    "typed",
    ["nobody", "a@example.com, b@example.com", "\n".join(f"a{n}@example.com" for n in range(21))],
)
def test_what_is_no_address_or_too_many_is_refused_at_its_field(shop, admin, typed):
    answer = save(admin, shop, typed)

    assert answer.status_code == 400
    assert "low_stock_recipients" in answer.context["adminform"].form.errors
    assert told() == []
