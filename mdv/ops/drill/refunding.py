"""What staff do with a paid order: look at a plan, have it done, and try what must not work."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from mdv.ops.drill.asking import Answer, Client, Request, Unexplained, at_once, new_key
from mdv.ops.drill.ledger import Refund
from mdv.ops.drill.plan import DELIVERY_FEE

# More than half: of two of these only one can be had.
RACED_SHARE = Decimal("0.6")
ONE_TOO_MUCH = Decimal("0.01")
TRIES = 5
PLAN_HAS_CHANGED = "plan_has_changed"
TOO_MUCH = frozenset({"exceeds_refundable", PLAN_HAS_CHANGED})

Replay = Callable[[Client, Request, Answer], None]
Wish = dict[str, Any]


class Refunding:
    """Refunds of one paid order."""

    def __init__(self, placed: Mapping[str, Any], *, staff: Client, replay: Replay) -> None:
        self.number: str = placed["number"]
        self.total = Decimal(placed["total"])
        self.lines = {line["sku"]: line["quantity"] for line in placed["lines"]}
        self.staff = staff
        self.ledger = staff.ledger
        self.replay = replay

    def refund_a_unit(self) -> None:
        """Take one unit back from the order, and give its money."""
        self._have_done(_cancelling({min(self.lines): 1}))

    def refund_all(self) -> None:
        """Give all of it back, the delivery too."""
        self._have_done(_cancelling(self.lines) | {"shipping": f"{DELIVERY_FEE:.2f}"})

    def race(self) -> None:
        """Have two people do the same plan at the same moment: one of them must be refused."""
        wish = _goodwill(self.total * RACED_SHARE)
        plan = self._plan(wish)
        first, second = (self._request(wish, plan) for _ in range(2))
        answers = at_once(lambda: self.staff.ask(first), lambda: self.staff.ask(second))
        for answer in answers:
            self._note(answer, wish)
        done = [answer for answer in answers if answer.status == HTTPStatus.CREATED]
        refused = [answer for answer in answers if answer.code in TOO_MUCH]
        with self.ledger.writing() as ledger:
            ledger.races += 1
            ledger.won_once += len(done) == len(refused) == 1

    def refund_too_much(self) -> None:
        """Ask for more than was paid: plain, and under the plan of a refund that is possible."""
        wish = _goodwill(self.total)
        plan = self._plan(wish)
        more = _goodwill(self.total + ONE_TOO_MUCH)
        self._must_be_refused(self.staff.post(self._path("/preview"), more), more)
        self._must_be_refused(self.staff.ask(self._request(more, plan)), more)

    def _must_be_refused(self, answer: Answer, wish: Wish) -> None:
        self._note(answer, wish)
        with self.ledger.writing() as ledger:
            ledger.too_high_asked += 1
            ledger.too_high_refused += answer.code in TOO_MUCH

    def _have_done(self, wish: Wish) -> None:
        for _ in range(TRIES):
            request = self._request(wish, self._plan(wish))
            answer = self.staff.ask(request)
            if answer.status == HTTPStatus.CREATED:
                self._note(answer, wish)
                self.replay(self.staff, request, answer)
                return
            if answer.code != PLAN_HAS_CHANGED:
                break
        raise Unexplained(f"{request}: {answer.status} {answer.code}")

    def _plan(self, wish: Wish) -> str:
        answer = self.staff.post(self._path("/preview"), wish)
        if answer.status != HTTPStatus.OK:
            raise Unexplained(f"preview of {self.number}: {answer.status} {answer.code}")
        return str(answer.json()["plan_hash"])

    def _request(self, wish: Wish, plan: str) -> Request:
        return Request(
            method="POST",
            path=self._path(),
            body=wish | {"plan_hash": plan},
            headers={"Idempotency-Key": new_key()},
        )

    def _path(self, rest: str = "") -> str:
        return f"/staff/orders/{self.number}/refunds{rest}"

    def _note(self, answer: Answer, wish: Wish) -> None:
        """Enter what came of it, if anything did."""
        if answer.status != HTTPStatus.CREATED:
            return
        units = {line["sku"]: line["quantity"] for line in wish["lines"]}
        (told,) = answer.json()["refunds"]  # each of these orders has one payment
        refund = Refund(
            order=self.number,
            payment=told["payment"],
            amount=Decimal(told["amount"]),
            units=units,
        )
        self.ledger.note_refund(told["number"], refund)


def _cancelling(units: Mapping[str, int]) -> Wish:
    lines = [
        {"sku": sku, "quantity": quantity, "restock": "cancel"} for sku, quantity in units.items()
    ]
    return {"lines": lines, "reason": "cancelled"}


def _goodwill(amount: Decimal) -> Wish:
    return {"lines": [], "goodwill": f"{amount:.2f}", "reason": "goodwill"}
