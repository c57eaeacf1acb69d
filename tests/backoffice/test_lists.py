"""Lists: what their search finds, and that nothing which is typed breaks them."""

import pytest

from tests.backoffice.pages import pages_of
from tests.backoffice.shop import browser_of, place_order, subjects
from tests.orders.ordering import sell

ORDERS = "/admin/orders/order/"

TYPED = ["'", '"', "%", "_", "\\", "\x00", "a\x00b", "' OR 1=1 --", "x" * 10_000, "é😀", " "]
JUNK = [
    "o=x",
    "o=99.-1",
    "p=-1",
    "p=0",
    "p=99999",
    "p=x",
    "all=",
    "e=1",
    "foo__bar=1",
    "id__in=a,b",
    "status=junk",
    "status__exact=junk",
    "status__exact=%00",
    "role=junk",
    "level=junk",
    "source=junk",
    "created_at__gte=junk",
    "timestamp__gte=2026-99-99",
    "id__exact=99999999999999999999",
    "_popup=1",
    "_to_field=junk",
    "_facets=1",
    "is_active__exact=7",
]


def lists(shop):
    return [page.url for page in pages_of(subjects(shop)) if page.name.endswith(" list")]


def found(answer):
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.mark.parametrize("typed", TYPED, ids=range(len(TYPED)))
def test_no_search_breaks_a_list_or_the_search_box(shop, admin, typed):
    answers = [admin.get(url, {"q": typed}) for url in lists(shop)]
    answers.append(admin.get("/admin/search/", {"s": typed, "extended": "1", "page": typed}))

    assert {answer.status_code for answer in answers} <= {200, 302, 400}


@pytest.mark.parametrize("junk", JUNK)
def test_no_junk_in_the_address_breaks_a_list(shop, admin, junk):
    answers = [admin.get(f"{url}?{junk}") for url in lists(shop)]

    assert {answer.status_code for answer in answers} <= {200, 302, 400}


@pytest.mark.parametrize("path", ["99999999999999999999/change/", "x/change/", "%00/change/", "0/"])
def test_no_junk_in_a_path_breaks_a_detail_page(shop, admin, path):
    answers = [admin.get(url + path) for url in lists(shop)]

    assert {answer.status_code for answer in answers} <= {200, 302, 400, 404}


@pytest.mark.parametrize("term", ["", "\x00", "x" * 10_000, "%"])
def test_no_junk_breaks_the_box_that_completes_names(shop, admin, term):
    asked = {"app_label": "catalog", "model_name": "product", "field_name": "category"}

    answer = admin.get("/admin/autocomplete/", {**asked, "term": term})

    assert answer.status_code in {200, 400}


@pytest.mark.parametrize(
    "typed",
    [
        "number",
        "beginning of number",
        "without M-",
        "e-mail",
        "beginning of e-mail",
        "phone",
        "sku",
    ],
)
def test_an_order_is_found_by_what_people_have_at_hand(shop, admin, typed):
    sell("MITTENS", "100.00")
    caps = {"email": "zoe@example.com", "shipping_address": None, "delivery_method": "pickup"}
    wanted = place_order("MITTENS", total="100.00", **caps, phone="+234 700")
    term = {
        "number": wanted.number,
        "beginning of number": wanted.number[:7].lower(),
        "without M-": wanted.number[2:],
        "e-mail": "Zoe@Example.com",
        "beginning of e-mail": "zoe@",
        "phone": wanted.phone,
        "sku": "MITTENS",
    }[typed]

    assert found(admin.get(ORDERS, {"q": term})) == [wanted.pk]


def test_what_is_not_there_is_said_in_plain_words(shop, admin):
    page = admin.get(ORDERS, {"q": "M-NOTHERE"}).content.decode()

    assert "Nothing here matches what you look for." in page


@pytest.mark.parametrize(
    ("query", "count"), [("status=pending", 1), ("status=cancelled", 1), ("status=completed", 0)]
)
def test_a_filter_narrows_the_orders(shop, admin, query, count):
    assert len(found(admin.get(f"{ORDERS}?{query}"))) == count


@pytest.mark.parametrize(
    ("list_", "term"),
    [
        ("accounts/user", "ada@"),
        ("catalog/category", "shir"),
        ("catalog/product", "shirt"),
        ("catalog/product", "SHI"),
        ("catalog/variant", "shi"),
        ("events/event", "{order}"),
        ("mail/mail", "ADA@example.com"),
        ("pricing/coupon", "te"),
        ("stock/stockitem", "shirt"),
    ],
)
def test_each_search_finds_what_its_help_says(shop, admin, list_, term):
    term = term.format(order=shop.order.number)

    assert len(found(admin.get(f"/admin/{list_}/", {"q": term}))) == 1


def test_the_trail_is_searched_by_object_person_request_and_address(shop, admin):
    number = shop.order.number
    admin.post(f"{ORDERS}{shop.order.pk}/note/", {"text": "Hi", "nonce": "a" * 32})
    entry = admin.get("/admin/audit/auditentry/", {"q": "admin@example.com"}).context["cl"]
    newest = entry.result_list[0]

    for term in (number, newest.cid, "192.0.2.7"):
        assert found(admin.get("/admin/audit/auditentry/", {"q": term}))
    assert newest.pk in found(admin.get("/admin/audit/auditentry/", {"q": newest.cid}))


def test_the_search_box_leads_to_orders_goods_and_people(shop, admin):
    def links(term):
        return admin.get("/admin/search/", {"s": term, "extended": "1"}).content.decode()

    assert f"{ORDERS}{shop.order.pk}/change/" in links(shop.order.number)
    assert f"/admin/catalog/variant/{shop.variant.pk}/change/" in links("shirt")
    assert f"/admin/accounts/user/{shop.customer.pk}/change/" in links("ada@")


def test_the_search_box_shows_nobody_what_is_not_theirs(shop):
    logistics = browser_of(role="logistics")

    page = logistics.get("/admin/search/", {"s": "ada@", "extended": "1"}).content.decode()

    assert "/admin/accounts/user/" not in page


def test_a_long_list_says_that_there_is_more_than_it_counted(shop, admin, monkeypatch):
    monkeypatch.setattr("mdv.admin.pages.COUNTED", 1)

    page = admin.get("/admin/catalog/variant/").content.decode()

    assert "and more" in page
