"""Stock-takes in the back office: a file is compared, looked at, and applied once."""

import csv
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import AuditEntry
from mdv.accounts.roles import Role
from shop.stock import services
from shop.stock.models import StockItem, StockMovement, StockTake
from shop.stock.services import MAX_FORM_BYTES
from tests.backoffice.shop import browser_of, nonce

ADD = "/admin/stock/stocktake/add/"


@pytest.fixture
def logistics(db):
    """Somebody who counts."""
    return browser_of(role=Role.LOGISTICS)


def send(browser, content, *, name="shelf.csv", key=None):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return browser.post(ADD, {"file": file, "nonce": key or nonce()})


def page_of(stock_take, page="change"):
    return f"/admin/stock/stocktake/{stock_take.pk}/{page}"


def apply(browser, stock_take, key=None):
    return browser.post(page_of(stock_take, "apply/"), {"nonce": key or nonce()}, follow=True)


def newest():
    return StockTake.objects.latest("id")


def on_hand(shop):
    return StockItem.objects.get(pk=shop.stock.pk).on_hand


def text(answer):
    return " ".join(answer.content.decode().split())


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def test_a_file_is_compared_shown_and_applied(shop, logistics):
    sent = send(logistics, b"sku,counted,reason\nSHIRT,8,Moths\nSOCKS,1,")

    stock_take = newest()
    assert (sent.status_code, sent["Location"]) == (302, f"{page_of(stock_take)}/")
    preview = logistics.get(sent["Location"])
    assert "Nothing has moved yet." in text(preview)
    assert "There is no such SKU." in text(preview)
    assert preview.context["outcomes"] == [("differs", "Differs", 1), ("refused", "Refused", 1)]
    assert on_hand(shop) == 10
    asked = logistics.get(page_of(stock_take, "apply/"))
    assert "0 levels up by 0 units in all, 1 level down by 2." in text(asked)

    applied = apply(logistics, stock_take)

    assert told(applied) == ["1 level corrected."]
    assert on_hand(shop) == 8
    movement = StockMovement.objects.latest("id")
    assert (movement.source, movement.reason) == (stock_take.number, "Moths")
    assert movement.actor_label == "logistics@example.com"
    assert applied.context["object_actions"] == []


def test_a_double_click_and_a_second_tab_change_nothing_more(shop, logistics):
    send(logistics, b"sku,counted\nSHIRT,8")
    same = nonce()

    for key in (same, same, nonce()):
        assert apply(logistics, newest(), key).status_code == 200

    assert on_hand(shop) == 8
    assert StockMovement.objects.filter(kind="adjust").count() == 1


def test_a_file_sent_twice_by_one_form_is_one_stock_take(shop, logistics):
    same = nonce()
    before = StockTake.objects.count()

    answers = [send(logistics, b"sku,counted\nSHIRT,8", key=same) for _ in range(2)]

    assert StockTake.objects.count() == before + 1
    assert answers[0]["Location"] == answers[1]["Location"]
    other = send(logistics, b"sku,counted\nSHIRT,9", key=same)
    assert other.status_code == 422
    assert StockTake.objects.count() == before + 1


def test_what_moved_since_the_preview_is_told(shop, logistics):
    send(logistics, b"sku,counted\nSHIRT,8")
    services.receive_stock(variant_id=shop.variant.pk, quantity=3)

    applied = apply(logistics, newest())

    assert told(applied)[-1] == "0 levels corrected. 1 row is left alone, see why below."
    assert "Moved since the preview: 10 were on hand, 13 are now." in text(applied)
    assert on_hand(shop) == 13


def test_what_is_not_applied_comes_back_as_a_file_that_can_be_sent_again(shop, logistics):
    send(logistics, b"sku,counted,reason\n=1+1,1,@x\nSHIRT,-8,\nSHIRT-2,8,")
    url = page_of(newest(), "not-applied.csv")
    assert url in text(logistics.get(f"{page_of(newest())}/"))

    answer = logistics.get(url)

    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="{newest().number}-not-applied.csv"' in answer["Content-Disposition"]
    assert list(csv.reader(StringIO(body))) == [
        ["sku", "counted", "reason", "line", "why not"],
        ["'=1+1", "1", "'@x", "2", "There is no such SKU."],
        ["SHIRT", "'-8", "", "3", "Nobody counts fewer than 0."],
        ["SHIRT-2", "8", "", "4", "There is no such SKU."],
    ]
    entry = AuditEntry.objects.latest()
    assert (entry.event, entry.actor_email) == ("exported", "logistics@example.com")
    send(logistics, body.encode())
    again = [(c.sku, c.counted_as, c.reason) for c in newest().counts.order_by("line")]
    assert again == [("=1+1", "1", "@x"), ("SHIRT", "-8", ""), ("SHIRT-2", "8", "")]


def test_an_applied_count_that_was_right_offers_no_file(shop, logistics):
    send(logistics, b"sku,counted\nSHIRT,10")

    assert "not-applied.csv" not in text(logistics.get(f"{page_of(newest())}/"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The submitted file is empty."),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8"),
        (b"sku\nSHIRT", "“counted” is missing"),
    ],
)
def test_a_file_that_nobody_can_read_is_told_at_its_field(shop, logistics, content, says):
    before = StockTake.objects.count()

    answer = send(logistics, content)

    assert answer.status_code == 400
    assert says in answer.context["form"].errors["file"][0]
    assert StockTake.objects.count() == before


def test_a_file_that_is_far_too_large_is_not_read(shop, logistics):
    before = StockTake.objects.count()

    answer = send(logistics, b"x" * MAX_FORM_BYTES)

    assert answer.status_code == 413
    assert StockTake.objects.count() == before


def test_rows_come_in_pages_and_by_what_became_of_them(shop, logistics):
    rows = b"\n".join(b"NOT-%d,1" % n for n in range(150))
    send(logistics, b"sku,counted\nSHIRT,8\n" + rows)
    url = f"{page_of(newest())}/"

    first, second = logistics.get(url), logistics.get(f"{url}?page=2")
    refused = logistics.get(f"{url}?outcome=refused&page=2")

    assert (first.context["page"], first.context["pages"]) == (1, 2)
    assert ("NOT-98" in text(first), "NOT-99" in text(first)) == (True, False)
    assert ("NOT-98 " in text(second), "NOT-149" in text(second)) == (False, True)
    assert "SHIRT" not in text(refused).partition("What was counted")[2]


@pytest.mark.parametrize(
    "junk", ["page=0", "page=x", "page=99999", "page=-1", "outcome=x", "page=٣"]
)
def test_junk_in_the_address_shows_rows_all_the_same(shop, logistics, junk):
    answer = logistics.get(f"{page_of(shop.stock_take)}/?{junk}")

    assert answer.status_code == 200
    assert "SHIRT" in text(answer)


def test_who_may_not_adjust_stock_may_look_and_no_more(shop):
    support = browser_of(role=Role.SUPPORT)

    assert support.get(f"{page_of(shop.stock_take)}/").context["object_actions"] == []
    assert send(support, b"sku,counted\nSHIRT,8").status_code == 403
    assert apply(support, shop.stock_take).status_code == 403
    assert on_hand(shop) == 10


def test_a_stock_take_that_is_not_there_has_no_file(shop, logistics):
    assert logistics.get("/admin/stock/stocktake/99999/not-applied.csv").status_code == 404
    assert browser_of().get(page_of(shop.stock_take, "not-applied.csv")).status_code == 302
