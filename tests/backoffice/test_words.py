"""The back office speaks plain words, the same in the menu and on the page."""

import re

import pytest

from mdv.backoffice.navigation import navigation
from tests.backoffice.test_forms import errors, save


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_the_menu_and_the_page_use_the_same_word(shop, admin, rf):
    request = rf.get("/admin/")
    request.user = admin.user
    entries = [item for group in navigation(request) for item in group["items"]][1:]

    for item in entries:
        page = admin.get(str(item["link"]), follow=True)
        assert page.context["title"] in {item["title"], "Change store settings"}, item["title"]
        assert item["title"] in text_of(page)
        menu = [one for group in page.context["sidebar_navigation"] for one in group["items"]]
        assert [one["title"] for one in menu if one["active"]] == [item["title"]]


def test_the_default_zone_is_named_when_there_would_be_two(shop, admin):
    answer = save(admin, shop.spare_zone, is_default="on", is_active="on")

    assert answer.status_code == 409
    assert errors(answer)["__all__"][0].startswith("Everywhere is the default zone.")
    shop.spare_zone.refresh_from_db()
    assert not shop.spare_zone.is_default


def test_a_title_keeps_an_address_as_it_is(shop, admin):
    page = admin.get(f"/admin/accounts/user/{shop.customer.pk}/change/").content.decode()

    assert "Ada@example.com" not in page


@pytest.mark.parametrize(
    ("path", "words", "never"),
    [
        ("pricing/coupon/add", "Not for goods that are reduced already", "Excludes sale items"),
        ("pricing/coupon/add", "Smallest value of the goods (NGN)", "Min subtotal"),
        ("pricing/shippingzone", "Default", "Is default"),
        ("catalog/variant", "SKU", "Sku"),
        ("catalog/variant/add", "Weight (grams)", "Weight grams"),
        ("stock/stockitem", "Warn at (units)", "Low at"),
    ],
)
def test_labels_are_words_with_units(shop, admin, path, words, never):
    shown = text_of(admin.get(f"/admin/{path}/"))

    assert words.lower() in shown.lower()
    assert never not in shown


def test_kinds_of_mails_are_words(shop, admin):
    assert re.search(r">\s*Welcome\s*<", admin.get("/admin/mail/mail/").content.decode())
