"""The API's doors to events and webhooks: who may, what is read, what is never shown."""

import pytest

from audit.models import AuditEntry
from mdv.accounts import roles
from mdv.accounts.models import ApiToken
from mdv.accounts.roles import Role
from mdv.events import services
from mdv.events.models import WebhookTarget
from mdv.events.signing import secret_of
from mdv.kernel import clock
from tests.events.happenings import LIT, happen, hook, numbered
from tests.orders.ordering import customer, guest, problems, staff

pytestmark = pytest.mark.django_db

WATCHERS = frozenset({Role.ADMIN, Role.SUPERVISOR, Role.AUDITOR})
ADMIN = frozenset({Role.ADMIN})
MANAGE = "events.manage_webhooktarget"
ONE = "/staff/webhooks/{webhook}"
NEW = {"name": "New", "url": "http://127.0.0.1:9/", "contact": "it@example.com"}
ROUTES = [
    ("GET", "/events", None, "events.view_event", WATCHERS),
    ("GET", "/staff/webhooks", None, "events.view_webhooktarget", WATCHERS),
    ("POST", "/staff/webhooks", NEW, MANAGE, ADMIN),
    ("GET", ONE, None, "events.view_webhooktarget", WATCHERS),
    ("PATCH", ONE, {"is_active": False}, MANAGE, ADMIN),
    ("POST", f"{ONE}/rotate-secret", None, MANAGE, ADMIN),
    ("POST", f"{ONE}/ping", None, MANAGE, ADMIN),
    ("GET", f"{ONE}/deliveries", None, "events.view_webhookdelivery", WATCHERS),
    ("POST", f"{ONE}/deliveries/{{delivery}}/redeliver", None, MANAGE, ADMIN),
]
by_route = pytest.mark.parametrize("route", ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])


@pytest.fixture
def places():
    target = hook("http://127.0.0.1:9/")
    numbered()
    return {"webhook": target.pk, "delivery": target.deliveries.get().pk}


@pytest.fixture
def admin():
    return staff(Role.ADMIN)


def call(caller, route, places):
    method, path, body, *_ = route
    return caller.send(method, path.format(**places), body, **{"If-Match": '"1"'})


@by_route
@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_the_table_of_roles_says(route, role, places):
    *_, right, holders = route

    answer = call(staff(role), route, places)

    assert roles.RIGHTS[right] == holders
    if role in holders:
        assert answer.status_code in {200, 201, 202}, answer.content
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@by_route
def test_customers_are_refused_and_strangers_asked_to_log_in(route, places):
    assert call(customer(), route, places).status_code == 403
    assert call(guest(), route, places).status_code == 401


def test_events_are_read_in_order_from_where_one_stopped(admin):
    for number in "ABC":
        happen(number, n=number)

    first = admin.get("/events?limit=2").json()
    then = admin.get(f"/events?after={first['next_after']}").json()
    nothing = admin.get(f"/events?after={then['next_after']}").json()

    assert [(e["seq"], e["kind"], e["number"]) for e in first["results"]] == [
        (1, LIT, "A"),
        (2, LIT, "B"),
    ]
    assert first["results"][0].keys() == {
        "seq",
        "kind",
        "about",
        "number",
        "created_at",
        "payload",
    }
    assert [(e["seq"], e["payload"]) for e in then["results"]] == [(3, {"n": "C"})]
    assert nothing == {"next_after": 3, "results": []}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=1.0", "after"),
        ("after=٣", "after"),
        ("after=%00", "after"),
        ("after=9999999999999999999999", "after"),
        ("after=", "after"),
        ("after=1&after=2", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=all", "limit"),
        ("page=1", "page"),
    ],
)
def test_junk_parameters_are_refused(admin, query, field):
    answer = admin.get(f"/events?{query}")

    assert answer.status_code == 400
    assert [name for name, _ in problems(answer)] == [field]


@pytest.mark.parametrize("events", [1, 500])
def test_reading_takes_two_statements_beside_the_log_in(admin, events, django_assert_num_queries):
    for _ in range(events):
        happen()
    services.number_events()
    ApiToken.objects.update(last_used_at=clock.now())

    with django_assert_num_queries(1 + 1 + 1 + 2):  # BEGIN and COMMIT, as savepoints here
        admin.get("/events?limit=1000")


def test_a_secret_is_shown_when_it_is_made_and_never_again(admin):
    made = admin.send("POST", "/staff/webhooks", NEW)
    where = f"/staff/webhooks/{made.json()['id']}"
    first = made.json()["secret"]
    rotated = admin.send("POST", f"{where}/rotate-secret")
    second = rotated.json()["secret"]

    target = WebhookTarget.objects.get()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1{where}")
    assert first == secret_of(target.previous_salt)
    assert second == secret_of(target.salt) != first
    for path in ("/staff/webhooks", where, f"{where}/deliveries"):
        text = admin.get(path).content.decode()
        for word in (first, second, target.salt, target.previous_salt, "salt", "secret"):
            assert word not in text


def test_the_trail_says_that_a_webhook_changed_and_never_its_secret(admin):
    made = admin.send("POST", "/staff/webhooks", NEW).json()
    admin.send("POST", f"/staff/webhooks/{made['id']}/rotate-secret")
    admin.patch(f"/staff/webhooks/{made['id']}", {"name": "Renamed"})

    entries = list(AuditEntry.objects.filter(content_type__model="webhooktarget").order_by("id"))
    target = WebhookTarget.objects.get()
    assert [entry.event for entry in entries] == ["created", "changed", "changed"]
    assert entries[1].changes["salt"] == ["***", "***"]
    assert entries[2].changes["name"] == ["New", "Renamed"]
    assert {entry.actor_email for entry in entries} == {"admin@example.com"}
    everything = str([entry.changes for entry in entries])
    for word in (target.salt, target.previous_salt, secret_of(target.salt)):
        assert word not in everything


def test_a_webhook_is_changed_by_who_saw_its_present_state(admin):
    made = admin.send("POST", "/staff/webhooks", NEW).json()
    where = f"/staff/webhooks/{made['id']}"
    change = {"kinds": [LIT], "is_active": False}

    blind = admin.send("PATCH", where, change)
    changed = admin.patch(where, change)
    stale = admin.send("PATCH", where, {"name": "Late"}, **{"If-Match": '"1"'})

    assert (blind.status_code, changed.status_code, stale.status_code) == (428, 200, 412)
    assert (changed.json()["kinds"], changed.json()["is_active"]) == ([LIT], False)
    assert admin.get(where).json()["name"] == "New"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"url": "https://127.0.0.1/"}, None),
        ({"url": "https://10.0.0.1/"}, ("url", "unfit_address")),
        ({"url": f"https://{'x' * 500}.example.com/"}, ("url", "max_length")),
        ({"url": 5}, ("url", "invalid")),
        ({"kinds": ["order.plaecd"]}, ("kinds", "unknown_kind")),
        ({"kinds": "order.placed"}, ("kinds", "not_a_list")),
        ({"contact": "nobody"}, ("contact", "invalid")),
        ({"name": ""}, ("name", "blank")),
        ({"salt": "mine"}, ("salt", "unknown_field")),
        ({"secret": "mine"}, ("secret", "unknown_field")),
    ],
)
def test_what_makes_no_sense_is_refused(admin, change, problem):
    answer = admin.send("POST", "/staff/webhooks", {**NEW, **change})

    if problem is None:
        assert answer.status_code == 201
    else:
        assert (answer.status_code, problems(answer)) == (400, [problem])
        assert WebhookTarget.objects.count() == 0


def test_two_webhooks_have_two_names(admin):
    answers = [admin.send("POST", "/staff/webhooks", NEW) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "webhook_name_is_unique"


@pytest.mark.parametrize("path", ["", "/rotate-secret", "/ping", "/deliveries"])
def test_what_is_not_there_is_not_found(admin, path):
    method = "GET" if path in {"", "/deliveries"} else "POST"

    for number in ("99", "9" * 30):
        assert admin.send(method, f"/staff/webhooks/{number}{path}").status_code == 404


def test_a_webhook_that_is_off_is_not_pinged(admin, places):
    services.update_target(target_id=places["webhook"], is_active=False)

    answer = admin.send("POST", f"/staff/webhooks/{places['webhook']}/ping")

    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_is_off")


def test_the_log_shows_every_attempt_and_is_narrowed_by_state(admin, places, receiver):
    WebhookTarget.objects.update(url=receiver.url)
    receiver.answers = [500, 200]
    services.deliver_to(target_id=places["webhook"])
    where = f"/staff/webhooks/{places['webhook']}/deliveries"
    admin.send("POST", f"{where}/{places['delivery']}/redeliver")
    services.deliver_to(target_id=places["webhook"])

    (shown,) = admin.get(f"{where}?state=delivered").json()["results"]

    assert (shown["state"], shown["seq"], shown["kind"], shown["tries"]) == (
        "delivered",
        1,
        LIT,
        2,
    )
    assert [(a["number"], a["status"], a["error"]) for a in shown["attempts"]] == [
        (1, 500, "refused"),
        (2, 200, ""),
    ]
    assert admin.get(f"{where}?state=failed").json()["results"] == []
    assert admin.get(f"{where}?state=junk").status_code == 400


def test_the_log_takes_as_many_statements_for_many_as_for_one(
    admin, places, django_assert_max_num_queries
):
    for _ in range(30):
        numbered()
    ApiToken.objects.update(last_used_at=clock.now())

    # The token, the webhook, the deliveries with their events, the attempts.
    with django_assert_max_num_queries(4):
        admin.get(f"/staff/webhooks/{places['webhook']}/deliveries?page_size=1000")
