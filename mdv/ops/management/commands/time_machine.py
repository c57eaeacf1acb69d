"""`manage.py time_machine`: what something was at an instant, and whether the books replay."""

import json
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from mdv.kernel import clock
from mdv.ops.time_machine import telling
from mdv.ops.time_machine.checking import CHECKED, Compared, check_everything, check_order
from mdv.ops.time_machine.orders import OrderTrail, order_named, payments_named
from mdv.ops.time_machine.stock import stock_then
from shop.stock.models import StockItem

BAD_INPUT = 2
DIFFERENCES = 1
EVERYTHING = ""
KINDS = ("order", "payment", "stock")


class Command(BaseCommand):
    help = (
        "Show an order, a payment or a stock item as it was at an instant, out of the trail and "
        "the ledgers. With --check compare their replay with what is there: ends with 1 if "
        "anything differs. Ends with 2 if what is asked for cannot be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", nargs="?", choices=KINDS)
        parser.add_argument("name", nargs="?", help="Order's number, payment's reference, or SKU.")
        parser.add_argument(
            "--at", type=an_instant, help="Such as 2026-11-21T10:00Z; UTC where no zone is said."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON.")
        parser.add_argument(
            "--check",
            nargs="?",
            const=EVERYTHING,
            metavar="ORDER",
            help="Compare the replay with the rows: of everything, or of one order.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Show or check.

        Raises:
            CommandError: 1, something differs; 2, it cannot be asked for.
        """
        kind, name, at = options["kind"], options["name"], options["at"]
        if options["check"] is not None:
            if kind or at or options["json"]:
                raise bad_input("--check takes nothing but the number of an order.")
            self._check(options["check"])
        elif not kind or not name:
            raise bad_input("Say what to look at, such as: order M-7Z3K9Q2X --at 2026-11-21T10:00Z")
        elif at and at > clock.now():
            raise bad_input(f"{telling.written(at)} has not come yet.")
        else:
            show = {"order": self._order, "payment": self._payment, "stock": self._stock}[kind]
            show(name, at, as_json=options["json"])

    def _order(self, number: str, at: datetime | None, *, as_json: bool) -> None:
        then = OrderTrail(known_order(number)).at(at)
        if as_json:
            self._json(telling.order_facts(then, moment=at))
        else:
            self._say(telling.order_lines(then, moment=at))

    def _payment(self, reference: str, at: datetime | None, *, as_json: bool) -> None:
        found = payments_named(reference)
        if not found:
            raise bad_input(f"The trail knows no payment {reference}.")
        then = [(OrderTrail(order_id).at(at), key) for order_id, key in found]
        if as_json:
            payments = [telling.payment_facts(one, key=key) for one, key in then]
            self._json({"at": at, "payments": payments})
        else:
            for one, key in then:
                self._say(telling.payment_lines(one, key=key, moment=at))

    def _stock(self, sku: str, at: datetime | None, *, as_json: bool) -> None:
        item = StockItem.objects.select_related("variant").filter(variant__sku=sku).first()
        if item is None:
            raise bad_input(f"There never was any stock of {sku}.")
        then = stock_then(item, at=at)
        if as_json:
            self._json(telling.stock_facts(then, moment=at))
        else:
            self._say(telling.stock_lines(then, moment=at))

    def _check(self, number: str) -> None:
        began = clock.now()
        compared = check_order(known_order(number)) if number else check_everything()
        rows, counters, differences = self._report(compared)
        for name, count in rows.items():
            self.stdout.write(f"{count:>9} {name}, {counters[name]} counters")
        seconds = (clock.now() - began).total_seconds()
        total = f"{rows.total()} rows and {counters.total()} counters in {seconds:.1f} s"
        if differences:
            message = f"Compared {total}: {differences} differences."
            raise CommandError(message, returncode=DIFFERENCES)
        self.stdout.write(f"Compared {total}: the replay is what is there.")

    def _report(self, compared: Iterable[Compared]) -> tuple[Counter[str], Counter[str], int]:
        rows: Counter[str] = Counter(dict.fromkeys(map(named, CHECKED), 0))
        counters: Counter[str] = Counter()
        differences = 0
        for part in compared:
            name = named(part.model)
            rows[name] += part.rows
            counters[name] += part.counters
            differences += len(part.differences)
            self._say(map(str, part.differences))
        return rows, counters, differences

    def _json(self, facts: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(facts, cls=DjangoJSONEncoder, indent=2))

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def an_instant(text: str) -> datetime:
    """Return a moment that was typed, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no moment such as 2026-11-21T10:00Z") from None


def known_order(number: str) -> int:
    """Return an order's id.

    Raises:
        CommandError: 2, nobody knows the number.
    """
    found = order_named(number)
    if found is None:
        raise bad_input(f"The trail knows no order {number}.")
    return found


def named(model: type[Model]) -> str:
    """Return what many rows of a model are called."""
    return str(model._meta.verbose_name_plural)


def bad_input(message: str) -> CommandError:
    return CommandError(message, returncode=BAD_INPUT)
