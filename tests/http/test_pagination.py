"""Lists are paged through completely, each row once, whatever they are ordered by."""

import base64
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mdv.http import pagination
from mdv.http.pagination import Pages
from tests.http import lists
from tests.http.lists import ORDERS, Thing

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.http.urls")]

PATH = "/api/v1/things"


@pytest.fixture
def things(db):
    lists.make(150)
    return Thing.objects


def get(client, **parameters):
    return client.get(PATH, parameters)


def walk(client, **parameters):
    """Follow `next` to the end and return the pages."""
    response = get(client, **parameters)
    pages = [response.json()["results"]]
    while url := response.json()["next"]:
        response = client.get(url)
        assert response.status_code == 200, response.content
        pages.append(response.json()["results"])
        assert len(pages) < 1000
    return pages


def cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


class TestPages:
    def test_a_list_has_twenty_rows_and_a_way_on(self, things, client):
        answer = get(client).json()

        assert answer["results"] == list(range(1, 21))
        assert answer["next"].startswith("http://testserver/api/v1/things?cursor=")

    def test_the_last_page_has_no_way_on(self, things, client):
        assert [len(page) for page in walk(client, page_size=50)] == [50, 50, 50]
        assert walk(client, page_size=100)[-1] == list(range(101, 151))

    def test_an_empty_list_is_one_empty_page(self, client):
        lists.make(0)

        assert get(client).json() == {"next": None, "results": []}

    @pytest.mark.parametrize("ordering", ORDERS)
    def test_every_row_comes_once_in_the_databases_own_order(self, ordering, things, client):
        annotated = lists.Things().queryset()
        in_order = list(annotated.order_by(*ORDERS[ordering]).values_list("pk", flat=True))

        pages = walk(client, ordering=ordering, page_size=7)

        assert [row for page in pages for row in page] == in_order

    def test_rows_with_one_and_the_same_value_are_paged_through(self, client):
        lists.make(2_500)

        for ordering in ("same", "-same"):
            rows = [row for page in walk(client, ordering=ordering, page_size=100) for row in page]
            assert sorted(rows) == list(range(1, 2_501))

    def test_a_row_that_comes_or_goes_meanwhile_moves_no_other(self, things, client):
        first = get(client, page_size=10).json()
        things.filter(pk__in=[1, 2, 10]).delete()

        second = client.get(first["next"]).json()

        assert second["results"] == list(range(11, 21))

    def test_each_page_is_one_query(self, things, client):
        first = get(client, ordering="name", page_size=10).json()

        with CaptureQueriesContext(connection) as queries:
            client.get(first["next"])

        assert len([query for query in queries if "http_tests_thing" in query["sql"]]) == 1

    def test_the_way_on_keeps_every_parameter_also_one_that_comes_twice(self, things, client):
        url = client.get(f"{PATH}?tag=a&tag=b%26c&page_size=10").json()["next"]

        assert "tag=a&tag=b%26c&page_size=10" in url

    def test_a_page_far_down_is_where_the_index_is_entered(self, db):
        lists.make(5_000)
        with connection.cursor() as cursor_:
            cursor_.execute("CREATE INDEX by_price ON http_tests_thing (price, id)")
            cursor_.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        queryset = Thing.objects.order_by("price", "pk")
        columns = [pagination._Column(name, queryset) for name in ("price", "pk")]  # noqa: SLF001

        behind = pagination._after(columns, [Decimal("3.75"), 4_000])  # noqa: SLF001
        plan = queryset.filter(behind)[:20].explain()

        assert "Index Cond: (price >= 3.75)" in plan


class TestPageSize:
    @pytest.mark.parametrize(("given", "rows"), [("1", 1), ("7", 7), ("100", 100), ("007", 7)])
    def test_a_size_within_its_bounds_is_kept(self, given, rows, things, client):
        assert len(get(client, page_size=given).json()["results"]) == rows

    @pytest.mark.parametrize(
        "given",
        [
            "0", "-1", "101", "abc", "", " ", "1e3", "1.0", "+5", "٣", "\uff15", "²", "1_0", "0x10",
            "0000000501", "00000001999999", "9" * 5000, "1\0", "null",
        ],
    )  # fmt: skip
    def test_any_other_is_refused(self, given, things, client):
        response = get(client, page_size=given)

        assert response.status_code == 400
        assert response.json()["errors"] == [
            {"field": "page_size", "code": "invalid", "message": "A whole number from 1 to 100."}
        ]


class TestCursors:
    JUNK = [
        "",
        "x",
        "not base64!",
        "====",
        "%00",
        "\0",
        "é",
        "٣",
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b'"7"').decode(),
        base64.b64encode(b'{"same": 7, "id": 1}').decode(),
        base64.b64encode(b"7").decode(),
        base64.b64encode(b"null").decode(),
        base64.b64encode(b"[" * 3000).decode(),
        cursor(),
        cursor(7),
        cursor(7, 1, 1),
        cursor(7, "one"),
        cursor(7, "1\0"),
        cursor(7, None),
        cursor(None, 1),
        cursor(7, True),
        cursor(7, [1]),
        cursor(7, {"gt": 1}),
        cursor(7, 2**31 * 2**40),
        cursor(2**40, 1),
        cursor(7, "9" * 5000),
        cursor("Infinity", 1),
        cursor(1e308, 1),
    ]

    @pytest.mark.parametrize("given", JUNK, ids=lambda given: repr(given[:24]))
    def test_junk_is_refused(self, given, things, client):
        response = get(client, ordering="same", cursor=given)

        assert response.status_code == 400
        assert response.json()["errors"] == [
            {
                "field": "cursor",
                "code": "invalid",
                "message": "This cursor was not made for this list.",
            }
        ]

    @pytest.mark.parametrize(
        ("ordering", "first"),
        [
            ("-price", "10.005"),
            ("-price", "NaN"),
            ("-price", 1.5),
            ("-price", True),
            ("made_at", "yesterday"),
            ("made_at", 5),
            ("made_at", "2026-01-01"),
            ("made_at", "2026-01-01T00:00:00"),
            ("made_at", "99999-01-01T00:00:00Z"),
            ("day", "2026-02-30"),
            ("name", "n" * 21),
            ("name", "n\0"),
            ("active", 1),
            ("active", "yes"),
            ("rank", "much"),
        ],
    )
    def test_a_value_that_is_none_of_the_columns_is_refused(self, ordering, first, things, client):
        response = get(client, ordering=ordering, cursor=cursor(first, 1))

        assert (response.status_code, response.json()["code"]) == (400, "invalid")

    def test_a_cursor_of_another_list_is_refused_where_it_does_not_fit(self, things, client):
        url = get(client, ordering="name").json()["next"]

        response = client.get(url.replace("ordering=name", "ordering=made_at"))

        assert response.status_code == 400


@pytest.mark.parametrize("order", [[], ["name"], ["pk", "name"]])
def test_a_list_whose_order_does_not_end_in_the_primary_key_is_our_mistake(order, things, rf):
    with pytest.raises(AssertionError, match="primary key"):
        Pages().paginate_queryset(things.order_by(*order), rf.get("/"))
