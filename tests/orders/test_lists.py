"""Lists of orders: what they can be asked for, and that asking stays quick."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from mdv.accounts.roles import Role
from mdv.kernel import clock
from shop.orders import services
from shop.orders.models import Order
from tests.orders.many import make_many_orders
from tests.orders.ordering import (
    act,
    customer,
    deliver_everywhere,
    guest,
    placed,
    problems,
    sell,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(db):
    return staff(Role.SUPPORT)


@pytest.fixture
def three(db):
    """Three different orders, the newest last."""
    deliver_everywhere("500.00")
    sell("SHIRT", "1500.00")
    sell("CAP", "100.00")
    by_transfer = placed(guest(), ("SHIRT", 1), total="2000.00", email="ann@example.com")
    collected = placed(
        guest(),
        ("CAP", 1),
        total="100.00",
        email="bob@example.com",
        phone="0803 000 0001",
        delivery_method="pickup",
        shipping_address=None,
        payment_method="pay_at_pickup",
    )
    cancelled = placed(guest(), ("SHIRT", 1), ("CAP", 1), total="2100.00", email="cy@example.com")
    act(
        guest(),
        f"/orders/{cancelled['number']}/cancel",
        **{"X-Order-Token": cancelled["access_token"]},
    )
    return {
        "transfer": by_transfer["number"],
        "pickup": collected["number"],
        "cancelled": cancelled["number"],
    }


def numbers(caller, query="", path="/staff/orders"):
    answer = caller.get(f"{path}{query}")
    assert answer.status_code == 200, answer.content
    return [order["number"] for order in answer.json()["results"]]


def test_staff_see_all_orders_the_newest_first(clerk, three):
    assert numbers(clerk) == [three["cancelled"], three["pickup"], three["transfer"]]


def test_a_row_of_the_staffs_list_says_who_and_how_much(clerk, three):
    row = clerk.get("/staff/orders?status=cancelled").json()["results"][0]

    assert row == {
        "number": three["cancelled"],
        "status": "cancelled",
        "payment_status": "unpaid",
        "cancel_reason": "customer",
        "delivery_method": "delivery",
        "payment_method": "bank_transfer",
        "currency": "NGN",
        "total": "2100.00",
        "due": "2100.00",
        "created_at": row["created_at"],
        "name": "Ada Obi",
        "email": "cy@example.com",
        "phone": "+234 801 234 5678",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=pending", {"transfer", "pickup"}),
        ("status=cancelled", {"cancelled"}),
        ("payment_status=unpaid", {"transfer", "pickup", "cancelled"}),
        ("payment_status=paid", set()),
        ("delivery_method=pickup", {"pickup"}),
        ("payment_method=bank_transfer", {"transfer", "cancelled"}),
        ("payment_method=bank_transfer&status=pending", {"transfer"}),
        ("search=ann@exa", {"transfer"}),
        ("search=ANN@example.com", {"transfer"}),
        ("search=0803", {"pickup"}),
        ("search=CAP", {"pickup", "cancelled"}),
        ("search=SHIRT&status=cancelled", {"cancelled"}),
        ("search=nobody", set()),
    ],
)
def test_staff_narrow_the_list(clerk, three, query, found):
    assert set(numbers(clerk, f"?{query}")) == {three[name] for name in found}


def test_an_order_is_found_by_the_beginning_of_its_number_however_it_is_typed(clerk, three):
    number = three["transfer"]

    for typed in (number, number[:7], number.lower(), number[2:], number[2:7].lower()):
        assert number in numbers(clerk, f"?search={typed}")


def test_the_list_is_narrowed_to_a_period(clerk, three):
    week_ago = clock.now() - timedelta(days=7)
    Order.objects.filter(number=three["transfer"]).update(created_at=week_ago)
    start = week_ago.strftime("%Y-%m-%dT%H:%M:%SZ")
    end = (week_ago + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    inside = numbers(clerk, f"?created_from={start}&created_before={end}")
    after = numbers(clerk, f"?created_from={end}")

    assert inside == [three["transfer"]]
    assert after == [three["cancelled"], three["pickup"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("status=", "status"),
        ("status=pending&status=cancelled", "status"),
        ("payment_status=maybe", "payment_status"),
        ("created_from=yesterday", "created_from"),
        ("created_from=2026-13-01T00:00:00Z", "created_from"),
        ("search=ab", "search"),
        ("search=a%00b", "search"),
        ("search=" + "a" * 300, "search"),
        ("ordering=total", "ordering"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
        ("page_size=many", "page_size"),
        ("cursor=junk", "cursor"),
        ("user=1", "user"),
    ],
)
def test_junk_in_a_query_is_a_400_that_names_the_parameter(clerk, three, query, field):
    answer = clerk.get(f"/staff/orders?{query}")

    assert answer.status_code == 400
    assert [named for named, _ in problems(answer)] == [field]


def test_a_customer_narrows_their_own_list(three):
    ada = customer()
    paid_later = placed(ada, ("SHIRT", 1), total="2000.00")["number"]
    at_the_door = placed(ada, ("SHIRT", 1), total="2000.00", payment_method="cash_on_delivery")[
        "number"
    ]
    services.confirm_pay_on_delivery(number=at_the_door, at=clock.now())

    assert numbers(ada, path="/orders") == [at_the_door, paid_later]
    assert numbers(ada, "?status=pending", path="/orders") == [paid_later]
    assert numbers(ada, "?payment_status=unpaid", path="/orders") == [at_the_door, paid_later]
    assert ada.get("/orders?email=x").status_code == 400
    assert ada.get("/orders?page_size=101").status_code == 400


def test_walking_through_the_pages_meets_every_order_once(clerk):
    make_many_orders(25)

    seen, path = [], "/staff/orders?page_size=10"
    while path:
        page = clerk.get(path).json()
        seen += [order["number"] for order in page["results"]]
        following = urlsplit(page["next"] or "")
        path = following.query and f"/staff/orders?{following.query}"

    assert seen == [f"M-{n:08}" for n in range(1, 26)]


def test_a_search_among_ten_thousand_orders_reads_no_table_from_end_to_end():
    make_many_orders(10_000)
    found = {
        "M-00001234": 1,
        "0000123": 10,
        "user1234@": 1,
        "user1234@example.com": 1,
        "+2348000001234": 1,
        "SKU-M-00001234": 1,
        "nobody-knows-this": 0,
    }

    for term, count in found.items():
        search = Order.objects.search(term).order_by("-created_at", "-id")

        assert search.count() == count
        plan = search[:101].explain()
        assert "Seq Scan on orders_order" not in plan, plan
