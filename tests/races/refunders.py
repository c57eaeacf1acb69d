"""People who give money back over real HTTP: by the API, and with the back office's composer."""

import re
import time

import httpx

from tests.accounts.people import PASSWORD
from tests.backoffice.shop import nonce
from tests.orders.ordering import new_key
from tests.races.crowds import PATIENCE_S, Client

TRIES = 500
PAUSE_S = 0.2
IN_THE_WAY = {"409 still_running", "503 try_again"}
PLAN = re.compile(r'name="plan_hash"\s+value="([0-9a-f]{64})"')
REFUSALS = {
    "That is more than can be refunded.": "exceeds_refundable",
    "Something has moved since you looked.": "plan_has_changed",
    "A request with this Idempotency-Key is still running.": "still_running",
    "The shop is busy.": "try_again",
}
CHANGED = "409 plan_has_changed"


class ByApi:
    """Somebody with a token. Each of their requests has a connection of its own."""

    done = "201"

    def __init__(self, server, token):
        self.client = Client(server, token)

    def see(self, order, wanted, note):
        """Return the answer's outcome and the plan's hash, if there is one."""
        answer = self.client.send("POST", f"{_path(order)}/preview", _body(order, wanted, note))
        return answer.outcome, answer.json().get("plan_hash")

    def act(self, order, wanted, note, plan_hash):
        """Ask for it, again while others are in the way; return outcome and present plan."""
        body, key = {**_body(order, wanted, note), "plan_hash": plan_hash}, new_key()
        for _ in range(TRIES):
            answer = self.client.act(_path(order), body, key=key)
            if answer.outcome not in IN_THE_WAY:
                break
            time.sleep(PAUSE_S)
        return answer.outcome, answer.json().get("plan_hash")


class ByComposer:
    """Somebody who is logged in to the back office, with a browser that runs no scripts."""

    done = "302"

    def __init__(self, server, person):
        self.client = httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE_S)
        self.client.get("/admin/login/")
        logged_in = self._post("/admin/login/", {"username": person.email, "password": PASSWORD})
        assert logged_in.status_code == 302, logged_in.text

    def see(self, order, wanted, note):
        return _read(self._post(_page(order), _form(order, wanted, note)))

    def act(self, order, wanted, note, plan_hash):
        form = {**_form(order, wanted, note), "plan_hash": plan_hash}
        for _ in range(TRIES):
            outcome, fresh = _read(self._post(_page(order), form))
            if outcome not in IN_THE_WAY:
                break
            time.sleep(PAUSE_S)
        return outcome, fresh

    def end(self):
        self.client.close()

    def _post(self, path, form):
        token = self.client.cookies["csrftoken"]
        return self.client.post(path, data={**form, "csrfmiddlewaretoken": token})


def refund(person, order, wanted, note):
    """Look at the plan and have it done, by whatever plan there is by then; return the outcome."""
    outcome, plan_hash = person.see(order, wanted, note)
    if outcome != "200":
        return outcome
    outcome = CHANGED
    while outcome == CHANGED:
        outcome, plan_hash = person.act(order, wanted, note, plan_hash)
    return outcome


def _path(order):
    return f"/staff/orders/{order.number}/refunds"


def _body(order, wanted, note):
    units = wanted.get("units", 0)
    line = {"sku": order.sku, "quantity": units, "restock": "cancel"}
    money = {"shipping": wanted["shipping"]} if "shipping" in wanted else {}
    return {"lines": [line] if units else [], **money, "reason": "cancelled", "note": note}


def _page(order):
    return f"/admin/orders/order/{order.pk}/refund/"


def _form(order, wanted, note):
    return {
        f"cancel_{order.line_id}": str(wanted.get("units", "")),
        "shipping": wanted.get("shipping", ""),
        "method": "by_provider",
        "reason": "cancelled",
        "note": note,
        "nonce": nonce(),
    }


def _read(page):
    """Return what a page says became of it, in the API's words, and the plan that it shows."""
    said = [code for words, code in REFUSALS.items() if words in page.text]
    plan = PLAN.search(page.text)
    return " ".join([str(page.status_code), *said]), plan and plan[1]
