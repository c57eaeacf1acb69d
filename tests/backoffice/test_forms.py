"""Forms of the back office: saved by services, refused in plain words with what was typed."""

from decimal import Decimal

import pytest

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from mdv.admin.show import show_moment
from mdv.store.models import StoreSettings
from shop.catalog import services as catalog
from shop.catalog.models import Category, Product, Variant
from shop.pricing.models import Coupon
from tests.accounts.people import make_staff
from tests.backoffice import payloads
from tests.backoffice.payloads import variant_of
from tests.backoffice.shop import browser_of, nonce

PRODUCT = "/admin/catalog/product/"
VARIANT = "/admin/catalog/variant/"


def page_of(row):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def form_on(browser, row):
    """What the page of `row` shows, as a browser would send it back."""
    form = browser.get(page_of(row)).context["adminform"].form
    values = {field.html_name: field.value() for field in form}
    return {name: "" if value is None else value for name, value in values.items()}


def save(browser, row, **typed):
    data = {**form_on(browser, row), "nonce": nonce(), **typed}
    return browser.post(page_of(row), {n: _sent(v) for n, v in data.items() if v is not False})


def _sent(value):
    return "\n".join(value) if isinstance(value, list) else value


def errors(answer):
    return dict(answer.context["adminform"].form.errors)


def newest(row, **of):
    return AuditEntry.objects.of(row).filter(**of)


def test_a_product_is_saved_by_its_service(shop, operations):
    version = shop.product.version

    answer = save(
        operations, shop.product, description='<p onclick="x()">Warm</p><script>x()</script>'
    )

    saved = Product.objects.get(pk=shop.product.pk)
    assert answer.status_code == 302
    assert saved.description == "<p>Warm</p>"
    assert saved.version == version + 1


def test_a_save_is_written_down_once_with_who_where_and_which_request(shop, operations):
    before = AuditEntry.objects.count()
    sent = {**form_on(operations, shop.product), "title": "Sea shirt", "nonce": nonce()}

    answer = operations.post(
        page_of(shop.product),
        {name: _sent(value) for name, value in sent.items()},
        headers={"X-Request-ID": "req-12345678"},
    )

    assert answer.status_code == 302
    assert AuditEntry.objects.count() == before + 1
    entry = AuditEntry.objects.latest()
    assert (entry.event, entry.changes["title"]) == ("changed", ["Shirt", "Sea shirt"])
    assert (entry.actor_email, entry.actor_role) == ("operations@example.com", "operations")
    assert (entry.source, entry.cid) == ("admin", "req-12345678")
    assert str(entry.remote_addr) == "192.0.2.7"


def test_saving_what_was_not_changed_changes_nothing(shop, operations):
    before = AuditEntry.objects.count()

    assert save(operations, shop.product).status_code == 302

    assert AuditEntry.objects.count() == before
    assert Product.objects.get(pk=shop.product.pk).version == shop.product.version


def test_a_stale_form_is_refused_and_says_who_changed_what_and_keeps_what_was_typed(
    shop, operations, admin
):
    stale = {**form_on(operations, shop.product), "vendor": "Typed", "nonce": nonce()}
    save(admin, shop.product, title="Sea shirt")

    answer = operations.post(page_of(shop.product), {n: _sent(v) for n, v in stale.items()})

    assert answer.status_code == 412
    (told,) = errors(answer)["__all__"]
    assert "Nothing was saved." in told
    assert "admin@example.com changed title." in told
    assert 'value="Typed"' in answer.content.decode()
    saved = Product.objects.get(pk=shop.product.pk)
    assert (saved.title, saved.vendor) == ("Sea shirt", "")


def test_a_stale_form_of_what_has_no_version_is_refused_too_and_says_who_changed_what(shop, admin):
    stale = {**form_on(admin, shop.settings), "tax_id": "Typed", "nonce": nonce()}
    stale = {name: _sent(value) for name, value in stale.items() if value is not False}
    colleague = browser_of(make_staff(Role.ADMIN, email="ruth@example.com"))
    save(colleague, shop.settings, legal_name="First")

    answer = admin.post(page_of(shop.settings), stale)

    assert answer.status_code == 412
    (told,) = errors(answer)["__all__"]
    changed = newest(shop.settings, actor_email="ruth@example.com").get()
    assert told == (
        "Someone else changed this since you read it. Nothing was saved. "
        f"{show_moment(changed.timestamp)} ruth@example.com changed legal name."
    )
    page = answer.content.decode()
    assert 'value="Typed"' in page
    assert "Open the page as it is stored now" in page
    saved = StoreSettings.objects.get()
    assert (saved.legal_name, saved.tax_id) == ("First", "")


def test_what_was_changed_before_the_page_was_opened_is_not_told(shop, admin):
    save(admin, shop.settings, tax_id="Before")
    stale = {**form_on(admin, shop.settings), "nonce": nonce()}
    save(admin, shop.settings, legal_name="First")

    answer = admin.post(
        page_of(shop.settings), {n: _sent(v) for n, v in stale.items() if v is not False}
    )

    assert answer.status_code == 412
    assert "tax id" not in errors(answer)["__all__"][0]


@pytest.mark.parametrize("shown", ["", "abc", "abc 2026-01-01", "abc 2026-01-01T10:00:00"])
def test_a_form_that_does_not_say_what_it_showed_is_not_saved(shop, admin, shown):
    answer = save(admin, shop.settings, legal_name="First", shown=shown)

    assert answer.status_code == 400
    assert StoreSettings.objects.get().legal_name != "First"


def test_a_form_without_its_version_is_not_saved(shop, operations):
    answer = save(operations, shop.product, title="Sea shirt", shown="")

    assert answer.status_code == 400
    assert Product.objects.get(pk=shop.product.pk).title == "Shirt"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"price": "-1.00"}, "price"),
        ({"price": "10.005"}, "price"),
        ({"price": "100000000.00"}, "price"),
        ({"price": "abc"}, "price"),
        ({"compare_at_price": "1500.00"}, "compare_at_price"),
        ({"compare_at_price": "1499.99"}, "compare_at_price"),
        ({"sku": "with space"}, "sku"),
        ({"sku": "BELT"}, "sku"),
        ({"sku": "a\x00b"}, "sku"),
        ({"option_values": "M\nL"}, "option_values"),
    ],
)
def test_a_variant_that_cannot_be_is_told_at_its_field(shop, operations, typed, field):
    answer = save(operations, shop.variant, **typed)

    assert answer.status_code in {400, 409}
    assert list(errors(answer)) == [field]
    saved = Variant.objects.get(pk=shop.variant.pk)
    assert (saved.price, saved.sku, saved.version) == (Decimal("1500.00"), "SHIRT", 1)


def test_a_new_variant_leads_back_to_its_product_and_its_sku_is_named(shop, operations):
    typed = {**payloads.new_variant(shop), "sku": "", "nonce": nonce()}

    answer = operations.post("/admin/catalog/variant/add/", typed)

    made = shop.spare_product.variants.get()
    assert answer["Location"] == page_of(shop.spare_product)
    page = operations.get(answer["Location"]).content.decode()
    assert f"{made.sku} is added to Sock." in page


def test_a_taken_sku_is_told_in_plain_words(shop, operations):
    answer = save(operations, shop.variant, sku="BELT")

    assert answer.status_code == 409
    assert errors(answer) == {"sku": ["Another variant has this SKU."]}


def test_a_rule_of_the_database_is_told_as_the_sentence_it_is(shop, admin):
    other = catalog.create_category(name="Coats", parent_id=shop.category.pk)

    answer = save(admin, shop.category, parent=other.pk)

    assert answer.status_code == 409
    assert "category refuses cycles" in errors(answer)["__all__"][0]
    assert Category.objects.get(pk=shop.category.pk).parent_id is None


def test_options_may_contain_commas(shop, operations):
    save(operations, shop.spare_product, option_names="Size\nColour")

    answer = operations.post(
        f"{VARIANT}add/",
        {
            **variant_of(shop.spare_product, shown="1", sku="SOCK", price="5.00"),
            "option_values": "1,5 m\r\nRed, white",
            "nonce": nonce(),
        },
    )

    assert answer.status_code == 302
    assert Variant.objects.get(sku="SOCK").option_values == ["1,5 m", "Red, white"]


def test_a_product_sent_twice_is_added_once(operations):
    form = {"title": "Hat", "shown": "1", "nonce": nonce()}

    answers = [operations.post(f"{PRODUCT}add/", form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Product.objects.filter(title="Hat").count() == 1


def test_a_new_product_needs_no_slug_and_starts_as_a_draft(operations):
    operations.post(f"{PRODUCT}add/", {"title": "Sun hat", "shown": "1", "nonce": nonce()})

    made = Product.objects.get()
    assert (made.slug, made.status) == ("sun-hat", "draft")


def test_a_coupon_that_is_used_keeps_what_it_gives(shop, admin):
    shop.coupon.redemptions.create(customer_keys=["user:1"], order_number="M-00000001")

    answer = save(admin, shop.coupon, value="90")

    assert answer.status_code == 409
    assert "Orders use this coupon" in errors(answer)["__all__"][0]
    assert Coupon.objects.get(pk=shop.coupon.pk).value == Decimal(10)


def test_fields_that_services_guard_are_never_taken_from_a_form(shop, admin):
    save(admin, shop.product, status="archived", price_from="1", version="99", on_sale="on")
    save(admin, shop.variant, in_stock="", is_archived="on", product=shop.spare_product.pk)
    save(admin, shop.customer, email="eve@example.com", is_active="", session_epoch="9")

    product = Product.objects.get(pk=shop.product.pk)
    variant = Variant.objects.get(pk=shop.variant.pk)
    shop.customer.refresh_from_db()
    assert (product.status, product.version) == ("active", shop.product.version)
    assert (variant.in_stock, variant.is_archived) == (True, False)
    assert variant.product_id == shop.product.pk
    assert (shop.customer.email, shop.customer.is_active) == ("ada@example.com", True)


@pytest.mark.parametrize("kind", ["product", "variant", "zone"])
def test_what_others_need_is_not_deleted_and_the_page_says_why(shop, admin, kind):
    row = getattr(shop, kind)
    url = page_of(row).replace("/change/", "/delete/")

    asked, sent = admin.get(url), admin.post(url, {"post": "yes"})

    assert "cannot be deleted while these need it" in asked.content.decode()
    assert asked.context["protected"]
    assert sent.status_code == 200
    assert type(row).objects.filter(pk=row.pk).exists()


def test_what_others_come_to_need_meanwhile_is_refused_on_its_page(shop, admin, monkeypatch):
    monkeypatch.setattr("mdv.admin.base.dependants_of", lambda _: [])
    url = page_of(shop.variant).replace("/change/", "/delete/")

    answer = admin.post(url, {"post": "yes"}, follow=True)

    assert answer.redirect_chain[-1][0] == page_of(shop.variant)
    assert "Other records depend on it. Archive it instead." in answer.content.decode()
    assert Variant.objects.filter(pk=shop.variant.pk).exists()
