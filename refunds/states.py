"""The states of a return, why goods come back and how they arrive."""

from django.db.models import TextChoices

from mdv.kernel.states import StateTable


class ReturnState(TextChoices):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECEIVING = "receiving"
    CLOSED = "closed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ReturnReason(TextChoices):
    DAMAGED = "damaged"
    WRONG_ARTICLE = "wrong_article"
    NOT_AS_DESCRIBED = "not_as_described"
    DOES_NOT_FIT = "does_not_fit"
    CHANGED_MIND = "changed_mind"
    OTHER = "other"


class ReturnSource(TextChoices):
    """Who asked for it."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Condition(TextChoices):
    """How a unit that came back was found."""

    AS_NEW = "as_new"
    USED = "used"
    DAMAGED = "damaged"


# Goods that are agreed to come, or are here and not all counted.
AWAITED = frozenset({ReturnState.APPROVED, ReturnState.RECEIVING})
LIVE = AWAITED | {ReturnState.REQUESTED}
# Something of it may have been received.
HAS_ARRIVED = frozenset({ReturnState.RECEIVING, ReturnState.CLOSED})


class Worklist(TextChoices):
    """What somebody who works with returns has before them."""

    TO_DECIDE = "to_decide"
    TO_RECEIVE = "to_receive"


ON_WORKLIST = {
    Worklist.TO_DECIDE: frozenset({ReturnState.REQUESTED}),
    Worklist.TO_RECEIVE: AWAITED,
}

RETURN = StateTable(
    "return",
    {
        # Who asked for it may think again, as long as nothing has arrived.
        ReturnState.REQUESTED: frozenset(
            {ReturnState.APPROVED, ReturnState.REJECTED, ReturnState.CANCELLED}
        ),
        ReturnState.APPROVED: frozenset(
            {ReturnState.RECEIVING, ReturnState.EXPIRED, ReturnState.CANCELLED}
        ),
        ReturnState.RECEIVING: frozenset({ReturnState.CLOSED}),
        ReturnState.REJECTED: frozenset(),
        ReturnState.CLOSED: frozenset(),
        ReturnState.EXPIRED: frozenset(),
        ReturnState.CANCELLED: frozenset(),
    },
)
