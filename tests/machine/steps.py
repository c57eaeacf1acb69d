"""How one step is taken: foretold, tried, and compared with what it should have done."""

from collections import Counter
from datetime import UTC, datetime

from django.db import IntegrityError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mdv.kernel.errors import DomainError
from tests.machine import past, shop
from tests.machine.books import PRICES, Books
from tests.refunds.refunding import FakeGateway

OPENED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
STOCK = 12
# After so many steps it is kept what the shop is, to be asked of the time machine in the end.
KEPT_EVERY = 9

DONE = "done"
UNCHANGED = "unchanged"
SKUS = sorted(PRICES)
# Which of the things that fit, counted from the newest.
WHICH = st.integers(0, 20)
# Now and then any of them, whether it fits or not.
AT_RANDOM = st.sampled_from([False, False, False, False, True])
UNITS = st.fixed_dictionaries(
    {SKUS[0]: st.integers(1, 4)}, optional={sku: st.integers(1, 4) for sku in SKUS[1:]}
)


def move(*, of="", fits="", often=1, **arguments):
    """Make a method one of the moves, with strategies for its arguments.

    With `of`, the name of a list in the books, it gets one of these: mostly one that shows by its
    property `fits` that the step is possible. `often` is the move's weight. All moves stay possible
    in every shop, which rules of Hypothesis's own would not: it leaves some out of each run, and
    goods go a long way before they come back.
    """

    def marked(method):
        method.of, method.fits, method.often = of, fits, often
        method.arguments = st.fixed_dictionaries(arguments)
        return method

    return marked


class Steps(RuleBasedStateMachine):
    """Takes steps. The moves are in the classes below it."""

    tables = ()  # of the database, read once
    people = {}  # their ids, by role
    gateway = FakeGateway()  # that gives money back
    # By all machines of a run: what was tried, and what was foretold of it.
    foretold = Counter()
    kept_of_all = 0
    doing = ""

    @initialize()
    def open_shop(self):
        self.books, self.at = Books(), OPENED_AT
        self.gateway.held.clear()
        shop.open_shop(self.tables, stock=STOCK)
        self.books.on_hand.update(dict.fromkeys(SKUS, STOCK))
        self.seen = shop.fingerprint(self.tables)
        self.taken, self.kept = 0, []

    def teardown(self):
        """See that the past is what it was, and that it leads to the present."""
        trails = past.trails()
        for at, snapshot in self.kept:
            then = past.snapshot(trails, at)
            assert then == {name: snapshot[name] for name in then}
        assert past.differences() == []
        Steps.kept_of_all += len(self.kept)

    @rule(data=st.data())
    def do_something(self, data):
        at_random = data.draw(AT_RANDOM, label="at random")
        found = [getattr(self, name) for name in dir(type(self))]
        moves = [one for one in found if hasattr(one, "arguments")]
        pools = {one.__name__: self._pool(one, at_random=at_random) for one in moves}
        # What brings goods on their way first: towards it Hypothesis makes its examples simpler.
        moves.sort(key=lambda one: (-one.often, one.__name__))
        names = [
            one.__name__
            for one in moves
            for _ in range(1 if at_random and one.fits else one.often)
            if pools[one.__name__]
        ]
        if at_random:  # with what need not fit, where it could
            names = [name for name in names if getattr(self, name).fits] or names
        chosen = getattr(self, data.draw(st.sampled_from(names), label="move"))
        pool = pools[chosen.__name__]
        given = [pool[-1 - data.draw(WHICH, label="which") % len(pool)]] if chosen.of else []
        self.doing = chosen.__name__
        chosen(*given, **data.draw(chosen.arguments, label="with"))

    def _pool(self, one, *, at_random):
        """What a move may be about, the newest last."""
        if not one.of:
            return [None]
        everything = getattr(self.books, one.of)
        is_any = at_random or not one.fits
        return [thing for thing in everything if is_any or getattr(thing, one.fits)]

    def take(self, foretold, act, book=None):
        """Take a step, by which what was foretold must happen, and compare all there is.

        Foretold is DONE, UNCHANGED or the code of a refusal: of these two nothing may be left.
        What is done is entered in the books by `book`, given what `act` returned.
        """
        Steps.foretold[self.doing, foretold] += 1
        outcome, result = DONE, None
        try:
            result = act()
        except DomainError as refusal:
            outcome = refusal.code
        except IntegrityError as refusal:
            outcome = refusal.__cause__.diag.constraint_name
        expected = DONE if foretold == UNCHANGED else foretold
        assert outcome == expected, f"{outcome} instead of {expected}"
        present = shop.fingerprint(self.tables)
        if foretold != DONE:
            changed = [name for name in self.tables if present[name] != self.seen[name]]
            assert not changed, f"{foretold}, and yet there is something new in {changed}"
        elif book:
            book(result)
        self.seen = present
        assert shop.snapshot(self._role_of) == self.books.snapshot()
        assert shop.broken_invariants() == []
        self.taken += 1
        if self.taken % KEPT_EVERY == 0:
            self.kept.append((past.now(), self.books.snapshot()))

    def _role_of(self, user_id):
        return next(role for role, one in self.people.items() if one == user_id)
