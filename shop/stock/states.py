"""What can happen to stock, and to a count of it."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class MovementKind(TextChoices):
    RECEIPT = "receipt"
    ADJUST = "adjust"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    RETURN = "return"


class StockTakeState(TextChoices):
    PREVIEWED = "previewed"
    APPLIED = "applied"


STOCK_TAKE = StateTable(
    "the stock-take", {StockTakeState.PREVIEWED: frozenset({StockTakeState.APPLIED})}
)


class CountOutcome(TextChoices):
    """What became of one row of a stock-take."""

    DIFFERS = "differs"
    AGREES = "agrees"
    REFUSED = "refused"
    CORRECTED = "corrected"
    MOVED = "moved", "Moved since"
    HELD = "held", "Held by orders"

    @classmethod
    def not_applied(cls) -> tuple["CountOutcome", ...]:
        """Return those that somebody has to look into."""
        return cls.REFUSED, cls.MOVED, cls.HELD
